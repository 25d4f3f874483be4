"""What the report of a drill says: who took which leg after how long against the plan, what went wrong, what was learnt (14.10)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from referrals.emergency.incident_texts import FAULT_TEXTS, LEG_TEXTS, PART_TEXTS, role_text
from referrals.emergency.models import Drill, DrillChange, DrillPlayer, Incident, Leg, LegStep, Timeline
from referrals.emergency.rules.drill_timing import Stop, Timing, net, timing
from referrals.emergency.rules.drills import Part
from referrals.emergency.rules.grades import STEP_WAIT, Grade, LegKind
from referrals.emergency.rules.incident_moves import LENGTH, IncidentClock
from referrals.emergency.workflow import own_times

_NOBODY: Sequence[datetime] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timings: what was measured, how long it took and what the plan allows, both in minutes and seconds."""

    what: str
    took: str
    allowed: str
    is_late: bool
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """All of it, as page and paper show it. ``ran`` is without the stops."""

    drill: Drill
    number: str
    ran: str
    lines: list[Line]
    faults: list[tuple[str, str]]
    players: list[tuple[str, str]]
    changes: list[DrillChange]


def report_of(drill: Drill) -> Report:
    """Of a drill of the open school that has begun."""
    assert drill.incident_id is not None
    incident = Incident.objects.get(pk=drill.incident_id)
    at: dict[tuple[str, str], list[datetime]] = defaultdict(list)
    for code, leg, moment in Timeline.objects.filter(incident=incident).values_list("code", "leg__kind", "at"):
        at[code, leg or ""].append(moment)
    stops = _stops(at, drill)
    players = list(DrillPlayer.objects.filter(drill=drill).select_related("member").order_by("part", "pk"))
    return Report(
        drill,
        incident.number,
        _minutes(net(drill.begun_at, drill.ended_at, stops)) if drill.begun_at and drill.ended_at else "",
        [*_whole(incident, at, stops, drill.ended_at), *_legs(incident, at, stops, drill.ended_at)],
        [
            (f"{LEG_TEXTS[LegKind(row.leg)]} {row.position + 1}", str(FAULT_TEXTS[row.fault]))
            for row in drill.faults.order_by("leg", "position")
        ],
        [(row.member.name, str(PART_TEXTS[Part(row.part)])) for row in players],
        list(drill.changes.select_related("who")),
    )


def _stops(at: Mapping[tuple[str, str], list[datetime]], drill: Drill) -> list[Stop]:
    ends = [*at["drill.resumed", ""], *([drill.ended_at] if drill.ended_at else [])]
    return [
        (since, min((end for end in ends if end >= since), default=since)) for since in sorted(at["drill.frozen", ""])
    ]


def _whole(
    incident: Incident, at: Mapping[tuple[str, str], list[datetime]], stops: Sequence[Stop], ended: datetime | None
) -> list[Line]:
    taken = min(at["leg.acknowledge", LegKind.SCHOOL] + at["leg.engage", LegKind.SCHOOL], default=None)
    rows = (
        (
            _("Grade written"),
            timing(taken, at["grade.written", ""], own_times.incident_clock(IncidentClock.GRADE), stops, ended=ended),
        ),
        (
            _("First contact with the person"),
            timing(incident.opened_at, at["contacted", ""], LENGTH[IncidentClock.CONTACT], stops, ended=ended),
        ),
    )
    return [_line(what, found) for what, found in rows if found is not None]


def _legs(
    incident: Incident, at: Mapping[tuple[str, str], list[datetime]], stops: Sequence[Stop], ended: datetime | None
) -> list[Line]:
    waits = dict(
        LegStep.objects.filter(leg__incident=incident, purpose=LegStep.Purpose.STEP)
        .order_by("-position")
        .values_list("leg_id", "wait_seconds")
    )
    lines = []
    for leg in sorted(Leg.objects.filter(incident=incident), key=lambda leg: list(LegKind).index(LegKind(leg.kind))):
        title = str(LEG_TEXTS[LegKind(leg.kind)])
        called = min(at["leg.step_due", leg.kind], default=None)
        seconds = waits.get(leg.pk)
        allowed = timedelta(seconds=seconds) if seconds is not None else STEP_WAIT[Grade(leg.grade)]
        took = [
            *at["leg.acknowledge", leg.kind], *at["leg.engage", leg.kind], *at["leg.take", leg.kind],
        ]  # fmt: skip
        found = timing(called, took, allowed, stops, ended=ended)
        if found is None:
            lines.append(Line(title, _("not called"), "", is_late=False))
            continue
        lines.append(_line(_("%(leg)s: called until taken") % {"leg": title}, found))
        there = timing(min(took, default=None), at["leg.engage", leg.kind], None, stops)
        if there is not None:
            lines.append(_line(_("%(leg)s: taken until there") % {"leg": title}, there))
    return lines


def _line(what: str, found: Timing) -> Line:
    return Line(
        what,
        _minutes(found.took) if found.took is not None else _("did not come to it"),
        _minutes(found.allowed) if found.allowed is not None else "",
        found.is_late,
        found.is_open,
    )


def _minutes(length: timedelta) -> str:
    seconds = int(length.total_seconds())
    return _("%(minutes)d min %(seconds)02d s") % {"minutes": seconds // 60, "seconds": seconds % 60}


def step_choices(legs: Sequence[tuple[str, int, str]]) -> list[tuple[str, str]]:
    """``leg:position`` of each step → as what it calls."""
    return [
        (f"{leg}:{position}", f"{LEG_TEXTS[LegKind(leg)]} {position + 1} · {role_text(role)}")
        for leg, position, role in legs
    ]

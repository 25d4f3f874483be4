"""``/centre/emergency/<id>/``: all of it for the centre and who is on duty; for everybody else their own row (chain §6)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.access import signed_in
from accounts.actor import ActingRequest
from audit import record_read
from kernel.errors import NotFound
from referrals.emergency.centre.incident_acts import offered, whole_offered
from referrals.emergency.centre.incident_clocks import Clock, left
from referrals.emergency.centre.incident_first import first_of
from referrals.emergency.centre.incident_happened import happened
from referrals.emergency.centre.incident_offers import names
from referrals.emergency.centre.incident_reading import Read, read, tag_of, timeline_of
from referrals.emergency.centre.incident_shown import ShownLeg, at_text, shown
from referrals.emergency.centre.incident_tasks import tasks_of
from referrals.emergency.centre.incident_telling import is_handled, is_own, task_of, waits_for, who_knows
from referrals.emergency.drills import band_of, page_behind
from referrals.emergency.incident_texts import PARTY_TEXTS, happened_text
from referrals.emergency.models import Company, FirstWord, Home, Incident, Leg, Place
from referrals.emergency.reports import sent_by
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.clocks import ETAS
from referrals.emergency.rules.grades import PARTY_OF, Grade, LegKind, Party
from referrals.emergency.rules.incident_moves import LIVE, IncidentClock, IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import OPEN, LegState
from referrals.emergency.rules.opening import REPORT_WITHIN, minutes_between
from referrals.emergency.workflow.agreeing import may_have_plan
from referrals.emergency.workflow.keeping import last_day
from referrals.emergency.workflow.standing import known_to
from tenancy.models import Tenant
from ui.lists import page_of
from ui.navigation import at_desk
from ui.states import sign_of
from ui.templatetags.ui import school_time

MOST_ROWS: Final = 500
"""Rows of the timeline on one page."""
_RECENT: Final = 12
_BESIDE: Final = 60
"""Acts from this rank on never stand on a card by themselves."""


@require_safe
@signed_in
def incident(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """One incident, cut to the reader's row. Every look but the reporter's is recorded: they see nothing of anybody."""
    actor = request.actor
    tag = tag_of(incident_id)  # before anything is read, so that nothing happens unseen in between
    found = read(actor, request.tenant, incident_id)
    if actor.may("incident.read"):
        record_read(actor=actor, action="incident.read", obj=found.incident)
        return render(request, "emergency/incident.html", {**_whole(request, found), "tag": tag})
    task = task_of(found)
    if task is not None:
        record_read(actor=actor, action="incident.read", obj=found.incident)
        context = {
            "incident": found.incident,
            "task": task,
            "legs": [(shown(found, leg), _doors(found, leg)) for leg in task.legs],
            "read": found,
            "tag": tag,
            "etas": ETAS,
            "quick_exit": True,
            "band": band_of(found.incident),
            "drill_page": page_behind(found.incident),
        }
        return render(request, "emergency/incident_task.html", context)
    report = sent_by(actor.membership_id).filter(pk=incident_id).first() if actor.membership_id else None
    if report is not None:
        context = {"report": report, "is_handled": is_handled(found.incident, found.school), "quick_exit": True}
        return render(request, "emergency/incident_reported.html", context)
    raise NotFound


@require_safe
@signed_in
def state(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Whether something has happened since a page was opened: an answer without a body (304) to the tag that it bears.

    For whoever reads the incident or a task of it; it says nothing else, and leaves no row of the record.
    """
    actor = request.actor
    if not known_to(actor.membership_id).filter(pk=incident_id).exists():
        raise NotFound
    if not actor.may("incident.read") and task_of(read(actor, request.tenant, incident_id)) is None:
        raise NotFound
    tag = tag_of(incident_id)
    answer = JsonResponse({"state": tag.strip('"')}, headers={"ETag": tag})
    return get_conditional_response(request, etag=tag, response=answer) or answer


@dataclass(frozen=True, slots=True)
class Doors:
    """The acts of one leg: the main one, and those behind "more"."""

    main: tuple[str, Any] | None
    more: list[tuple[str, Any]]


def _doors(found: Read, leg: Leg) -> Doors:
    acts = offered(found, leg)
    main = acts[0] if acts and acts[0][1].rank < _BESIDE else None
    return Doors(main, acts[1:] if main else acts)


def _whole(request: ActingRequest, found: Read) -> dict[str, Any]:
    one = found.incident
    legs = [shown(found, leg) for leg in found.legs.values()]
    tracks = []
    for party, (title, icon) in PARTY_TEXTS.items():
        own = [row for row in legs if PARTY_OF[LegKind(row.kind)] is party and row.kind != LegKind.TEAM]
        tracks.append((party, title, icon, [(row, _doors(found, row.leg)) for row in own]))
    own = [row for row in legs if is_own(found, row.leg) and LegState(row.leg.state) in OPEN]
    mine = min(
        own, key=lambda row: not waits_for(found, row.leg), default=None
    )  # what waits for an answer before what has one
    if mine is not None and mine.kind != LegKind.TEAM:
        tracks.sort(key=lambda track: all(row is not mine for row, _doors in track[3]))
        tracks = [(*track[:3], sorted(track[3], key=lambda one: one[0] is not mine)) for track in tracks]
    team = next((row for row in legs if row.kind == LegKind.TEAM), None)
    events = page_of(timeline_of(one), request.GET.get("page"), MOST_ROWS, lambda rows: happened(found, rows))
    rows = list(reversed(events.object_list))
    grade = sign_of(one.grade, "grade") if one.grade else sign_of("reported", "incident")
    return at_desk(
        request,
        "emergency",
        read=found,
        incident=one,
        grade=grade,
        state=sign_of(one.state, "incident"),
        first=first_of(found, is_page=True),
        has_ended=IncidentState(one.state) not in LIVE,
        cells=[row for row in legs if row.kind != LegKind.TEAM],
        tracks=tracks,
        society=Party.SOCIETY,
        team=(team, _doors(found, team.leg)) if team and team.leg.state != "not_required" else None,
        is_team_first=mine is not None and mine is team,
        clocks=_clocks(found, team),
        facts=_facts(request.tenant, found),
        signs=one.read_words("signs"),
        words=[_word(found, row) for row in found.words],
        tasks=tasks_of(found),
        may_name=names(found),
        may_see_looks=request.actor.may("incident.looks"),
        may_have_plan=may_have_plan(one),
        may_follow=one.closed_at is not None and one.follow_ups.exists(),
        acts=whole_offered(found),
        etas=ETAS,
        page=events,
        earlier=rows[:-_RECENT] if len(rows) > _RECENT else [],
        recent=rows[-_RECENT:],
        knows=who_knows(found),
        may_relieve=request.actor.may("referral.relief"),
        quick_exit=True,
        band=band_of(one),
        drill_page=page_behind(one),
    )


def _person(found: Read) -> str:
    if found.incident.is_drill and found.incident.person_id is None:
        return _("nobody: made up for the drill")
    return found.name(found.incident.person_id) or _("not known yet")


def _facts(school: Tenant, found: Read) -> list[tuple[str, Any]]:
    """Who it is about, and what the opening asked."""
    one = found.incident
    place = _(", ").join(
        part for part in (str(dict(Place.choices).get(one.place, "")), one.read_words("place")) if part
    )
    rows = [
        (pgettext("incident", "Person"), _person(found)),
        (_("Where"), place or _("not known")),
        (_("With them"), dict(Company.choices)[one.company]),
        (_("Danger at home"), dict(Home.choices)[one.home]),
        (_("Noticed"), _noticed(one)),
        (_("Reported by"), _reported_by(found)),
    ]
    if meeting := one.read_words("meeting_place"):
        rows.append((_("Meeting place"), meeting))
    if (last := last_day(school, one)) is not None:
        rows.append((_("Kept until"), date_format(last)))
    if not one.grade:
        rows.append((_("Suggested"), sign_of(one.suggested, "grade").text))
    if one.is_drill:
        rows.append((_("Drill"), _("yes, nobody outside is called")))
    return rows


def _reported_by(found: Read) -> str:
    """Who wrote it; of a call to the school's line the caller is not asked for a name, and is none of the house."""
    name = found.name(found.incident.reported_by_id) or _("nobody named")
    return _("a call to the school's line, written down by %(who)s") % {"who": name} if found.incident.by_line else name


def _noticed(one: Incident) -> str:
    """When, and how long it took to be sent: a head has thirty minutes (chain §1)."""
    when = school_time(one.found_at)
    if one.reported_by_id is None or one.by_line:
        return when
    minutes = minutes_between(one.found_at, one.opened_at)
    late = timedelta(minutes=minutes) > REPORT_WITHIN
    if not minutes:
        return _("%(when)s, sent at once") % {"when": when}
    text = _("%(when)s, sent %(n)d minutes later: more than 30") if late else _("%(when)s, sent %(n)d minutes later")
    return text % {"when": when, "n": minutes}


def _is_due_anew(one: Incident, event: IncidentEvent) -> bool:
    """Whether what was done before is to be done once more, as after a reopening: its own clock stands, or the one before it."""
    due = [IncidentEvent.CONTACT_DUE, IncidentEvent.ASSESSMENT_DUE]
    return one.next_event in due[: due.index(event) + 1]


def _clocks(found: Read, team: ShownLeg | None) -> list[tuple[str, str | Clock, bool]]:
    """First contact, assessment, team: (what, how it stands, whether it is met)."""
    one = found.incident
    limits = incident_moves.LENGTH
    rows: list[tuple[str, str | Clock, bool]] = []
    for code, event, clock, label, met in (
        ("contacted", IncidentEvent.CONTACT_DUE, IncidentClock.CONTACT, _("First contact"), _("seen at %(time)s")),
        ("assessed", IncidentEvent.ASSESSMENT_DUE, IncidentClock.ASSESSMENT, _("Assessment"), _("done at %(time)s")),
    ):
        done = found.marked_at(code)
        if done is not None and not _is_due_anew(one, event):
            rows.append((label, met % {"time": at_text(done, found.moment)}, True))
            continue
        due = one.next_at if one.next_event == event else None
        limit = due or one.opened_at + limits[clock]
        said: str | Clock = _("over the limit")
        if one.closed_at is not None:
            said = _("not done")
        elif limit > found.moment:
            said = left(limit, found.moment)
        rows.append((_("%(what)s, by %(time)s") % {"what": label, "time": at_text(limit, found.moment)}, said, False))
    if team is not None and team.leg.state != "not_required":
        answered = found.answered(team.leg)
        told = _("%(n)d answered") % {"n": answered}
        rows.append(
            (
                _("Team, %(n)d needed") % {"n": team.leg.required_answers},
                told,
                answered >= team.leg.required_answers,
            )
        )
    rows.append((_("With them"), str(dict(Company.choices)[one.company]), False))
    return rows


@dataclass(frozen=True, slots=True)
class Waiting:
    """A first word, who said it, and the act by which a second person agrees; none for whoever said it."""

    text: str
    by: str
    at: Any
    is_mine: bool
    leg: Leg | None
    act: str


_WORD_ACTS: Final = {
    "close": "close",
    "false_alarm": "false-alarm",
    "lower_grade": "grade",
    "lift": "lift",
    "again": "again",
}


def _word(found: Read, row: FirstWord) -> Waiting:
    leg = next((leg for leg in found.legs.values() if leg.pk == row.leg_id), None)
    mine = row.by_id == found.actor.membership_id
    text = happened_text(f"first_word.{row.act}", row.facts)
    grade = row.facts.get("grade")
    if grade in set(Grade):
        text = f"{text} ({sign_of(grade, 'grade').text})"
    return Waiting(text, found.name(row.by_id), row.at, mine, leg, _WORD_ACTS[row.act])

"""The rota and the plans as their pages show them. No writing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import Membership
from accounts.told_apart import told_apart
from referrals.emergency.going_live import Lack, Lacking
from referrals.emergency.models import DutyLine, Plan, PlanStep
from referrals.emergency.rules.grades import STEP_WAIT, Grade, LegKind
from referrals.emergency.rules.on_duty import Cell, Part, Shift, Span, Strain, too_long
from referrals.emergency.rules.plan_check import Fault, Finding
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.texts import (
    CHANNEL_TEXTS,
    FAULT_TEXTS,
    GRADE_TEXTS,
    KIND_TEXTS,
    LACK_TEXTS,
    LEG_TEXTS,
    MENDER_TEXTS,
    SEAT_TEXTS,
)
from ui.templatetags.ui import school_day, school_time
from workdays.selectors import remembered_calendar


def between() -> str:
    """What stands between words of one list."""
    return pgettext("between words", ", ")


def names_of(keys: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    """How colleagues and lines are called, by key; None is nobody's."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    lines = {one.pk: one.name for one in DutyLine.objects.filter(pk__in=wanted)}
    return {**colleagues_named(wanted), **lines}


def colleagues_named(keys: Iterable[UUID | None]) -> Mapping[UUID | None, str]:
    """How colleagues are called, by key; two who are called alike are told apart."""
    wanted = {key for key in keys if key is not None}
    return dict(told_apart(Membership.objects.filter(pk__in=wanted)).items()) if wanted else {}


@dataclass(frozen=True, slots=True)
class Mark:
    """One cell of the rota as drawn: a letter, its class, and all of it in words for ears."""

    letter: str
    tone: str
    words: str
    is_now: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One day of the rota."""

    weekday: str
    day: str
    has_gap: bool
    mark: str
    marks: Sequence[Mark]


def drawn(cells: Sequence[Cell], names: Mapping[UUID | None, str], now: datetime) -> list[list[Column]]:
    """The cells as weeks of seven columns; a holiday and a day that is worked in its place are marked (休, 班)."""
    calendar = remembered_calendar()
    columns = []
    for number in range(0, len(cells), len(Part)):
        pair = cells[number : number + len(Part)]
        day = pair[0].day
        columns.append(
            Column(
                weekday=date_format(day, "D")[-1] if date_format(day, "D").startswith("周") else date_format(day, "D"),
                day=f"{day.day}",
                has_gap=any(cell.gaps for cell in pair),
                mark=calendar.mark(day).value,
                marks=[_mark(cell, names, now) for cell in pair],
            )
        )
    return [columns[start : start + 7] for start in range(0, len(columns), 7)]


def _mark(cell: Cell, names: Mapping[UUID | None, str], now: datetime) -> Mark:
    is_now = cell.covers(now)
    held = [shift for shift in cell.shifts if not is_now or shift.ends_at > now]
    if cell.gaps:
        who = between().join(names.get(shift.who, "") for shift in held)
        words = _("%(who)s, then nobody for a time") % {"who": who} if who else _("nobody")
        return Mark(pgettext("rota: a gap", "!"), "gap", words, is_now)
    if not held:
        return Mark("", "past", _("over"), is_now)
    first = held[0]
    letter = names.get(first.who, "")[:1] if first.is_person else pgettext("rota: an outside line", "L")
    words = between().join(dict.fromkeys(names.get(shift.who, "") for shift in held))
    return Mark(letter, "" if first.is_person else "out", words, is_now)


def strained(strains: Iterable[Strain], names: Mapping[UUID | None, str]) -> list[str]:
    """Long turns and short rests as sentences."""
    found = []
    for one in strains:
        if one.is_rest:
            text = _("%(name)s rests only %(hours)s h, from %(start)s to %(end)s.")
        else:
            text = _("%(name)s is on duty for %(hours)s h in a row, from %(start)s to %(end)s.")
        start, end = school_time(one.span.starts_at), school_time(one.span.ends_at)
        found.append(text % {"name": names.get(one.span.who, ""), "hours": one.hours, "start": start, "end": end})
    return found


@dataclass(frozen=True, slots=True)
class Hole:
    """A gap in words. ``hours``: how long whoever looks would be on duty in a row if they took it; None when not too long."""

    title: str
    span: str
    day: str
    part: str
    hours: int | None


def holes(gaps: Iterable[Span], cells: Sequence[Cell], shifts: Sequence[Shift], me: UUID | None) -> list[Hole]:
    """Gaps as sentences, in order; each leads to the form that fills it."""
    found = []
    for gap in gaps:
        cell = next((one for one in cells if one.starts_at <= gap.starts_at < one.ends_at), None)
        if cell is None:
            continue
        night = cell.part is Part.NIGHT
        text = _("Nobody is on duty in the night of %(day)s") if night else _("Nobody is on duty on %(day)s by day")
        found.append(
            Hole(
                title=text % {"day": school_day(cell.day)},
                span=_("From %(start)s to %(end)s")
                % {"start": school_time(gap.starts_at), "end": school_time(gap.ends_at)},
                day=cell.day.isoformat(),
                part=cell.part.value,
                hours=_would_last(gap, shifts, me),
            )
        )
    return found


def _would_last(gap: Span, shifts: Sequence[Shift], me: UUID | None) -> int | None:
    if me is None:
        return None
    mine = Shift(1, me, gap.starts_at, gap.ends_at)
    run = next(
        (run for run in too_long([*shifts, mine]) if run.who == me and run.starts_at <= gap.starts_at < run.ends_at),
        None,
    )
    return round(run.length / timedelta(hours=1)) if run else None


@dataclass(frozen=True, slots=True)
class Told:
    """A finding in words."""

    text: str
    mends: Any
    stops: bool


@dataclass(slots=True)
class ShownStep:
    """A step in words."""

    row: PlanStep
    whom: str
    how: str
    wait: str
    is_by_hand: bool
    findings: list[Told] = field(default_factory=list)


@dataclass(slots=True)
class ShownLeg:
    """A leg of a plan as a readable program."""

    leg: LegKind
    title: Any
    steps: list[ShownStep]
    findings: list[Told]


def plan_title(plan: Plan) -> str:
    """``心理 · 极端``."""
    return f"{KIND_TEXTS[plan.kind]} · {GRADE_TEXTS[plan.grade]}"


def shown_legs(plan: Plan, rows: Sequence[PlanStep], findings: Sequence[Finding]) -> tuple[list[ShownLeg], list[Told]]:
    """Every leg in order, with what is wrong beside it, and what is wrong with the plan as a whole."""
    about = _about_names(findings)
    partners = {row.partner.pk: row.partner.name for row in rows if row.partner is not None}
    named = [row.line_id for row in rows if row.line_id]
    lines = {one.pk: one.name for one in DutyLine.objects.filter(pk__in=named)} if named else {}

    def told(leg: LegKind | None, position: int | None) -> list[Told]:
        return [tell(one, about) for one in findings if (one.leg, one.position) == (leg, position)]

    legs = []
    for leg in LegKind:
        own = sorted((row for row in rows if row.leg == leg), key=lambda row: row.position)
        steps = [_shown(row, plan, partners, lines, told(leg, row.position)) for row in own]
        if steps or told(leg, None):
            legs.append(ShownLeg(leg, LEG_TEXTS[leg], steps, told(leg, None)))
    return legs, told(None, None)


def _shown(
    row: PlanStep, plan: Plan, partners: Mapping[UUID, str], lines: Mapping[UUID, str], findings: list[Told]
) -> ShownStep:
    minutes = row.wait_minutes or STEP_WAIT[Grade(plan.grade)] // timedelta(minutes=1)
    how = between().join(str(CHANNEL_TEXTS[channel]) for channel in row.channels)
    return ShownStep(
        row=row,
        whom=whom(row, partners, lines),
        how=how,
        wait=_("%(minutes)s min") % {"minutes": minutes},
        is_by_hand=row.target == Target.BY_HAND,
        findings=findings,
    )


def whom(row: PlanStep, partners: Mapping[UUID, str], lines: Mapping[UUID, str]) -> str:
    """Whom a step calls, in words; never a person's name."""
    match Target(row.target):
        case Target.ON_DUTY:
            return _("First on duty") if row.number == 1 else _("Second on duty")
        case Target.CONTACT:
            return (
                pgettext("emergency", "First contact") if row.number == 1 else pgettext("emergency", "Second contact")
            )
        case Target.SEAT:
            return str(SEAT_TEXTS[row.seat])
        case Target.DEPUTY:
            return _("Deputy: %(seat)s") % {"seat": SEAT_TEXTS[row.seat]}
        case Target.PARTNER:
            return partners.get(row.partner_id, "") if row.partner_id else ""
        case Target.LINE:
            return lines.get(row.line_id, "") if row.line_id else ""
        case Target.HOME_COMMUNITY:
            return _("Community of the home")
        case Target.TEAM:
            return _("Whole emergency team")
    return _("Somebody there dials %(number)s") % {"number": row.dial}


def _about_names(findings: Iterable[Finding]) -> Mapping[str, str]:
    keys = []
    for finding in findings:
        if finding.fault is Fault.UNREACHABLE:
            try:
                keys.append(UUID(finding.about))
            except ValueError:
                continue
    return {str(key): name for key, name in names_of(keys).items()}


def tell(finding: Finding, names: Mapping[str, str]) -> Told:
    """One finding in a sentence."""
    about: Any = finding.about
    if finding.fault in (Fault.SEAT_EMPTY, Fault.SEAT_NO_DEPUTY):
        about = SEAT_TEXTS[finding.about]
    elif finding.fault is Fault.UNREACHABLE:
        about = names.get(finding.about, finding.about)
    elif finding.fault in (Fault.CHANNEL_MISSING, Fault.NOT_CARRIED, Fault.ACCOUNT_SPENT):
        about = CHANNEL_TEXTS[finding.about]
    text = str(FAULT_TEXTS[finding.fault]) % {"about": about}
    return Told(text, MENDER_TEXTS[finding.mends], finding.stops)


def lack_text(lack: Lack) -> Told:
    """One thing that is missing before the chain goes live, in a sentence."""
    about = ""
    match lack.lacking:
        case Lacking.PLAN_MISSING | Lacking.PLAN_FAULTY:
            kind, grade = lack.about
            about = f"{KIND_TEXTS[kind]} · {GRADE_TEXTS[grade]}"
        case Lacking.SEAT_MISSING | Lacking.DEPUTY_MISSING:
            about = str(SEAT_TEXTS[lack.about[0]])
        case Lacking.DUTY_GAP:
            about = school_day(datetime.fromisoformat(lack.about[0]).date())
    text = str(LACK_TEXTS[lack.lacking]) % {"about": about}
    if lack.finding is not None:
        place = f"{LEG_TEXTS[lack.finding.leg]}: " if lack.finding.leg else ""
        text = f"{text} {place}{tell(lack.finding, {}).text}"
    return Told(text, MENDER_TEXTS[lack.mends], True)

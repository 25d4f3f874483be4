"""The questions of the opening as one calm page: for duty and centre, and as a head's report (chain §1)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.actor import ActingRequest, Actor
from accounts.models import Membership
from accounts.refused import remember
from disclosure.sentences import spaced
from kernel.errors import Invalid
from kernel.fold import fold_text
from people.selectors import people_seen_by
from referrals.emergency.centre.incident_clocks import sentence
from referrals.emergency.centre.incident_forms import OpeningForm
from referrals.emergency.centre.incident_reading import LEG_ORDER
from referrals.emergency.incident_texts import GRADE_SAYS, LEG_TEXTS
from referrals.emergency.rules.clocks import Clock
from referrals.emergency.rules.grades import Grade, IncidentKind
from referrals.emergency.rules.leg_states import LegState
from referrals.emergency.rules.opening import REPORT_WITHIN, Answers, HomeAnswer, starts
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.moving import chain_now
from ui.refusals import explain
from ui.states import Sign, sign_of

MOST_FOUND: Final = 8


def people(request: ActingRequest) -> tuple[str, list[Membership]]:
    """What was typed into the search, and who fits of those whom the reader may find; nobody finds themself."""
    asked = fold_text(request.GET.get("q", "")).strip()[:60]
    if not asked:
        return "", []
    return asked, list(_others(request.actor, asked).order_by("sort_key", "pk")[:MOST_FOUND])


def chosen(request: ActingRequest) -> Membership | None:
    """The colleague whom the form names, of those whom the reader may find; None for "not known"."""
    named = request.POST.get("person", "") if request.method == "POST" else request.GET.get("person", "")
    try:
        key = UUID(named)
    except ValueError:
        return None
    return _others(request.actor, "").filter(pk=key).first()


def _others(actor: Actor, asked: str) -> QuerySet[Membership]:
    rows = people_seen_by(actor, asked)
    return rows.exclude(pk=actor.membership_id) if actor.membership_id else rows


def is_danger_now(request: ActingRequest) -> bool:
    """Whether somebody came here by "in danger now", ``?danger=1``; it stays so while they look for a name."""
    return request.GET.get("danger") == "1"


def form_of(request: ActingRequest) -> OpeningForm:
    """The form, with the present minute in it; by "in danger now" with that ticked, and the grade that it means."""
    zone = request.tenant.time_zone
    if request.method == "POST":
        return OpeningForm(request.POST, zone=zone)
    moment = chain_now()
    noticed = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, second=0, microsecond=0)
    known = {"danger_now": True, "grade": Grade.EXTREME.value} if is_danger_now(request) else {}
    return OpeningForm(initial={"found_at": noticed, **known}, zone=zone)


@dataclass(frozen=True, slots=True)
class Within:
    """What a countdown on the page needs: the minutes, the school's time of now, and how a count is said with ``{n}`` in it."""

    minutes: int
    here: str
    one: str
    many: str


def report_within(zone: str) -> Within:
    """The time in which a head reports what was noticed (chain §1), for the page that counts it down."""
    here = chain_now().astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    clock = sentence(here, here, _left_text, is_up=False)
    return Within(int(REPORT_WITHIN.total_seconds() // 60), here.isoformat(timespec="seconds"), clock.one, clock.many)


def _left_text(count: int) -> str:
    return ngettext("%(n)d minute left", "%(n)d minutes left", count) % {"n": count}


def grades(form: OpeningForm, *, is_graded: bool) -> list[tuple[Grade, Sign, Any, str, bool]]:
    """Each grade: its sign, what it means, who is called at once, and whether it is chosen."""
    wanted = str(form["grade"].value() or "")
    return [
        (
            grade,
            sign_of(grade.value, "grade"),
            GRADE_SAYS[grade],
            called_at_once(grade, is_graded),
            grade.value == wanted,
        )
        for grade in Grade
    ]


def called_at_once(grade: Grade, is_graded: bool) -> str:
    """Who is called, by the rules that will decide: for somebody in distress whose home is not known to be safe."""
    answers = Answers(IncidentKind.PSYCHOLOGICAL, grade, is_graded=is_graded, home=HomeAnswer.UNKNOWN)
    now, soon = begins(answers)
    said = [_("Called at once: %(legs)s.") % {"legs": _(", ").join(now)}]
    if soon:
        said.append(later(soon))
    elif is_graded and grade is not Grade.EXTREME:
        said.append(_("The family only with the person's own yes."))
    elif not is_graded:
        said.append(_("The others when the duty psychologist has written the grade."))
    return spaced(said)


def later(legs: Iterable[str]) -> str:
    """Which lines are called some minutes later, by the school's own time."""
    minutes = own_times.home_unknown() // timedelta(minutes=1)
    said = ngettext(
        "%(legs)s: %(minutes)d minute later, unless held.", "%(legs)s: %(minutes)d minutes later, unless held.", minutes
    )
    return said % {"legs": _(", ").join(legs), "minutes": minutes}


def begins(answers: Answers) -> tuple[list[str], list[str]]:
    """The lines that are called at once, and those that are some minutes later unless somebody holds them, by the rules."""
    begun = starts(answers)
    rows = [(str(LEG_TEXTS[kind]), begun[kind]) for kind in LEG_ORDER]
    return (
        [text for text, start in rows if start.state is LegState.PAGING],
        [text for text, start in rows if start.clock is Clock.HOME_UNKNOWN],
    )


def refuse(form: OpeningForm, error: Invalid) -> None:
    """A writer's fault at its field."""
    remember(error)
    told = explain(error.reason)
    field = {"with": "company"}.get(error.fields[0][0], error.fields[0][0]) if error.fields else None
    said = _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step}
    form.add_error(field if field in form.fields else None, said)


def say_assumed(request: ActingRequest, form: OpeningForm, *, can_join: bool) -> None:
    """After a life in danger was sent with gaps: what was taken at its gravest, and how the rest is added."""
    if not form.assumed:
        return
    said = _("Not written, so the gravest was taken: %(what)s.") % {"what": _(", ").join(form.assumed)}
    how = (
        _("Send it again with what you know: it is added to this one.")
        if can_join
        else _("Tell whoever rings you back, or the school's line, what you know.")
    )
    messages.info(request, spaced([said, how]))

"""Legs as people read them: a sign, one clock, the steps as a rail, why this step, what the party is told."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from disclosure.sentences import spaced
from referrals.emergency.centre.incident_clocks import Clock, length, long_text, minutes, minutes_left, passed_text
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.incident_texts import ANSWER_TEXTS, LEG_TEXTS, TOLD, Text, role_text
from referrals.emergency.models import Answer, Leg, LegStep, Recipient
from referrals.emergency.resolving import rule_of
from referrals.emergency.rules.clocks import ASKED_BEFORE, ETA_GRACE
from referrals.emergency.rules.firing import upcoming
from referrals.emergency.rules.grades import ROUNDS, Grade, LegKind
from referrals.emergency.rules.leg_states import PAGED, TAKEN, LegEvent, LegState
from referrals.emergency.rules.step_rules import Target
from ui.states import Sign, sign_of
from ui.templatetags.ui import school_clock, school_time

_TONE: Final = {"ok": "ok", "wait": "wait", "bad": "bad", "info": "info", "": "off"}


@dataclass(frozen=True, slots=True)
class Pill:
    """One step of the rail."""

    tone: str
    icon: str
    text: str


@dataclass(frozen=True, slots=True)
class Paged:
    """Who was paged: as what, in which round, when, and what they said."""

    role: str
    round: int
    at: datetime
    answer: str
    answered_at: datetime | None

    @property
    def text(self) -> str:
        """All but the time, in one line."""
        again = [_("round %(n)d") % {"n": self.round}] if self.round > 1 else []
        answered = f"{self.answer} {school_clock(self.answered_at)}".strip()
        return " · ".join([self.role, *again, answered])


@dataclass(slots=True)
class ShownLeg:
    """A leg on its card. ``big`` is its own clock, ``small`` what it counts; ``at`` the moment that ``big`` speaks of.

    ``clock`` runs where ``big`` is a length of time.
    """

    leg: Leg
    title: Text
    sign: Sign
    heading: str
    big: str
    small: str
    at: datetime | None
    glance: str
    why: str
    told: Text
    dial: str = ""
    clock: Clock | None = None
    rail: list[Pill] = field(default_factory=list)
    paged: list[Paged] = field(default_factory=list)
    own_answer: str = ""
    """What the reader has said on it, with the minute; ``""`` for who was not called or has not answered."""

    @property
    def tone(self) -> str:
        """The class of its card."""
        return _TONE[self.sign.tone]

    @property
    def kind(self) -> str:
        return self.leg.kind


def at_text(moment: datetime, now: datetime) -> str:
    """A time of day; with its day where that is another than the one at hand."""
    return school_clock(moment) if abs(moment - now) < timedelta(hours=18) else school_time(moment)


def shown(read: Read, leg: Leg) -> ShownLeg:
    """One leg in words."""
    sign = leg_sign(read, leg)
    big, small, at, glance = _clock(read, leg)
    clock = None
    if at is not None:
        running = length(at, read.moment, is_up=LegState(leg.state) in PAGED)
        clock = running if running.text == big else None
    if clock is not None and not clock.is_up:
        small = _("%(what)s, until %(time)s") % {"what": small, "time": at_text(clock.at, read.moment)}
    return ShownLeg(
        leg,
        LEG_TEXTS[LegKind(leg.kind)],
        sign,
        _heading(read, leg),
        big,
        small,
        at,
        glance,
        _why(read, leg),
        TOLD[LegKind(leg.kind)],
        dials(read, leg),
        clock,
        rail(read, leg),
        [_paged(row) for row in read.paged.get(leg.pk, ())],
        _own_answer(read, leg),
    )


def _own_answer(read: Read, leg: Leg) -> str:
    page = read.own_page(leg)
    if page is None or page.answer == Answer.NONE:
        return ""
    time = at_text(page.answered_at, read.moment) if page.answered_at else ""
    return f"{ANSWER_TEXTS[page.answer]} {time}".strip()


def leg_sign(read: Read, leg: Leg) -> Sign:
    """How the leg stands. Of one on which everybody has answered nobody says that there was no answer, and nobody calls "not
    needed" what only waits for a name.
    """
    sign = sign_of(leg.state, "leg")
    if LegState(leg.state) is LegState.NOT_REQUIRED and read.incident.person_id is None:
        return replace(sign, icon="clock", text=pgettext("leg", "Not begun yet"))
    if LegState(leg.state) is LegState.EXHAUSTED and (found := answers(read, leg)).no and not found.silent:
        return replace(sign, text=pgettext("leg", "Nobody can come"))
    return sign


@dataclass(frozen=True, slots=True)
class Answers:
    """What those who were called on a leg have said, by role, each once: not now, a wrong number, nothing."""

    no: list[str]
    wrong: list[str]
    silent: list[str]

    @property
    def text(self) -> str:
        """In sentences; ``""`` where nobody was called."""
        parts = (
            (self.no, _("%(roles)s said “not now”.")),
            (self.wrong, _("A wrong number: %(roles)s.")),
            (self.silent, _("No answer: %(roles)s.")),
        )
        return spaced([text % {"roles": _(", ").join(roles)} for roles, text in parts if roles])


def answers(read: Read, leg: Leg) -> Answers:
    """Of the people of the leg's own steps; a later no of a role counts before an earlier silence of it."""
    found: dict[str, set[str]] = {}
    for row in read.paged.get(leg.pk, ()):
        if row.purpose == LegStep.Purpose.STEP:  # type: ignore[attr-defined]
            found.setdefault(role_text(row.role), set()).add(row.answer)
    no = [role for role, said in found.items() if Answer.DECLINED in said]
    wrong = [role for role, said in found.items() if role not in no and Answer.WRONG_NUMBER in said]
    silent = [role for role, said in found.items() if said == {Answer.NONE.value}]
    return Answers(no, wrong, silent)


def _paged(row: Recipient) -> Paged:
    return Paged(role_text(row.role), row.round, row.paged_at, str(ANSWER_TEXTS[row.answer]), row.answered_at)


def taker(read: Read, leg: Leg) -> str:
    """Who has it, in words: a colleague by name, somebody outside by their role."""
    if name := read.name(leg.owner_id):
        return name
    found = next((row for row in read.paged.get(leg.pk, ()) if row.pk == leg.taken_by_id), None)
    return role_text(found.role) if found else ""


def _heading(read: Read, leg: Leg) -> str:
    state = LegState(leg.state)
    if state in (LegState.ACKNOWLEDGED, LegState.ENGAGED, LegState.HANDED_OVER):
        return taker(read, leg) or str(LEG_TEXTS[LegKind(leg.kind)])
    if state is LegState.PAGING and (step := fired(read, leg)) is not None:
        return role_text(rule_of(step).role)
    return str(LEG_TEXTS[LegKind(leg.kind)])


def fired(read: Read, leg: Leg) -> LegStep | None:
    """The step that was called last."""
    return next((step for step in read.steps.get(leg.pk, ()) if step.position == leg.position), None)


def what_next(read: Read, leg: Leg) -> str:
    """Who is called when, in a sentence: whoever comes next, the same again, the team when nobody is left. ``""`` without a clock."""
    if leg.next_at is None:
        return ""
    _round, step = next(upcoming(read.steps.get(leg.pk, ()), max(leg.round, 1), leg.position), (0, None))
    told = {
        "time": at_text(leg.next_at, read.moment),
        "role": role_text(rule_of(step).role) if step else _("the emergency team"),
    }
    if step is not None and rule_of(step).target is Target.BY_HAND:
        return _("At %(time)s somebody is asked to dial %(number)s.") % {**told, "number": rule_of(step).dial}
    if step is not None and any(page.step_id == step.pk for page in read.paged.get(leg.pk, ())):
        return _("At %(time)s again: %(role)s.") % told
    return _("At %(time)s also: %(role)s.") % told


def waited(read: Read, leg: Leg) -> int:
    """Minutes that nobody has answered."""
    return minutes(read.moment - leg.since)


def _clock(read: Read, leg: Leg) -> tuple[str, str, datetime | None, str]:
    """The leg's one clock: what is large, what stands beside it, the moment, and the short form of a phone's cell."""
    state, due = LegState(leg.state), leg.next_at
    if state in PAGED:
        count = waited(read, leg)
        beside = _("no answer")
        if answers(read, leg).no:
            beside = _("some cannot, nobody has it yet")
        elif state is LegState.EXHAUSTED:
            beside = _("nobody answers")
        elif leg.round:
            beside = _("no answer, round %(n)d of %(all)d") % {"n": leg.round, "all": ROUNDS}
        return passed_text(count), beside, leg.since, passed_text(count)
    if due is None:
        return str(leg_sign(read, leg).text), "", None, at_text(leg.since, read.moment)
    left = long_text(minutes_left(due, read.moment))
    clock = at_text(due, read.moment)
    if leg.kind == LegKind.TEAM:
        return (
            _("%(n)d answered") % {"n": read.answered(leg)},
            _("%(n)d needed") % {"n": leg.required_answers},
            None,
            clock,
        )
    if state is LegState.ACKNOWLEDGED:
        end = due if leg.next_event == LegEvent.ENGAGE_DUE else due + ASKED_BEFORE
        # What they said is what is read here, not the quarter of an hour that is waited besides.
        said = end - ETA_GRACE
        late = said <= read.moment
        at, beside = (end, _("late; then the next one is called")) if late else (said, _("left to be there"))
        return long_text(minutes_left(at, read.moment)), beside, at, at_text(at, read.moment)
    if state is LegState.ENGAGED:
        if leg.next_event == LegEvent.HAND_OVER_DUE:
            return left, _("left for the answer"), due, clock
        if leg.next_event == LegEvent.LIFE_UNANSWERED:
            return left, _("left to say “still with it”"), due, clock
        return (
            at_text(leg.since, read.moment),
            _("there; asked again at %(time)s") % {"time": clock},
            leg.since,
            at_text(leg.since, read.moment),
        )
    if state is LegState.HANDED_OVER:
        return left, _("left for word of the arrival"), due, clock
    if state is LegState.ARMED and leg.next_event == LegEvent.START_DUE:
        return left, _("until it is called, unless it is held"), due, clock
    return left, _("until it is looked at again"), due, clock


def rail(read: Read, leg: Leg) -> list[Pill]:
    """The steps in order: answered, being called, said no or passed, still to come."""
    pages = [row for row in read.paged.get(leg.pk, ()) if row.purpose == LegStep.Purpose.STEP]  # type: ignore[attr-defined]
    is_paging = LegState(leg.state) is LegState.PAGING
    found = []
    for step in read.steps.get(leg.pk, ()):
        text = role_text(rule_of(step).role)
        own = [row for row in pages if row.step_id == step.pk]
        answered = {row.answer for row in own}
        rule = rule_of(step)
        if Answer.ACKNOWLEDGED in answered or (rule.target is Target.BY_HAND and read.is_dialled(leg, rule.dial)):
            found.append(Pill("ok", "check", text))
        elif said := answered & {Answer.DECLINED, Answer.WRONG_NUMBER}:
            found.append(Pill("bad", "close", f"{text} · {ANSWER_TEXTS[min(said)]}"))
        elif is_paging and (step.position == leg.position or (own and rule.target is Target.BY_HAND)):
            found.append(Pill("now", "clock", text))
        elif own and LegState(leg.state) in PAGED:
            found.append(Pill("bad", "close", text))
        else:
            found.append(Pill("", "", text))
    if LegState(leg.state) in TAKEN and read.is_on_behalf(leg):
        found.append(Pill("ok", "check", _("said by telephone")))
    return found


_LATE: Final = timedelta(seconds=15)
"""Three times what the engine may take (chain §3). Later than that nobody may read that somebody is being called."""


def is_late(read: Read, leg: Leg) -> bool:
    """Whether the next call of a leg is overdue: the engine is not at work, or too slow."""
    return LegState(leg.state) is LegState.PAGING and leg.next_at is not None and read.moment - leg.next_at > _LATE


def late_text() -> str:
    """What is to be done by hand meanwhile."""
    return _("The system is late: the next one has not been called. Please telephone now; do not wait for it.")


def was_called(read: Read, leg: Leg) -> bool:
    """Whether any step of the leg has reached anybody; else each was passed over, and nobody was silent."""
    return any(row.purpose == LegStep.Purpose.STEP for row in read.paged.get(leg.pk, ()))  # type: ignore[attr-defined]


def dials(read: Read, leg: Leg) -> str:
    """The service number that a person is asked to call now and nobody has yet; ``""`` for none."""
    if LegState(leg.state) not in PAGED:
        return ""
    for step in read.steps.get(leg.pk, ()):
        rule = rule_of(step)
        if (
            rule.target is Target.BY_HAND
            and (leg.round, leg.position) != (0, -1)
            and (step.position <= leg.position or leg.round > 1)
            and not read.is_dialled(leg, rule.dial)
        ):
            return rule.dial
    return ""


def _heard(read: Read, leg: Leg) -> list[datetime]:
    """When outside lines have said that they heard the alarm, since nobody has the leg."""
    marks = [mark for mark in read.marks if mark.code == "alarm.heard" and mark.leg_id == leg.pk]
    return [mark.at for mark in marks if mark.at >= leg.since]


def _why(read: Read, leg: Leg) -> str:
    """Why it stands as it does, and what comes by itself."""
    incident, state = read.incident, LegState(leg.state)
    time = {"time": at_text(leg.next_at, read.moment)} if leg.next_at else {}
    who = {"who": taker(read, leg) or _("Somebody")}
    match state:
        case LegState.PAGING if is_late(read, leg):
            return late_text()
        case LegState.PAGING if leg.round == 0:
            return _("The first step is called within seconds.")
        case LegState.PAGING:
            said = _("Nobody has pressed “I have it”. Delivered or opened counts for nothing.")
            if (found := answers(read, leg)).no:
                said = found.text
            return spaced([said, what_next(read, leg)])
        case LegState.EXHAUSTED if not was_called(read, leg):
            return _(
                "Nobody could be called here: no number is kept. The team and the operator are called every five minutes until somebody takes it."
            )
        case LegState.EXHAUSTED if heard := _heard(read, leg):
            return _(
                "All were called. An outside line has heard the alarm at %(time)s and cannot take it; team and operator are called every five minutes until somebody does."
            ) % {"time": at_text(heard[-1], read.moment)}
        case LegState.EXHAUSTED if (found := answers(read, leg)).no:
            return spaced(
                [found.text, _("The team and the operator are called every five minutes until somebody takes it.")]
            )
        case LegState.EXHAUSTED:
            return _(
                "All were called. The team and the operator are called every five minutes until somebody takes it."
            )
        case LegState.ACKNOWLEDGED:
            return _("%(who)s has it. Without a word in time the next one is called.") % who
        case LegState.ENGAGED if leg.asked_id is not None:
            return _("%(who)s has asked %(asked)s to take over. Until that is done it is still %(who)s's.") % {
                **who, "asked": read.name(leg.asked_id) or _("a colleague"),
            }  # fmt: skip
        case LegState.ENGAGED:
            return _("%(who)s is there. Asked “still with it?” at %(time)s; without an answer the next one is called.") % {
                **who, **time,
            }  # fmt: skip
        case LegState.HANDED_OVER:
            return _("Passed on. It stays open until somebody says that the person arrived.")
        case LegState.HELD if incident.home == "danger" and leg.kind == LegKind.FAMILY:
            return _("Somebody at home could be the danger, so nobody is called. Two people let it go on.")
        case LegState.HELD:
            return _("It was stopped. Two people let it go on; asked again at %(time)s.") % time
        case LegState.ARMED if not incident.grade:
            return _("Waits for the grade.")
        case LegState.ARMED if leg.next_event == LegEvent.START_DUE:
            return _("Not known whether home is safe. Called at %(time)s unless somebody holds it.") % time
        case LegState.ARMED if leg.kind == LegKind.FAMILY and incident.grade != Grade.EXTREME:
            return _("Called with the person's own yes, or when the grade is extreme.")
        case LegState.ARMED:
            return _("Not called by itself at this grade; can be begun by hand.")
        case LegState.NOT_REQUIRED if incident.person_id is None:
            return _("Begins when it is known who it is about.")
        case LegState.NOT_REQUIRED if not leg.is_required and any(
            m.code == "leg.person_refuses" and m.leg_id == leg.pk for m in read.marks
        ):
            return _("The person said no. Only life in danger begins it again.")
        case LegState.NOT_REQUIRED:
            return _("Not needed at this grade.")
        case _:
            return _("Ended at %(time)s.") % {"time": at_text(leg.since, read.moment)}

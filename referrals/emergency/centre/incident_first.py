"""The one thing that an incident asks for most: what stands on top of its page, and in its row of the board."""

from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from disclosure.sentences import spaced
from referrals.emergency.centre.incident_acts import LEG_ACTS, LegAct, all_taken, offered
from referrals.emergency.centre.incident_clocks import Clock, count, minutes_left, sentence
from referrals.emergency.centre.incident_offers import is_asked, names, takes
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.centre.incident_shown import (
    answers,
    at_text,
    dials,
    fired,
    is_late,
    late_text,
    waited,
    was_called,
    what_next,
)
from referrals.emergency.incident_texts import LEG_TEXTS, role_text
from referrals.emergency.models import Leg
from referrals.emergency.resolving import rule_of
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.incident_moves import LIVE, IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import PAGED, LegEvent, LegState
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.workflow.standing import asks_duty


@dataclass(frozen=True, slots=True)
class First:
    """``number`` over ``unit`` is the largest thing of a row. ``dial``: a number that a person calls. ``whole``: an act on
    the incident itself, by its name. ``clock`` and ``said``: ``number`` and ``title`` where they count minutes.
    """

    tone: str
    title: str
    text: str
    number: str
    unit: str
    leg: Leg | None = None
    act_name: str = ""
    act: LegAct | None = None
    dial: str = ""
    whole: str = ""
    is_untaken: bool = False
    clock: Clock | None = None
    said: Clock | None = None
    takes_duty: bool = False
    """The school's leg is called, the reader is neither called nor on duty, and may take the duty: then they can take it."""


def untaken(read: Read) -> list[Leg]:
    """The legs that nobody has, worst first: exhausted before being called, the longest wait first. The team is no party."""
    legs = [leg for leg in read.legs.values() if LegState(leg.state) in PAGED and leg.kind != LegKind.TEAM]
    return sorted(legs, key=lambda leg: (leg.state != LegState.EXHAUSTED, leg.since))


def first_of(read: Read, *, is_page: bool = False) -> First:
    """What is most urgent now, for this reader: what a colleague has called them for stands before what everybody is.

    ``is_page``: of the incident's own page, where a number that a person has to dial stands before any wait; on the board
    the longest wait decides.
    """
    if IncidentState(read.incident.state) not in LIVE:
        return First("off", _("This incident has ended"), "", "", "")
    finders = (_hand_over, _to_dial, _untaken, _team, _ungraded, _unnamed, _asked, _held, _own_clock)
    for found in finders:
        if found is _to_dial and not is_page:
            continue
        if (first := found(read)) is not None:
            return replace(first, takes_duty=takes_duty(read))
    return First("ok", _("Nothing is asked of you now"), "", "", "")


def _to_dial(read: Read) -> First | None:
    leg = next((leg for leg in untaken(read) if dials(read, leg)), None)
    return _nobody_has(read, leg) if leg else None


def _untaken(read: Read) -> First | None:
    legs = untaken(read)
    return _nobody_has(read, legs[0]) if legs else None


def _nobody_has(read: Read, leg: Leg) -> First:
    number = waited(read, leg)
    name = LEG_TEXTS[LegKind(leg.kind)]
    dial = dials(read, leg)
    acts = [row for row in offered(read, leg) if row[0] != "dialled" and row[1].rank < 40]

    def say(n: int) -> str:
        told = {"leg": name, "n": n}
        if not n:
            return _("%(leg)s: nobody has it yet") % told
        return ngettext("%(leg)s: %(n)d minute without an answer", "%(leg)s: %(n)d minutes without an answer", n) % told

    act_name, act = acts[0] if acts else ("", None)
    return First(
        "bad" if leg.state == LegState.EXHAUSTED or dial or is_late(read, leg) else "wait",
        say(number),
        situation(read, leg),
        str(number),
        ngettext("minute, nobody has it", "minutes, nobody has it", number or 1),
        leg,
        "dialled" if dial else act_name,
        LEG_ACTS["dialled"] if dial else act,
        dial,
        is_untaken=True,
        clock=count(leg.since, read.moment, is_up=True),
        said=sentence(leg.since, read.moment, say, is_up=True),
    )


def takes_duty(read: Read) -> bool:
    """Whether the way to the school's leg leads by the duty, for this reader: a psychologist whom nobody has called there."""
    school = read.school
    if not asks_duty(school) or LegState(school.state) not in PAGED or not read.actor.may("duty.take"):
        return False
    return not read.is_on_duty and read.own_page(school) is None and not takes(read, school)


def situation(read: Read, leg: Leg) -> str:
    """Who was called and who is called next, by roles."""
    if leg.state == LegState.EXHAUSTED:
        if not was_called(read, leg):
            return _("No number is kept that could be called. The team and the operator are called every five minutes.")
        said = answers(read, leg).text
        return spaced([said, _("The team and the operator are called every five minutes until somebody takes it.")])
    if is_late(read, leg):
        return late_text()
    step = fired(read, leg)
    if step is None or leg.next_at is None:
        return _("The first step is called within seconds.")
    rule = rule_of(step)
    if rule.target is Target.BY_HAND:
        return spaced([_("Somebody was asked to dial %(number)s.") % {"number": rule.dial}, what_next(read, leg)])
    told = {"role": role_text(rule.role)}
    if (found := answers(read, leg)).no:
        return spaced([found.text, what_next(read, leg)])
    return spaced([_("Being called: %(role)s.") % told, what_next(read, leg)])


def _team(read: Read) -> First | None:
    """The team calls this reader, who has not answered."""
    leg = read.legs.get(LegKind.TEAM)
    if leg is None or LegState(leg.state) not in PAGED or not read.speaks(leg):
        return None
    acts = [row for row in offered(read, leg) if row[0] == "acknowledge"]
    if not acts:
        return None
    wanted = leg.required_answers - read.answered(leg)
    text = ngettext("%(n)d more answer is needed.", "%(n)d more answers are needed.", wanted) % {"n": wanted}
    unit = ngettext("answer still needed", "answers still needed", wanted)
    return First("wait", _("The emergency team needs you"), text, str(wanted), unit, leg, *acts[0])


def _ungraded(read: Read) -> First | None:
    incident = read.incident
    if incident.grade or incident.next_at is None:
        return None
    left = minutes_left(incident.next_at, read.moment)
    whole = "grade" if read.actor.may("incident.grade") else ""
    return First(
        "wait",
        _("The grade is still to be written"),
        _("Family and society wait for it."),
        str(left),
        ngettext("minute left for the grade", "minutes left for the grade", left),
        whole=whole,
        clock=count(incident.next_at, read.moment, is_up=False),
    )


def _unnamed(read: Read) -> First | None:
    """Nobody has written whom it is about: the other parties wait for that."""
    if not names(read):
        return None
    opened = read.incident.opened_at
    number = max(0, int((read.moment - opened).total_seconds() // 60))
    return First(
        "wait",
        _("Whom is it about?"),
        _("Family, hospital and community are called only when there is a name."),
        str(number),
        ngettext("minute without a name", "minutes without a name", number or 1),
        whole="person",
        clock=count(opened, read.moment, is_up=True),
    )


def _hand_over(read: Read) -> First | None:
    """A colleague asks this reader to take a leg over."""
    for leg in read.legs.values():
        if not is_asked(read, leg) or leg.next_at is None:
            continue
        left = minutes_left(leg.next_at, read.moment)
        title = _("%(who)s asks you to take over") % {"who": read.name(leg.owner_id) or _("A colleague")}
        text = _("%(leg)s: until you have it, it is still theirs.") % {"leg": LEG_TEXTS[LegKind(leg.kind)]}
        unit = ngettext("minute left to answer", "minutes left to answer", left)
        return First("wait", title, text, str(left), unit, leg, "take_over", LEG_ACTS["take_over"])
    return None


def _asked(read: Read) -> First | None:
    """A leg whose owner was asked and has not answered yet; the next one is called when the time is over."""
    for leg in read.legs.values():
        if leg.next_event not in (LegEvent.ENGAGE_DUE, LegEvent.LIFE_UNANSWERED) or leg.next_at is None:
            continue
        left = minutes_left(leg.next_at, read.moment)
        acts = offered(read, leg)
        name, act = acts[0] if acts else ("", None)
        title = _("Are you there?") if leg.next_event == LegEvent.ENGAGE_DUE else _("Still with it?")
        text = _("%(leg)s: without a word the next one is called.") % {"leg": LEG_TEXTS[LegKind(leg.kind)]}
        unit = ngettext("minute left to answer", "minutes left to answer", left)
        clock = count(leg.next_at, read.moment, is_up=False)
        return First("wait", title, text, str(left), unit, leg, name, act, clock=clock)
    return None


def _held(read: Read) -> First | None:
    for leg in read.legs.values():
        if leg.state != LegState.HELD or leg.next_at is None:
            continue
        left = minutes_left(leg.next_at, read.moment)
        act = next((row for row in offered(read, leg) if row[0] == "lift"), ("", None))
        title = _("%(leg)s is held") % {"leg": LEG_TEXTS[LegKind(leg.kind)]}
        text = _("Nobody is called there. Two people let it go on.")
        unit = ngettext("minute until it is looked at", "minutes until it is looked at", left)
        clock = count(leg.next_at, read.moment, is_up=False)
        return First("wait", title, text, str(left), unit, leg, act[0], act[1], clock=clock)
    return None


def _own_clock(read: Read) -> First | None:
    """The incident's own clock: first contact, assessment, the day's look."""
    incident = read.incident
    if incident.next_at is None:
        return None
    left, time = minutes_left(incident.next_at, read.moment), at_text(incident.next_at, read.moment)
    school = read.school
    number, unit = (
        (str(left), ngettext("minute left", "minutes left", left)) if left < 120 else (time, _("is the limit"))
    )
    clock = count(incident.next_at, read.moment, is_up=False) if left < 120 else None
    match incident.next_event:
        case IncidentEvent.CONTACT_DUE:
            acts = [row for row in offered(read, school) if row[0] == "engage"]
            name, act = acts[0] if acts else ("", None)
            return First(
                "ok",
                _("See the person, or speak with them"),
                _("By %(time)s.") % {"time": time},
                number,
                unit,
                school,
                name,
                act,
                clock=clock,
            )
        case IncidentEvent.ASSESSMENT_DUE:
            whole = "assess" if read.actor.may("incident.grade") else ""
            return First(
                "ok",
                _("A professional assesses the person"),
                _("By %(time)s.") % {"time": time},
                number,
                unit,
                whole=whole,
                clock=clock,
            )
        case IncidentEvent.WATCH_DUE:
            closes = read.actor.may("incident.close") and all_taken(read)
            text = (
                _("Look in once a day. Every line is in somebody's hands: it can be closed.")
                if closes
                else _("Look in once a day.")
            )
            whole = "assess" if read.actor.may("incident.grade") else ""
            return First("ok", _("Watched over"), text, number, unit, whole=whole, clock=clock)
    return None

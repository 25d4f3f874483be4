"""What can be done to an incident and its legs, once: whether it is offered, what is asked first, and which writer does it.

``rules.moves`` says who may fire what; a row here says how that looks. ``is_asked`` acts have a page of their own, the others are one
button. The writers ask again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actor import Actor
from referrals.emergency.centre.incident_forms import (
    AgreementForm,
    BehalfForm,
    CardWordsForm,
    CloseForm,
    EtaForm,
    GradeForm,
    PlaceForm,
    ReasonForm,
    ReceiverForm,
    ThereForm,
)
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.centre.incident_shown import dials
from referrals.emergency.incident_texts import Text
from referrals.emergency.models import Answer, Incident, Leg
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.incident_moves import IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import OPEN, PAGED, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.outside import MEETS_THE_PERSON, PURPOSE_OF
from referrals.emergency.workflow import answering, ending, grading, holding

OUTSIDE: Final = frozenset({LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY})
Run = Callable[[Actor, Incident, str, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class LegAct:
    """``lead`` says what happens; ``is_asked`` acts say it on a page before they are done. ``rank``: which is the main one."""

    label: Text
    offered: Callable[[Read, Leg], bool]
    run: Run
    rank: int
    done: Text
    lead: Text = ""
    form: type[forms.Form] | None = None
    is_asked: bool = True
    is_grave: bool = False


def _event(event: LegEvent) -> Callable[[Read, Leg], bool]:
    return lambda read, leg: read.may(leg, event)


def _takes(read: Read, leg: Leg) -> bool:
    """Whoever was called presses it; the team and the centre where nobody answers. Else outside legs are their own people's."""
    if LegState(leg.state) is LegState.EXHAUSTED and read.may(leg, LegEvent.TAKE):
        return True
    page = read.own_page(leg)
    if page is not None:
        return page.answer == "" and read.may(leg, LegEvent.ACKNOWLEDGE)
    return leg.kind not in OUTSIDE and leg.kind != LegKind.TEAM and read.may(leg, LegEvent.ACKNOWLEDGE)


def _behalf(read: Read, leg: Leg) -> bool:
    return leg.kind in OUTSIDE and Who.OWNER in read.who(leg) and read.may(leg, LegEvent.ACKNOWLEDGE)


def _there_for_them(read: Read, leg: Leg) -> bool:
    return leg.kind in OUTSIDE and Who.OWNER in read.who(leg) and read.may(leg, LegEvent.ENGAGE)


def _there(read: Read, leg: Leg) -> bool:
    """Whoever has it or said that they come; while it is called, whoever was called. Not who was called and somebody else came."""
    if not read.may(leg, LegEvent.ENGAGE):
        return False
    page = read.own_page(leg)
    if page is None:
        return leg.kind not in OUTSIDE
    has = leg.owner_id == read.actor.membership_id or page.answer == Answer.ACKNOWLEDGED
    return has or (LegState(leg.state) in PAGED and page.answer == Answer.NONE)


def _declines(read: Read, leg: Leg) -> bool:
    page = read.own_page(leg)
    return page is not None and page.answer == "" and read.may(leg, LegEvent.DECLINE)


def _lifts(read: Read, leg: Leg) -> bool:
    word = read.word("lift", leg)
    mine = word is not None and word.by_id == read.actor.membership_id
    return not mine and read.may(leg, LegEvent.LIFT)


def _dials(read: Read, leg: Leg) -> bool:
    return bool(dials(read, leg)) and bool(read.who(leg) or read.own_page(read.school))


def _places(read: Read, leg: Leg) -> bool:
    return (
        leg.kind == LegKind.FAMILY
        and LegState(leg.state) in OPEN
        and bool(read.who(leg) & {Who.DUTY, Who.CENTRE, Who.OWNER})
    )


def _tells(read: Read, leg: Leg) -> bool:
    return (
        PURPOSE_OF[LegKind(leg.kind)] in MEETS_THE_PERSON
        and LegState(leg.state) in OPEN
        and bool(read.who(leg) & {Who.DUTY, Who.CENTRE, Who.OWNER})
    )


def _starts(read: Read, leg: Leg) -> bool:
    return read.may(leg, LegEvent.START) and read.actor.may("incident.grade") and bool(read.incident.grade)


LEG_ACTS: Final[Mapping[str, LegAct]] = {
    "acknowledge": LegAct(
        _("I have it"), _takes, lambda actor, one, kind, said: answering.acknowledge(
            actor=actor, incident_id=one.pk, kind=kind, eta=said.get("eta", answering.NOT_STATED)
        ),
        10, _("You have it. The others are told that somebody has it."), form=EtaForm, is_asked=False,
    ),
    "dialled": LegAct(
        pgettext_lazy("act", "Called"), _dials, lambda actor, one, kind, said: answering.dialled(
            actor=actor, incident_id=one.pk, kind=kind, dial=said["dial"]
        ),
        5, _("Written down, with the minute."), is_asked=False,
    ),
    "decline": LegAct(
        pgettext_lazy("act", "Not now"), _declines, lambda actor, one, kind, said: answering.decline(actor=actor, incident_id=one.pk, kind=kind),
        20, _("The next one is called at once."), _("The next one is called at once. You are not called again about this."),
    ),
    "behalf": LegAct(
        _("They said yes by telephone"), _behalf, lambda actor, one, kind, said: answering.acknowledge(
            actor=actor, incident_id=one.pk, kind=kind, eta=said["eta"], on_behalf_of=said["on_behalf_of"]
        ),
        30, _("Written down for them. Nobody else is called."), _("Calling stops as if they had pressed it themselves."), BehalfForm,
    ),
    "engage": LegAct(
        _("I am there"), _there, lambda actor, one, kind, said: answering.engage(actor=actor, incident_id=one.pk, kind=kind),
        15, _("Written down, with the minute."), is_asked=False,
    ),
    "engage_behalf": LegAct(
        _("They are there"), _there_for_them, lambda actor, one, kind, said: answering.engage(
            actor=actor, incident_id=one.pk, kind=kind, on_behalf_of=said["on_behalf_of"]
        ),
        35, _("Written down for them."), _("They have spoken with the person, or are there."), ThereForm,
    ),
    "still": LegAct(
        _("Still with it"), _event(LegEvent.SIGN_OF_LIFE), lambda actor, one, kind, said: answering.sign_of_life(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        12, _("Thank you. The clock begins anew."), is_asked=False,
    ),
    "extend": LegAct(
        _("Name another time"), _event(LegEvent.EXTEND), lambda actor, one, kind, said: answering.extend(
            actor=actor, incident_id=one.pk, kind=kind, eta=said["eta"]
        ),
        40, _("The new time stands."), _("From the second time on the team is told."), EtaForm,
    ),
    "release": LegAct(
        _("Somebody else must go"), _event(LegEvent.RELEASE), lambda actor, one, kind, said: answering.release(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        50, _("The next one is called at once."), _("It is nobody's then, and the next one is called at once."),
    ),
    "pass_on": LegAct(
        _("The person is with somebody else now"), _event(LegEvent.PASS_ON), lambda actor, one, kind, said: answering.pass_on(
            actor=actor, incident_id=one.pk, kind=kind, receiver=said["receiver"]
        ),
        45, _("Passed on. Somebody still says whether the person arrived."),
        _("Admitted, or gone home with the family. It stays open until somebody says that the person arrived."), ReceiverForm,
    ),
    "received": LegAct(
        _("The person arrived"), _event(LegEvent.RECEIVED), lambda actor, one, kind, said: answering.received(
            actor=actor, incident_id=one.pk, kind=kind, came=True
        ),
        14, _("Written down."), is_asked=False,
    ),
    "bounced": LegAct(
        _("The person did not arrive"), _event(LegEvent.BOUNCED), lambda actor, one, kind, said: answering.received(
            actor=actor, incident_id=one.pk, kind=kind, came=False
        ),
        16, _("It is called again at once."), _("It is called again at once."), is_grave=True,
    ),
    "start": LegAct(
        _("Begin to call"), _starts, lambda actor, one, kind, said: grading.start_leg(
            actor=actor, incident_id=one.pk, kind=kind, agreed_how=said["agreed_how"]
        ),
        25, _("It is being called."), _("The first step is called within seconds. What was said cannot be unsaid."), AgreementForm,
    ),
    "place": LegAct(
        _("Write the meeting place"), _places, lambda actor, one, kind, said: holding.write_meeting_place(
            actor=actor, incident_id=one.pk, words=said["words"]
        ),
        60, _("Written down."), _("The family is asked to come there."), PlaceForm,
    ),
    "words": LegAct(
        _("Tell them what they should know"), _tells, lambda actor, one, kind, said: holding.write_card_words(
            actor=actor, incident_id=one.pk, kind=kind, words=said["words"]
        ),
        62, _("Written down. It stands on their page."), _("Whoever takes it reads it at once."), CardWordsForm,
    ),
    "hold": LegAct(
        _("Stop calling"), _event(LegEvent.HOLD), lambda actor, one, kind, said: holding.hold(
            actor=actor, incident_id=one.pk, kind=kind, reason=said["reason"]
        ),
        70, _("Nobody of this line is called. You are asked again."),
        _("Where a call could hurt. Links go dead; two people let it go on; you are asked again soon."), ReasonForm, is_grave=True,
    ),
    "lift": LegAct(
        _("Let it be called again"), _lifts, lambda actor, one, kind, said: holding.lift(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        18, _("It is being called."), _("It takes two people. If you are the first, the second is asked to agree."),
    ),
}  # fmt: skip
"""By the name that stands in the address."""


def offered(read: Read, leg: Leg) -> list[tuple[str, LegAct]]:
    """What the reader may do to ``leg`` now, the main one first."""
    if LegState(leg.state) not in OPEN:
        return []
    found = [(name, act) for name, act in LEG_ACTS.items() if act.offered(read, leg)]
    return sorted(found, key=lambda row: row[1].rank)


@dataclass(frozen=True, slots=True)
class WholeAct:
    """An act on the incident itself. ``run`` answers False for the first of two words."""

    label: Text
    offered: Callable[[Read], bool]
    run: Callable[[Actor, Incident, Mapping[str, Any]], object]
    done: Text
    lead: Text = ""
    form: type[forms.Form] | None = None
    is_asked: bool = True
    is_grave: bool = False


def fits(read: Read, event: IncidentEvent) -> bool:
    """Whether the incident's own table has the move."""
    return (IncidentState(read.incident.state), event) in incident_moves.MOVES


def _second(read: Read, act: str) -> bool:
    """Not by the one who has said it already."""
    word = read.word(act)
    return word is None or word.by_id != read.actor.membership_id


def _closes(read: Read) -> bool:
    return read.actor.may("incident.close") and fits(read, IncidentEvent.CLOSE) and _second(read, "close")


def all_taken(read: Read) -> bool:
    """Whether every leg that is open is in somebody's hands."""
    return all(LegState(leg.state) in TAKEN for leg in read.legs.values() if LegState(leg.state) in OPEN)


def _says_false(read: Read) -> bool:
    return (
        read.actor.may("incident.false_alarm")
        and fits(read, IncidentEvent.FALSE_ALARM)
        and _second(read, "false_alarm")
    )


def _assesses(read: Read) -> bool:
    event = IncidentEvent.WATCHED if read.incident.state == IncidentState.WATCH else IncidentEvent.ASSESSED
    return read.actor.may("incident.grade") and fits(read, event)


def _reopens(read: Read) -> bool:
    ended = read.incident.closed_at
    return (
        read.actor.may("incident.close")
        and fits(read, IncidentEvent.REOPEN)
        and ended is not None
        and read.moment - ended <= incident_moves.REOPENED_WITHIN
    )


def grades_open(read: Read) -> list[Grade]:
    """The grades that the reader may write: any first one, a higher one, and for the centre a lower one."""
    if not (read.actor.may("incident.grade") and fits(read, IncidentEvent.GRADE)):
        return []
    before = Grade(read.incident.grade) if read.incident.grade else None
    if before is None:
        return list(Grade)
    lower = read.actor.may("incident.lower")
    word = read.word("lower_grade")
    mine = word.facts.get("grade") if word and word.by_id == read.actor.membership_id else None
    return [
        grade for grade in Grade if grade is not before and (grade.rank > before.rank or lower) and grade.value != mine
    ]


WHOLE_ACTS: Final[Mapping[str, WholeAct]] = {
    "grade": WholeAct(
        _("Write the grade"), lambda read: bool(grades_open(read)),
        lambda actor, one, said: grading.write_grade(
            actor=actor, incident_id=one.pk, grade=said["grade"], reason=said["reason"]
        ),
        _("The grade is written, and whoever it calls for is called."),
        _("The first grade and a higher one call at once. A lower one from “extreme” takes two people."), GradeForm,
    ),
    "assess": WholeAct(
        _("Assessment done"), _assesses, lambda actor, one, said: ending.assess(actor=actor, incident_id=one.pk) and True,
        _("Written down. The next look is due in 24 hours."),
        _("A professional has seen the person, or looked in on them today. Next time in 24 hours."),
    ),
    "false-alarm": WholeAct(
        _("It was a false alarm"), _says_false,
        lambda actor, one, said: ending.say_false_alarm(actor=actor, incident_id=one.pk),
        _("Ended as a false alarm. Whoever was called is told."),
        _("Two people say it. After the first word family and society are not called further; without a second within ten minutes they are again."),
        is_grave=True,
    ),
    "close": WholeAct(
        _("Close the incident"), _closes,
        lambda actor, one, said: ending.close(actor=actor, incident_id=one.pk, outcome=said["outcome"]),
        _("Closed."),
        _("Every line must be in somebody's hands. An extreme one takes two people, and so do “died” and “joined to another”."), CloseForm,
        is_grave=True,
    ),
    "reopen": WholeAct(
        _("Open it again"), _reopens, lambda actor, one, said: ending.reopen(actor=actor, incident_id=one.pk) and True,
        _("Open again. The school's line is being called."), _("The school's line is called at once."),
    ),
}  # fmt: skip


def whole_offered(read: Read) -> list[tuple[str, WholeAct]]:
    """What the reader may do to the incident now."""
    return [(name, act) for name, act in WHOLE_ACTS.items() if act.offered(read)]

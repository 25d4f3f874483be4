"""What can be done to an incident and its legs, once: whether it is offered, what is asked first, and which writer does it.

``rules.moves`` says who may fire what; a row here says how that looks. The writers ask again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.actor import Actor
from referrals.emergency.card_texts import card_rows
from referrals.emergency.centre import incident_offers as offers
from referrals.emergency.centre.incident_choices import (
    bars_of_duty,
    colleagues_to_ask,
    contacts_by_hand,
    contacts_to_bar,
    named_colleague,
    who_else,
)
from referrals.emergency.centre.incident_forms import (
    AgreementForm,
    BehalfForm,
    CallForm,
    CardWordsForm,
    ChosenForm,
    CloseForm,
    EtaForm,
    GradeForm,
    HandOverForm,
    NeverForm,
    NeverLiftForm,
    PlaceForm,
    ReasonForm,
    ReceiverForm,
    ReplaceForm,
    ThereForm,
)
from referrals.emergency.centre.incident_reading import Read
from referrals.emergency.incident_texts import Text
from referrals.emergency.models import Incident, Leg
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.grades import Grade, LegKind
from referrals.emergency.rules.incident_moves import IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import OPEN, TAKEN, LegEvent, LegState
from referrals.emergency.workflow import (
    answering,
    by_hand,
    ending,
    grading,
    handing_over,
    holding,
    never_of_duty,
    reading_out,
)

Run = Callable[[Actor, Incident, str, Mapping[str, Any]], object]
Choices = Callable[[Read, Leg], Sequence[tuple[str, Any]]]


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
    choices: Choices | None = None
    leads: Callable[[Incident, Mapping[str, Any]], str] | None = None
    """Where it leads when it is done; None: back to the incident."""
    reads: Callable[[Read, Leg], Sequence[tuple[str, Any]]] | None = None
    """What is read before it is done, label and value."""

    def form_of(self, read: Read, leg: Leg, data: Any = None) -> forms.Form | None:
        """Its form, with what can be chosen for this leg now; None for an act without."""
        if self.form is None:
            return None
        if self.choices is None:
            return self.form(data)
        assert issubclass(self.form, ChosenForm)
        form = self.form(data, choices=self.choices(read, leg))
        if leg.kind != LegKind.FAMILY:  # the person's own yes is asked for the family alone
            form.fields.pop("agreed_how", None)
        return form


LEG_ACTS: Final[Mapping[str, LegAct]] = {
    "acknowledge": LegAct(
        _("I have it"), offers.takes, lambda actor, one, kind, said: answering.acknowledge(
            actor=actor, incident_id=one.pk, kind=kind, eta=said.get("eta", answering.NOT_STATED)
        ),
        10, _("You have it. The others are told that somebody has it."), form=EtaForm, is_asked=False,
    ),
    "dialled": LegAct(
        pgettext_lazy("act", "Called"), offers.dials, lambda actor, one, kind, said: answering.dialled(
            actor=actor, incident_id=one.pk, kind=kind, dial=said["dial"]
        ),
        5, _("Written down, with the minute."), is_asked=False,
    ),
    "decline": LegAct(
        pgettext_lazy("act", "Not now"), offers.declines, lambda actor, one, kind, said: answering.decline(actor=actor, incident_id=one.pk, kind=kind),
        20, _("The next one is called at once."), _("The next one is called at once. You are not called again about this."),
    ),
    "behalf": LegAct(
        _("They said yes by telephone"), offers.behalf, lambda actor, one, kind, said: answering.acknowledge(
            actor=actor, incident_id=one.pk, kind=kind, eta=said["eta"], on_behalf_of=said["on_behalf_of"]
        ),
        30, _("Written down for them. Nobody else is called."), _("Calling stops as if they had pressed it themselves."), BehalfForm,
    ),
    "engage": LegAct(
        _("I am there"), offers.there, lambda actor, one, kind, said: answering.engage(actor=actor, incident_id=one.pk, kind=kind),
        15, _("Written down, with the minute."), is_asked=False,
    ),
    "engage_behalf": LegAct(
        _("They are there"), offers.there_for_them, lambda actor, one, kind, said: answering.engage(
            actor=actor, incident_id=one.pk, kind=kind, on_behalf_of=said["on_behalf_of"]
        ),
        35, _("Written down for them."), _("They have spoken with the person, or are there."), ThereForm,
    ),
    "still": LegAct(
        _("Still with it"), offers.event(LegEvent.SIGN_OF_LIFE), lambda actor, one, kind, said: answering.sign_of_life(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        12, _("Thank you. The clock begins anew."), is_asked=False,
    ),
    "extend": LegAct(
        _("Name another time"), offers.event(LegEvent.EXTEND), lambda actor, one, kind, said: answering.extend(
            actor=actor, incident_id=one.pk, kind=kind, eta=said["eta"]
        ),
        40, _("The new time stands."), _("From the second time on the team is told."), EtaForm,
    ),
    "release": LegAct(
        _("Somebody else must go"), offers.event(LegEvent.RELEASE), lambda actor, one, kind, said: answering.release(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        50, _("The next one is called at once."), _("It is nobody's then, and the next one is called at once."),
    ),
    "pass_on": LegAct(
        _("The person is with somebody else now"), offers.event(LegEvent.PASS_ON), lambda actor, one, kind, said: answering.pass_on(
            actor=actor, incident_id=one.pk, kind=kind, receiver=said["receiver"]
        ),
        45, _("Passed on. Somebody still says whether the person arrived."),
        _("Admitted, or gone home with the family. It stays open until somebody says that the person arrived."), ReceiverForm,
    ),
    "received": LegAct(
        _("The person arrived"), offers.event(LegEvent.RECEIVED), lambda actor, one, kind, said: answering.received(
            actor=actor, incident_id=one.pk, kind=kind, came=True
        ),
        14, _("Written down."), is_asked=False,
    ),
    "bounced": LegAct(
        _("The person did not arrive"), offers.event(LegEvent.BOUNCED), lambda actor, one, kind, said: answering.received(
            actor=actor, incident_id=one.pk, kind=kind, came=False
        ),
        16, _("It is called again at once."), _("It is called again at once."), is_grave=True,
    ),
    "start": LegAct(
        _("Begin to call"), offers.starts, lambda actor, one, kind, said: grading.start_leg(
            actor=actor, incident_id=one.pk, kind=kind, agreed_how=said["agreed_how"]
        ),
        25, _("It is being called."), _("The first step is called within seconds. What was said cannot be unsaid."), AgreementForm,
    ),
    "again": LegAct(
        _("Call them after all"), offers.begins_again, lambda actor, one, kind, said: grading.call_again(
            actor=actor, incident_id=one.pk, kind=kind, agreed_how=said["agreed_how"]
        ),
        68, _("It is being called."), _("It is called from its first step, within seconds. Where a call was stopped before, or the danger may be at home, it takes two people."), AgreementForm,
    ),
    "refuse": LegAct(
        _("The person says no"), offers.refuses, lambda actor, one, kind, said: grading.refuse_leg(
            actor=actor, incident_id=one.pk, kind=kind, reason=said["reason"]
        ),
        55, _("Written down. A look at the person is due within 24 hours."),
        _("This line is not called then, unless life comes to be in danger. Somebody looks again within 24 hours how they are."), ReasonForm,
    ),
    "replace": LegAct(
        _("Call somebody else"), offers.event(LegEvent.REPLACE), lambda actor, one, kind, said: holding.replace(
            actor=actor, incident_id=one.pk, kind=kind, choice=said["choice"], agreed_how=said.get("agreed_how", "")
        ),
        22, _("They are being called."), _("They are called within seconds, and who stood here before is called no more."),
        ReplaceForm, choices=who_else,
    ),
    "hand_over": LegAct(
        _("Ask a colleague to take over"), offers.hands_over, lambda actor, one, kind, said: handing_over.ask_to_take_over(
            actor=actor, incident_id=one.pk, kind=kind, colleague_id=said["colleague"]
        ),
        42, _("They are asked. Until they accept it is still yours."),
        _("They have ten minutes to answer. Until they accept it is still yours."), HandOverForm, choices=colleagues_to_ask,
    ),
    "take_over": LegAct(
        _("I take over"), offers.is_asked, lambda actor, one, kind, said: handing_over.accept(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        8, _("You have it. Your colleague is told."), is_asked=False,
    ),
    "not_over": LegAct(
        pgettext_lazy("act", "Not now"), offers.is_asked, lambda actor, one, kind, said: handing_over.decline(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        9, _("Your colleague is told at once."), is_asked=False,
    ),
    "keep": LegAct(
        _("I keep it"), offers.keeps, lambda actor, one, kind, said: handing_over.undo(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        13, _("It stays yours. Whoever was asked is told."), is_asked=False,
    ),
    "call_by_hand": LegAct(
        _("Call a contact who has not agreed"), offers.calls_by_hand, lambda actor, one, kind, said: by_hand.call_by_hand(
            actor=actor, incident_id=one.pk, contact_id=said["contact"], reason=said["reason"]
        ),
        65, _("Written down. Both are to be told within 72 hours."),
        _("Urgent: only where a life is in danger. The system never calls them; you do, and you alone see the number once the reason is written."),
        CallForm, is_grave=True, choices=contacts_by_hand,
        leads=lambda one, said: reverse("emergency_call_contact", args=[one.pk, said["contact"]]),
    ),
    "place": LegAct(
        _("Write the meeting place"), offers.places, lambda actor, one, kind, said: holding.write_meeting_place(
            actor=actor, incident_id=one.pk, words=said["words"]
        ),
        60, _("Written down."), _("The family is asked to come there."), PlaceForm,
    ),
    "words": LegAct(
        _("Tell them what they should know"), offers.tells, lambda actor, one, kind, said: holding.write_card_words(
            actor=actor, incident_id=one.pk, kind=kind, words=said["words"]
        ),
        62, _("Written down. It stands on their page."), _("Whoever takes it reads it at once."), CardWordsForm,
    ),
    "read_out": LegAct(
        _("I read it out to them"), offers.reads_out, lambda actor, one, kind, said: reading_out.read_out(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        64, _("Written down: who read it to whom."),
        _("For whoever has it and cannot open the page. Call the number that was called, and read what stands here, nothing else."),
        reads=lambda read, leg: card_rows(card) if (card := reading_out.card_out(leg, read.moment)) else [],
    ),
    "hold": LegAct(
        _("Stop calling"), offers.holds, lambda actor, one, kind, said: holding.hold(
            actor=actor, incident_id=one.pk, kind=kind, reason=said["reason"]
        ),
        70, _("Nobody of this line is called. You are asked again."),
        _("Where a call could hurt. Links go dead; two people let it go on; you are asked again soon."), ReasonForm, is_grave=True,
    ),
    "lift": LegAct(
        _("Let it be called again"), offers.lifts, lambda actor, one, kind, said: holding.lift(
            actor=actor, incident_id=one.pk, kind=kind
        ),
        18, _("It is being called."), _("It takes two people. If you are the first, the second is asked to agree."),
    ),
}  # fmt: skip
"""By the name that stands in the address."""


def offered(read: Read, leg: Leg) -> list[tuple[str, LegAct]]:
    """What the reader may do to ``leg`` now, the main one first."""
    acts = LEG_ACTS.items() if LegState(leg.state) in OPEN else [("again", LEG_ACTS["again"])]
    found = [(name, act) for name, act in acts if act.offered(read, leg)]
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
    choices: Callable[[Read], Sequence[tuple[str, Any]]] | None = None


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
    "never": WholeAct(
        _("Never call somebody"), offers.bars, lambda actor, one, said: never_of_duty.bar_in_incident(
            actor=actor, incident_id=one.pk, reason=said["reason"], contact_id=said["contact"] or None, phone=said["phone"],
            colleague_id=named_colleague(said),
        ) and True,
        _("Nobody calls them about this person any more, also in this incident."),
        _("At once, whatever their post. To a colleague there is no such incident from then on. The person reads on their list that it was written."),
        NeverForm, is_grave=True, choices=contacts_to_bar,
    ),
    "never-lift": WholeAct(
        _("Let somebody be called again"), offers.lifts_bars, lambda actor, one, said: never_of_duty.lift_bar_of_duty(
            actor=actor, incident_id=one.pk, never_id=said["never"], reason=said["reason"]
        ) or True,
        _("They may be called again about this person, from now on."),
        _("What was written on duty while it went on. What the person wrote themself is theirs alone. They read on their list that it was taken off."),
        NeverLiftForm, is_grave=True, choices=bars_of_duty,
    ),
    "close": WholeAct(
        _("Close the incident"), _closes,
        lambda actor, one, said: ending.close(actor=actor, incident_id=one.pk, outcome=said["outcome"]),
        _("Closed."),
        _("Every line must be in somebody's hands. An extreme one takes two people, and so do “died” and “joined to another”. Afterwards the person is told who was told what, and where no plan is agreed yet it is asked for."), CloseForm,
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

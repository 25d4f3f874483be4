"""An incident that was about nobody yet is given its person, and the other parties begin (chain §1)."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Refused
from referrals.emergency.models import Incident, LeftOut, Outcome, Report
from referrals.emergency.rules.incident_moves import IncidentEvent
from referrals.emergency.rules.leg_states import OPEN, LegEvent, LegState, Who
from referrals.emergency.rules.opening import FOR_A_PERSON, WHEN_KNOWN, starts
from referrals.emergency.workflow.beginning import answers_of
from referrals.emergency.workflow.ending import end
from referrals.emergency.workflow.grading import from_the_beginning
from referrals.emergency.workflow.joining import Opening, join, known_live
from referrals.emergency.workflow.moving import Locked, fire, lock, note
from referrals.emergency.workflow.opening import must_be_nameable
from referrals.emergency.workflow.standing import opened
from referrals.emergency.workflow.withdrawing import leave_out

_WRITERS = (Who.CENTRE, Who.DUTY)


@dataclass(frozen=True, slots=True)
class Named:
    """``incident`` goes on for this person. ``is_joined``: one was open, and this one was joined to it."""

    incident: Incident
    is_joined: bool


def name_person(*, actor: Actor, incident_id: UUID | str, person_id: UUID) -> Named:
    """Write whom an incident is about; whoever is due is called at once. Where one is open for this person, all that is
    known goes there and this one ends: nobody is called twice about one danger.

    By duty and centre. Once: an incident of the wrong person ends as a false alarm, by two. NotFound for whoever does not
    work here today; Refused ``own_incident``, ``name_in_drill``; Conflict ``incident_ended``, ``person_known``.
    """
    require(actor, "incident.grade")
    try:
        with transaction.atomic():
            return _name(actor, incident_id, person_id)
    except (IntegrityError, _OneWasOpened):  # for this person, in this very moment
        with transaction.atomic():
            return _name(actor, incident_id, person_id)


class _OneWasOpened(Exception):
    """Another incident of the person has to be held, and it was not held in the order of the keys: once more from the start."""


def _name(actor: Actor, incident_id: UUID | str, person_id: UUID) -> Named:
    other = known_live(person_id)
    for pk in sorted({str(incident_id), *([str(other.pk)] if other else [])}):
        lock(pk)  # in one order, whoever names whom
    locked = opened(actor, incident_id)
    incident = locked.incident
    if incident.is_drill:
        raise Refused("name_in_drill")
    if incident.person_id is not None:
        raise Conflict("person_known")
    must_be_nameable(actor, person_id, locked.moment, grades=True)
    live = known_live(person_id)
    if live is not None and (other is None or live.pk != other.pk):
        raise _OneWasOpened
    incident.person_id = person_id
    if live is not None:
        return Named(_joined(actor, locked, lock(live.pk)), is_joined=True)
    incident.save(update_fields=["person"])
    note(incident, "person.named", by=actor)
    _begin(locked, actor)
    record(actor=actor, action="incident.name", obj=incident)
    LeftOut.objects.filter(incident=incident, why=LeftOut.Why.NAMESAKE).delete()  # who it is stands there now
    leave_out(incident)
    return Named(incident, is_joined=False)


def _begin(locked: Locked, actor: Actor) -> None:
    """The legs that waited for a name become what they would have begun as."""
    begun = starts(answers_of(locked.incident))
    for kind in sorted(FOR_A_PERSON):
        leg, start = locked.leg(kind), begun[kind]
        event = WHEN_KNOWN[start]
        if event is None or leg.state != LegState.NOT_REQUIRED:
            continue
        fire(
            locked, leg, event, who=_WRITERS, by=actor, is_required=start.is_required, **from_the_beginning(leg)
        )  # fmt: skip


def _leave_out_there_too(incident: Incident, other: Incident) -> None:
    """Whom a report wanted not to be told is told by the one that goes on neither."""
    asked = LeftOut.objects.filter(incident=incident, why=LeftOut.Why.ASKED)
    rows = [LeftOut(incident=other, member_id=row.member_id, number_hash=row.number_hash, why=row.why) for row in asked]
    if rows:
        LeftOut.objects.bulk_create(rows, ignore_conflicts=True)
        leave_out(other)


def _joined(actor: Actor, locked: Locked, other: Locked) -> Incident:
    """All that is known of this one goes to the one that is open, and this one ends."""
    incident = locked.incident
    grade = incident.grade or incident.suggested
    told = Opening(
        kind=incident.kind,
        grade=grade,
        found_at=incident.found_at,
        signs=incident.read_words("signs"),
        person_id=incident.person_id,
        danger_now=incident.danger_now,
        home=incident.home,
        place=incident.place,
        place_words=incident.read_words("place"),
        company=incident.company,
        can_be_asked=incident.can_be_asked,
        by_line=incident.by_line,
    )
    _leave_out_there_too(incident, other.incident)
    Report.objects.filter(incident=incident).update(incident=other.incident)
    join(actor, other, told, grades=bool(incident.grade), number=incident.number)
    end(locked, IncidentEvent.MERGE, Outcome.MERGED)
    for leg in locked.legs.values():
        if LegState(leg.state) in OPEN:
            fire(locked, leg, LegEvent.JOINED, who=_WRITERS, by=actor)
    incident.save(update_fields=["person"])
    note(incident, "joined", by=actor, facts={"number": other.incident.number})
    record(actor=actor, action="incident.name", obj=incident, facts={"joined": True})
    return other.incident

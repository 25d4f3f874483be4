"""Somebody on duty calls a contact whom the engine must not call, by hand and with a reason (chain §2).

No machine ever calls who has not agreed. Where a life is in danger a person may: the reason is written down, the number is
shown to whoever gave it and to nobody else, and both are told within 72 hours.
"""

from typing import NamedTuple
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from audit import record, record_read
from kernel.errors import Forbidden, NotFound
from referrals.emergency.models import Contact, Incident, Timeline, WatchTask
from referrals.emergency.rules.contacts import Readiness
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import Who
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.selectors import left_out_in, readiness_of
from referrals.emergency.workflow import tasks
from referrals.emergency.workflow.moving import note
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import known_to, opened, who_is

CODE = "contact.by_hand"
_NEVER = (Readiness.BARRED, Readiness.WRONG, Readiness.BOUNCED)


class Uncalled(NamedTuple):
    """A contact whom the engine does not call at the incident's grade, and why."""

    contact: Contact
    readiness: Readiness


def uncalled(incident: Incident) -> list[Uncalled]:
    """Whom only a person may call: not agreed, or not for this grade. Whoever is never to be called is not among them, nor
    a number at which somebody else answers. Nobody in a drill: there the family is played.
    """
    if incident.person_id is None or incident.is_drill:
        return []
    rows = list(Contact.objects.filter(person_id=incident.person_id).select_related("relative").order_by("rank"))
    found, left_out = readiness_of(rows), left_out_in(incident.pk)
    grade = incident.grade or incident.suggested
    return [
        Uncalled(row, found[row.pk])
        for row in rows
        if found[row.pk] not in _NEVER
        and bytes(row.number_hash) not in left_out.numbers
        and not (found[row.pk].is_reached and grade in row.grades)
    ]


@transaction.atomic
def call_by_hand(*, actor: Actor, incident_id: UUID | str, contact_id: UUID | str, reason: str) -> WatchTask:
    """Write down that the actor calls the contact by hand, and why; from then on they may read the number.

    The person and the contact are to be told: a task of 72 hours. Again for the same contact begins no second one.
    Forbidden unless on duty; Invalid for a reason under 20 characters; NotFound for whoever is never to be called, is called
    by the engine anyway, or is no contact of this person.
    """
    words = reason_of(reason)
    locked = opened(actor, incident_id)
    leg = locked.leg(LegKind.FAMILY)
    if Who.DUTY not in who_is(actor, locked, leg):
        raise Forbidden(permission="incident.call_contact")
    contact = _of(locked.incident, contact_id)
    note(locked.incident, CODE, leg=leg, by=actor, facts={"contact": str(contact.pk)}, words=words)
    task = tasks.due(locked, TaskKind.TELL_BOTH, by=actor, leg=leg, relative=contact.relative)
    record(actor=actor, action="incident.call_contact", obj=locked.incident, facts={"contact": str(contact.pk)})
    assert task is not None  # nobody is called by hand in a drill: there the family is played
    return task


def number_for(actor: Actor, incident_id: UUID | str, contact_id: UUID | str) -> tuple[Incident, Contact] | None:
    """The incident, and the contact with name and number, for whoever has given a reason while the incident goes on; each look is a row of the
    record. None for everybody else; NotFound for whoever is never to be called, however late that was said.
    """
    incident = known_to(actor.membership_id).filter(pk=incident_id, closed_at=None).first()
    if incident is None:
        raise NotFound
    contact = _of(incident, contact_id)
    said = Timeline.objects.filter(
        incident=incident, code=CODE, by_id=actor.membership_id, facts__contact=str(contact.pk)
    )
    if not said.exists():
        return None
    record_read(actor=actor, action="incident.contact_number", obj=incident, facts={"contact": str(contact.pk)})
    return incident, contact


def _of(incident: Incident, contact_id: UUID | str) -> Contact:
    found = next((row.contact for row in uncalled(incident) if str(row.contact.pk) == str(contact_id)), None)
    if found is None:
        raise NotFound
    return found

"""Somebody on duty writes, in the middle of an incident, who is never to be called about its person (chain §2, §10).

It bites as the person's own word does: at once, in this incident too. The person reads on their list that it was written.
Afterwards the head of the centre can take it off again: the person cannot, for it may be them who is threatened into it.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from accounts.models import Membership
from accounts.once import once
from audit import record
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from referrals.emergency import resolving
from referrals.emergency.access import LIFTED
from referrals.emergency.models import Contact, Incident, NeverContact
from referrals.emergency.models.contacts import SetBy, number_hash
from referrals.emergency.rules.numbers import is_service_number
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.workflow.contacts import barred_now
from referrals.emergency.workflow.moving import chain_now, note
from referrals.emergency.workflow.never import END, TAKEN
from referrals.emergency.workflow.numbers import is_own_number
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import known_to, leads_duty
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.phones import normalise_phone

CODE = "never.added"


@transaction.atomic
def bar_in_incident(
    *,
    actor: Actor,
    incident_id: UUID | str,
    reason: str,
    contact_id: UUID | str | None = None,
    phone: str = "",
    colleague_id: UUID | None = None,
) -> NeverContact:
    """Never call a contact, a number or a colleague about the incident's person; one of the three.

    Forbidden unless on duty. Invalid for a reason under 20 characters, for none or several of the three, for what is no
    number; Refused for a service number, the person's own number and the person themself; Conflict ``never_twice``,
    ``incident_ended``, ``person_unknown``. NotFound for a contact or colleague that is none of this school's.
    """
    words = reason_of(reason)
    incident = known_to(actor.membership_id).filter(pk=incident_id).first()
    if incident is None:
        raise NotFound
    if not leads_duty(actor):
        raise Forbidden(permission="incident.never")
    if incident.closed_at is not None:
        raise Conflict("incident_ended")
    if incident.person_id is None:
        raise Conflict("person_unknown")
    if sum(bool(given) for given in (contact_id, phone.strip(), colleague_id)) != 1:
        raise Invalid("never_choose_one", fields=(("phone", "never_choose_one", ""),))
    # The person's place first, then contacts, then incident: the order in which the person's own word is written.
    person = Membership.objects.select_for_update(no_key=True).get(pk=incident.person_id)
    if colleague_id is not None:
        row = _colleague(person, colleague_id)
    else:
        row = _number(person, _phone_of(person, contact_id) if contact_id else normalise_phone(phone))
    row.set_by = SetBy.DUTY
    row.label = ""
    with once(TAKEN):
        row.save(force_insert=True)
    facts = {"colleague": row.member_id is not None}
    note(Incident.objects.get(pk=incident.pk), CODE, by=actor, facts=facts, words=words)
    record(actor=actor, action="incident.never", obj=incident, facts=facts)
    barred_now(row)
    return row


@transaction.atomic
def lift_bar_of_duty(*, actor: Actor, incident_id: UUID | str, never_id: UUID | str, reason: str) -> None:
    """Take off the list what was written on duty: by whoever holds or stands in for the seat of the centre's head, once
    nothing is open about the person. It bites at once, for every step to come; the person reads on their list that it was done.

    Invalid for a reason under 20 characters; Forbidden for anybody else; NotFound for what the person wrote themself, for
    somebody else's row, and for whoever must not know of the incident; Conflict ``incident_open``.
    """
    words = reason_of(reason)
    incident = known_to(actor.membership_id).filter(pk=incident_id).first()
    if incident is None or incident.person_id is None:
        raise NotFound
    if not lifts_bars(actor):
        raise Forbidden(permission="incident.never_lift")
    # The person's place first: an incident that is being opened about them, and their own word, wait for it or are seen.
    Membership.objects.select_for_update(no_key=True).get(pk=incident.person_id)
    if Incident.objects.filter(person_id=incident.person_id, is_drill=False, closed_at=None).exists():
        raise Conflict("incident_open")
    row = of_duty(incident).filter(pk=never_id).first()
    if row is None:
        raise NotFound
    facts = {"colleague": row.member_id is not None}
    row.delete()
    note(incident, LIFTED, by=actor, facts=facts, words=words)
    record(actor=actor, action="incident.never_lift", obj=incident, facts=facts)


def of_duty(incident: Incident) -> QuerySet[NeverContact]:
    """What was written on duty about the person of ``incident``, in whichever incident."""
    return NeverContact.objects.filter(person_id=incident.person_id, set_by=SetBy.DUTY).order_by("created_at", "pk")


def lifts_bars(actor: Actor) -> bool:
    """Whether ``actor`` holds the seat of the centre's head now, or stands in."""
    return actor.membership_id is not None and SeatKind.CENTRE_HEAD in resolving.seats_of(
        actor.membership_id, chain_now()
    )


def _phone_of(person: Membership, contact_id: UUID | str) -> str:
    contact = Contact.objects.filter(person=person, pk=contact_id).select_related("relative").first()
    if contact is None:
        raise NotFound
    return str(contact.relative.phone)


def _number(person: Membership, number: str) -> NeverContact:
    if is_service_number(number):
        raise Refused("number_is_service", fields=(("phone", "number_is_service", ""),))
    if is_own_number(person, number):
        raise Refused("never_the_person", fields=(("phone", "never_the_person", ""),))
    row = NeverContact(person=person, number_hash=number_hash(current_tenant_id(), number))
    row.end = number[-END:]
    return row


def _colleague(person: Membership, colleague_id: UUID) -> NeverContact:
    if colleague_id == person.pk:
        raise Refused("never_the_person", fields=(("colleague", "never_the_person", ""),))
    today = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).today()
    member = Membership.objects.current(today).filter(pk=colleague_id).first()
    if member is None:
        raise NotFound
    return NeverContact(person=person, member=member)

"""The only writers of the list of those who are never called about a person. What stands on it bites at once."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import Taken, once
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from referrals.emergency.access import access_never, person_of
from referrals.emergency.models import NeverContact
from referrals.emergency.models.contacts import SetBy, number_hash
from referrals.emergency.rules.numbers import is_service_number
from referrals.emergency.workflow.contacts import barred_now, locked_person
from referrals.emergency.workflow.numbers import is_own_number
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.phones import normalise_phone

MOST: Final = 20
LABEL_MAX: Final = 40
END: Final = 4

TAKEN: Final[Taken] = {
    "never_once_a_number": lambda: Conflict("never_twice", fields=(("phone", "never_twice", ""),)),
    "never_once_a_member": lambda: Conflict("never_twice", fields=(("colleague", "never_twice", ""),)),
}


@transaction.atomic
def bar_number(*, actor: Actor, phone: str, label: str = "") -> NeverContact:
    """Never call ``phone`` about the actor. ``label`` says to them whose it is; it is sealed, as the last four digits are.

    Invalid for what is no number; Refused for the own one, for a service number and for a list that is full; Conflict
    ``never_twice``.
    """
    require(actor, "contact.own")
    person, number = locked_person(actor), normalise_phone(phone)
    if is_service_number(number):
        raise Refused("number_is_service", fields=(("phone", "number_is_service", ""),))
    if is_own_number(person, number):
        raise Refused("number_is_own", fields=(("phone", "number_is_own", ""),))
    row = NeverContact(person=person, number_hash=number_hash(current_tenant_id(), number))
    row.end = number[-END:]
    return _kept(actor, row, label)


@transaction.atomic
def bar_colleague(*, actor: Actor, member_id: UUID, label: str = "") -> NeverContact:
    """Never call this colleague about the actor, whatever their seat, at whatever number. Errors as ``bar_number``.

    NotFound for who does not work here today; Refused ``never_oneself``.
    """
    require(actor, "contact.own")
    person = locked_person(actor)
    if member_id == person.pk:
        raise Refused("never_oneself", fields=(("colleague", "never_oneself", ""),))
    today = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).today()
    member = Membership.objects.current(today).filter(pk=member_id).first()
    if member is None:
        raise NotFound
    return _kept(actor, NeverContact(person=person, member=member), label)


@transaction.atomic
def lift_bar(*, actor: Actor, never_id: UUID | str) -> None:
    """Take somebody off the list. Refused ``never_of_duty`` for what the psychologist on duty wrote."""
    require(actor, "contact.own")
    locked_person(actor)
    row = access_never(actor, never_id)
    if row.set_by != SetBy.PERSON:
        raise Refused("never_of_duty")
    row.delete()
    record(actor=actor, action="never.lift", object_type="emergency.nevercontact", object_id=never_id)


def _kept(actor: Actor, row: NeverContact, label: str) -> NeverContact:
    said = fold_prose(label)
    if len(said) > LABEL_MAX or "\0" in label:
        raise Invalid("label_long", fields=(("label", "label_long", ""),))
    if NeverContact.objects.filter(person_id=person_of(actor)).count() >= MOST:
        raise Refused("never_full")
    row.label = said
    with once(TAKEN):
        row.save(force_insert=True)
    barred_now(row)
    record(actor=actor, action="never.add", obj=row, facts={"colleague": row.member_id is not None})
    return row

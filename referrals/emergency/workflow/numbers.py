"""Which numbers the chain may not take for a contact (chain §2)."""

from typing import Final

from accounts.models import Membership, place_phone_index
from accounts.phone_proof import has_proved
from accounts.roles import Role
from kernel.errors import Invalid, Refused
from referrals.emergency.models import DutyLine, NeverContact
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.rules.numbers import is_service_number
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id
from vault.phones import normalise_phone

_ON_DUTY: Final = (Role.DUTY, Role.CENTRE)
"""Their numbers ring for the school's side of the chain."""


def refuse_number(person: Membership, number: str) -> None:
    """Refused when ``number`` (E.164) is nobody's whom a contact could be: the person's own, the school's, one of those
    on duty, a service number, or one that the person said is never to be called.
    """
    if is_service_number(number):
        raise _no("number_is_service")
    if is_own_number(person, number):
        raise _no("number_is_own")
    if number in _school_numbers() or _rings_on_duty(number):
        raise _no("number_of_school")
    if is_barred(person, number):
        raise _no("number_is_barred")


def is_own_number(person: Membership, number: str) -> bool:
    """As the school typed it, or as the person proved it."""
    return _is_of(person, number) or has_proved(person.user_id, number)


def is_barred(person: Membership, number: str) -> bool:
    """Whether the person said that ``number``, or the colleague who has it, is never to be called."""
    never = NeverContact.objects.filter(person=person)
    colleague = place_phone_index(current_tenant_id(), number)
    return (
        never.filter(number_hash=number_hash(current_tenant_id(), number)).exists()
        or never.filter(member__phone_hash=colleague).exists()
    )


def _is_of(person: Membership, number: str) -> bool:
    kept = person.phone_hash
    return kept is not None and bytes(kept) == place_phone_index(current_tenant_id(), number)


def _school_numbers() -> set[str]:
    """The duty line as the school wrote it; one with an extension is nobody's telephone at home."""
    try:
        return {normalise_phone(Tenant.objects.only("duty_phone").get(pk=current_tenant_id()).duty_phone)}
    except Invalid:
        return set()


def _rings_on_duty(number: str) -> bool:
    if DutyLine.objects.filter(number=number).exists():
        return True
    hashed = place_phone_index(current_tenant_id(), number)
    return Membership.objects.filter(phone_hash=hashed, roles__overlap=list(_ON_DUTY)).exists()


def _no(code: str) -> Refused:
    return Refused(code, fields=(("relative", code, ""),))

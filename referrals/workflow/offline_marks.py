"""The counter without network: a note is taken like a scan of its moment, or both are asked (books §3).

It never says that something was redeemed before the server has said so.
"""

from dataclasses import dataclass, replace
from typing import Final

from accounts.actor import Actor, require
from kernel.clock import now
from kernel.errors import DomainError, Refused
from referrals.access import in_school_of
from referrals.missed import Said, day_over_at, stands_as
from referrals.models import Booking, Redemption, Voucher
from referrals.rules import RefusalReason
from referrals.states import BookingState
from referrals.workflow.looking import NOTABLE
from referrals.workflow.noted import ALLOWED, Noted
from referrals.workflow.redeeming import find_voucher, redeem
from referrals.workflow.unscanned import say_took_place
from tenancy.models import Tenant
from tenancy.scope import use_tenant

_BY_TIME: Final = frozenset({RefusalReason.EXPIRED, RefusalReason.NOT_YET, RefusalReason.SUSPENDED})
"""Refusals by the time alone: where the appointment is asked about, the note is the agency's answer to that."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a note: ``redemptions`` when it was taken, else ``booking``, of which both are asked whether it took place."""

    redemptions: list[Redemption]
    booking: Booking | None = None


def take_note(*, actor: Actor, text: str, noted: Noted, units: int = 1) -> Taken:
    """Spend ``units`` as if the voucher had been scanned when it was noted: on the voucher's days, and at most ``mark_hours`` ago.

    Else the note is the agency's word that the appointment took place, where one is asked about; the person's yes redeems it.
    Needs ``partner.redeem``. Raises what ``redeem`` raises, Refused ``note_too_late`` where nothing of it is asked about.
    """
    require(actor, "partner.redeem")
    moment = now()
    refusal: DomainError = Refused("note_too_late")
    if noted.at <= moment + ALLOWED:
        on_time = replace(noted, at=min(noted.at, moment))
        try:
            return Taken(redeem(actor=actor, text=text, units=units, noted=on_time))
        except DomainError as error:
            if error.reason not in _BY_TIME:
                raise
            if error.reason == RefusalReason.SUSPENDED or "valid_from" in error.params:
                refusal = error
    booking = _asked_about(actor, text, noted)
    if booking is None:
        raise refusal
    with in_school_of(booking) as tenant_id:
        tenant = Tenant.objects.get(pk=tenant_id)
        return Taken([], say_took_place(actor=actor, tenant=tenant, booking_id=booking.pk, says=Said.YES))


def _asked_about(actor: Actor, text: str, noted: Noted) -> Booking | None:
    """The latest appointment of the voucher up to the note's day whose own days are over, and of which it is open what became."""
    found = find_voucher(actor, text)
    if found is None:
        return None
    tenant_id, voucher_id = found
    with use_tenant(tenant_id):
        request = Voucher.objects.filter(pk=voucher_id).values("referral")
        rows = Booking.objects.filter(referral__in=request, partner_id=actor.institution_id, state__in=NOTABLE)
        began = rows.filter(starts_at__lt=day_over_at(noted.at, Tenant.objects.get(pk=tenant_id).time_zone)).order_by(
            "-starts_at"
        )
        return next((row for row in began if stands_as(row, now())[0] is BookingState.UNRESOLVED), None)

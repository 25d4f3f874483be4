"""Cancels a request for the person (rules §1 Cancellation)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Refused
from referrals.access import access_own_referral
from referrals.models import Booking, Referral, Voucher
from referrals.rules import Cancellation, cancellation
from referrals.states import (
    BookingEvent,
    BookingState,
    ReferralEvent,
    VoucherEvent,
    step,
)
from referrals.workflow.course import coming, standing_of
from referrals.workflow.ending import LIVE, state_today
from referrals.workflow.notices import tell_partner, tell_person, withdraw_offers
from referrals.workflow.relief import is_relief
from referrals.workflow.slots import let_time_go
from referrals.workflow.submitting import release_all
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant


def cancelling_means(referral: Referral, tenant: Tenant) -> Cancellation:
    """What a cancellation now would mean, shown before the click."""
    standing = standing_of(referral)
    booking = next(iter(coming(tenant, referral, standing, tenant.today()) or standing[-1:]), None)
    if booking is None or booking.state == BookingState.PENDING:  # nobody has agreed to that time yet
        return Cancellation.FREE
    return meaning_for(referral, booking, tenant)


def meaning_for(referral: Referral, booking: Booking, tenant: Tenant) -> Cancellation:
    """The same for one of its appointments."""
    free_before = timedelta(hours=tenant.settings.free_cancel_hours)
    return cancellation(booking.starts_at, now(), free_before, crisis=is_relief(referral))


@transaction.atomic
def cancel_referral(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """Take the request back. Everything reserved is free again, the voucher is void.

    The partner is told: that its appointment is off, or that the request it was asked needs no answer any more. Raises
    Refused ``cancel_started`` once the appointment has begun, IllegalMove after the first redemption and for what time has
    ended, swept or not.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    meaning = cancelling_means(referral, tenant)
    if meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    referral.state = step(state_today(referral, tenant), ReferralEvent.CANCEL)
    withdraw_offers(referral, now())
    bookings = list(
        Booking.objects.select_for_update(no_key=True).filter(
            referral=referral, state__in=[BookingState.PENDING, BookingState.CONFIRMED]
        )
    )
    vouchers = list(Voucher.objects.select_for_update(no_key=True).filter(referral=referral, state__in=LIVE))
    known = [
        booking for booking in bookings if booking.state == BookingState.CONFIRMED
    ]  # of others the agency knows nothing
    for booking in bookings:
        booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
        booking.save(update_fields=["state", "sequence"])
        let_time_go(booking)
    lock_accounts_of(referral)
    for voucher in vouchers:
        voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
        voucher.save(update_fields=["state", "units_left"])
    referral.deadline = None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.cancel", obj=referral, facts={"meaning": meaning.value})
    release_all(actor, referral, "cancel")
    tell_person(referral, "referral_cancelled")
    for booking in known:
        tell_partner(
            booking.partner_id, "booking_cancelled", key=f"booking/{booking.pk}/cancelled", link="/partner/bookings/"
        )
    return referral

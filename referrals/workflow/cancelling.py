"""A request is taken back by the person, and what time itself ends (rules §1 Cancellation, §2 Expiry)."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import local_day, now
from kernel.errors import Refused
from ledger.keys import Kind
from referrals.access import access_own_referral
from referrals.models import Booking, Offer, Redemption, Referral, Voucher
from referrals.rules import Cancellation, cancellation
from referrals.states import (
    BookingEvent,
    BookingState,
    OfferState,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    VoucherEvent,
    VoucherState,
    step,
)
from referrals.subsidies import accounting
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.submitting import release_all
from tenancy.models import Tenant


def cancelling_means(referral: Referral, tenant: Tenant) -> Cancellation:
    """What a cancellation now would mean, shown before the click."""
    booking = Booking.objects.filter(referral=referral, state=BookingState.CONFIRMED).first()
    if booking is None:
        return Cancellation.FREE
    return cancellation(booking.starts_at, now(), timedelta(hours=tenant.settings.free_cancel_hours))


@transaction.atomic
def cancel_referral(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """Take the request back. Everything reserved is free again, the voucher is void, the partner is told.

    Raises Refused ``cancel_started`` once the appointment has begun, IllegalMove after the first redemption.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    meaning = cancelling_means(referral, tenant)
    if meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    referral.state = step(referral.state, ReferralEvent.CANCEL)
    moment = now()
    Offer.objects.filter(referral=referral, state=OfferState.OPEN).update(
        state=OfferState.WITHDRAWN, answered_at=moment
    )
    bookings = list(
        Booking.objects.select_for_update(no_key=True).filter(
            referral=referral, state__in=[BookingState.PENDING, BookingState.CONFIRMED]
        )
    )
    vouchers = list(
        Voucher.objects.select_for_update(no_key=True).filter(
            referral=referral, state__in=[VoucherState.ISSUED, VoucherState.ACTIVE]
        )
    )
    accounting.lock_lines_of(referral)
    for booking in bookings:
        booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
        booking.save(update_fields=["state", "sequence"])
    for voucher in vouchers:
        voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
        voucher.save(update_fields=["state", "units_left"])
    referral.deadline = None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.cancel", obj=referral, facts={"meaning": meaning.value})
    release_all(actor, referral, "cancel")
    tell_person(referral, "referral_cancelled")
    for booking in bookings:
        tell_partner(
            booking.partner_id, "booking_cancelled", key=f"booking/{booking.pk}/cancelled", link="/partner/bookings/"
        )
    return referral


@transaction.atomic
def expire_voucher(*, actor: Actor, tenant: Tenant, voucher_id: UUID) -> bool:
    """End a voucher whose last day is over. What it still held returns to its pool at once and the person is told."""
    seen = Voucher.objects.get(pk=voucher_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True).get(pk=voucher_id)
    over = voucher.valid_until < local_day(now(), tenant.time_zone)
    if not over or voucher.state not in (VoucherState.ISSUED, VoucherState.ACTIVE):
        return False
    accounting.lock_lines_of(referral)
    used = set(
        Redemption.objects.filter(voucher=voucher)
        .exclude(state=RedemptionState.REVERSED)
        .values_list("unit_index", flat=True)
    )
    unused = [split[1] for index, split in enumerate(voucher.unit_splits) if index not in used]
    voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.EXPIRE), 0
    voucher.save(update_fields=["state", "units_left"])
    event = ReferralEvent.COMPLETE if referral.state == ReferralState.IN_SERVICE else ReferralEvent.EXPIRE
    referral.state, referral.deadline = step(referral.state, event), None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    Booking.objects.filter(pk=voucher.booking_id, state=BookingState.CONFIRMED).update(
        state=step(BookingState.CONFIRMED, BookingEvent.NO_SHOW)
    )
    record(actor=actor, action="voucher.expire", obj=voucher, facts={"unused": len(unused)})
    accounting.book(
        actor=actor,
        kind=Kind.RELEASE,
        referral=referral,
        share=accounting.share_of_units(referral, unused),
        reference=f"voucher/{voucher.pk}/expire",
    )
    tell_person(referral, "voucher_expired")
    return True

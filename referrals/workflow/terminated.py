"""An institution, or this school's agreement with it, is no more: what was not served there is void and free again, what was done stays payable (books §4)."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor
from audit import record
from kernel.clock import local_day, now
from partners.pauses import PauseCause, pauses_on
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.pauses import is_ended, is_of_ended, pauses_of
from referrals.states import (
    STANDING,
    UNDER_WAY,
    BookingEvent,
    OfferEvent,
    OfferState,
    ReferralEvent,
    ReferralState,
    UnitState,
    VoucherEvent,
    step,
)
from referrals.workflow.answering import decline_in_their_name, end_without_taker
from referrals.workflow.completing import complete
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_person
from referrals.workflow.slots import let_time_go
from referrals.workflow.units import lock_accounts_of, release_units, units_of
from tenancy.models import Tenant

REASON: Final = "agency_ended"


def booked_at_ended() -> QuerySet[Referral]:
    """Requests under way at an institution that is no more, or no more this school's."""
    return Referral.objects.filter(is_ended(now()), state__in=UNDER_WAY)


def asked_of_ended() -> QuerySet[Offer]:
    """Requests laid before one that have no answer yet."""
    return Offer.objects.filter(is_of_ended(local_day(now())), state=OfferState.OPEN)


@transaction.atomic
def leave_ended(*, actor: Actor, tenant: Tenant, referral_id: UUID) -> bool:
    """Void what is not served and free it; the person is told and may ask another agency with the same times.

    What has begun today waits until its day is over: it may have taken place. False when there is nothing to do.
    """
    referral = Referral.objects.select_for_update(no_key=True).get(pk=referral_id)
    if PauseCause.ENDED not in {pause.cause for pause in pauses_of(referral.pk, now())}:
        return False
    if not leave(actor, tenant, referral, REASON, "referral.leave_ended"):
        return False
    tell_person(referral, "booking_cancelled_by_agency", suffix="/ended")
    return True


def leave(
    actor: Actor, tenant: Tenant, referral: Referral, reason: str, action: str, *, to_others: bool = True
) -> bool:
    """What is not served at the agency is void and free, without a fee; what was done stays payable. The request is locked.

    ``reason``: why it ends here, read by the person; ``to_others``: who had one appointment may ask another agency with the same
    times, else the request is cancelled. ``action``: what the record calls it. False, and nothing has changed, while an appointment of today is under way.
    """
    bookings = list(
        Booking.objects.select_for_update(no_key=True).filter(referral=referral, state__in=STANDING).order_by("pk")
    )
    moment = now()
    if any(row.starts_at <= moment and tenant.day_of(row.starts_at) == tenant.day_of(moment) for row in bookings):
        return False
    vouchers = list(Voucher.objects.select_for_update(no_key=True).filter(referral=referral, state__in=LIVE))
    for booking in (row for row in bookings if row.starts_at > moment):
        booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
        booking.save(update_fields=["state", "sequence"])
        let_time_go(booking)
    lock_accounts_of(referral)
    for voucher in vouchers:
        voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
        voucher.save(update_fields=["state", "units_left"])
    record(actor=actor, action=action, obj=referral, facts={"partner": referral.partner_id})
    if referral.state == ReferralState.CONFIRMED and to_others:
        end_without_taker(actor, referral, step(referral.state, ReferralEvent.PARTNER_CANCEL), reason)
    else:
        if referral.state == ReferralState.CONFIRMED:  # nothing was served
            referral.decline_reason = reason
            referral.state, referral.deadline = step(referral.state, ReferralEvent.CANCEL), None
        else:
            complete(referral, tenant.time_zone)
        referral.save(update_fields=["state", "decline_reason", "deadline", "changed_at"])
        unserved = units_of(referral, UnitState.HELD)
        release_units(actor=actor, referral=referral, units=unserved, why=reason)
    return True


@transaction.atomic
def answer_for_ended(*, actor: Actor, offer_id: UUID) -> bool:
    """An institution that is no more says no to what it was asked; the person is told at once. False when it has answered."""
    seen = Offer.objects.get(pk=offer_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    offer = Offer.objects.select_for_update(no_key=True).get(pk=offer_id)
    causes = {pause.cause for pause in pauses_on(offer.partner_id, referral.kind, local_day(now()))}
    if offer.state != OfferState.OPEN or PauseCause.ENDED not in causes:
        return False
    decline_in_their_name(actor, referral, offer, OfferEvent.DECLINE, REASON)
    return True

"""An agency cannot after all: the request ends, everything held is free, and the same times go to another (rules §2)."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require, system_in
from audit import record
from kernel.clock import now
from kernel.errors import NotFound, Refused
from partners.models import Service
from referrals.access import access_own_referral, as_uuid
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.states import (
    NO_TAKER,
    BookingEvent,
    OfferState,
    ReferralEvent,
    ReferralState,
    VoucherEvent,
    step,
)
from referrals.wishes import beyond, without
from referrals.workflow.answering import end_without_taker, expire_offer
from referrals.workflow.appointments import let_go
from referrals.workflow.course import is_course, standing_of
from referrals.workflow.ending import LIVE, state_today
from referrals.workflow.notices import tell_person, withdraw_offers
from referrals.workflow.reviewing import review_ahead
from referrals.workflow.slots import let_time_go
from referrals.workflow.submitting import check_reason, submit_referral
from referrals.workflow.times import kept_times
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant

AGENCY_CANCEL_REASONS: Final = frozenset({"ill", "double_booked", "closed_that_day", "cannot_serve"})


@transaction.atomic
def refuse_proposals(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """None of the proposed times suits the person: the request ends at once and the agency is told.

    Raises Refused ``nothing_proposed`` when no proposal waits, IllegalMove when the request has ended, swept or not.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    state = step(state_today(referral, tenant), ReferralEvent.NO_TAKER)
    asked = Offer.objects.filter(referral=referral, state=OfferState.OPEN)
    if not asked.filter(proposals__isnull=False).exists():
        raise Refused("nothing_proposed")
    withdraw_offers(referral, now())
    lock_accounts_of(referral)
    record(actor=actor, action="proposal.refuse", obj=referral, facts={})
    end_without_taker(actor, referral, state, "none_fits")
    return referral


@transaction.atomic
def cancel_by_agency(*, actor: Actor, tenant: Tenant, booking_id: UUID | str, reason: str) -> Booking:
    """The agency lets a confirmed appointment go, with a reason the person reads. It costs the person nothing.

    Of a course only this appointment goes: voucher and units stay. Otherwise voucher and subsidy are freed and the person
    may ask another agency with the same times. Raises NotFound for another institution's, Refused ``cancel_started``
    once it has begun, IllegalMove when it is no longer confirmed, Invalid for an unknown reason.
    """
    require(actor, "partner.answer")
    check_reason(reason, AGENCY_CANCEL_REASONS)
    seen = Booking.objects.filter(pk=as_uuid(booking_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    booking = Booking.objects.select_for_update(no_key=True).get(pk=seen.pk)
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
        .first()
    )
    facts = {"referral": referral.pk, "reason": reason}
    cancelled = step(booking.state, BookingEvent.CANCEL)
    if booking.starts_at <= now():
        raise Refused("cancel_started")
    if voucher is not None and is_course(referral, voucher):
        voucher.referral = referral
        let_go(actor, tenant, voucher, booking, [row for row in standing_of(referral) if row != booking])
        record(actor=actor, action="booking.cancel_by_agency", obj=booking, facts=facts)
    else:
        let_time_go(booking)
        lock_accounts_of(referral)
        booking.state, booking.sequence = cancelled, booking.sequence + 1
        booking.due_at = booking.remind_at = None
        booking.save(update_fields=["state", "sequence", "due_at", "remind_at"])
        record(actor=actor, action="booking.cancel_by_agency", obj=booking, facts=facts)
        state = step(state_today(referral, tenant), ReferralEvent.PARTNER_CANCEL)
        _void(voucher)
        end_without_taker(actor, referral, state, reason)
    tell_person(referral, "booking_cancelled_by_agency", suffix=f"/{booking.pk}")
    return booking


def _void(voucher: Voucher | None) -> None:
    if voucher is not None:
        voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
        voucher.save(update_fields=["state", "units_left"])


def ask_another(
    *, actor: Actor, tenant: Tenant, referral_id: UUID | str, service_id: UUID | str, quote_token: str
) -> Referral:
    """The same request, with the times still to come, to another agency at the price of ``quote_token``.

    Once for each request: asked again it gives the one that was made. Wishes go along as far as the other agency can be
    asked for them, the person's own words only where an office decides once more. Raises Refused ``not_rerouted`` unless the
    request ended because no agency took it, ``times_over`` when no time is to come, ``closed_then`` when the other agency
    is open at none of them; NotFound for a service of another kind or of the same agency; and what ``submit_referral``
    raises.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    # What the dates have ended is written down in transactions of its own: they hold the audit chain at their end, and
    # whoever holds it waits for nobody (ADR 0009), neither for the number nor for the books of the new request.
    if may_answer_is_over(seen, tenant):
        for offer in Offer.objects.filter(referral=seen, state=OfferState.OPEN):
            expire_offer(actor=system_in(tenant.id), offer_id=offer.pk)
    return _repeat(actor, tenant, seen.pk, service_id, quote_token)


@transaction.atomic
def _repeat(actor: Actor, tenant: Tenant, ended_id: UUID, service_id: UUID | str, quote_token: str) -> Referral:
    referral = Referral.objects.select_for_update(no_key=True).get(pk=ended_id)
    made = Referral.objects.filter(instead_of=referral).first()
    if made is not None:
        return made
    if referral.shown_state != NO_TAKER:
        raise Refused("not_rerouted")
    service = Service.objects.filter(pk=as_uuid(service_id), kind=referral.kind).first()
    if service is None or service.institution_id == referral.partner_id:
        raise NotFound
    moment = now()
    asked = [(row.starts_at, row.ends_at) for row in referral.windows.all() if row.starts_at > moment]
    if not asked:
        raise Refused("times_over")
    times = kept_times(service, asked, moment)
    if not times:
        raise Refused("closed_then")
    kind, wishes = referral.kind, referral.wishes
    day = min(tenant.day_of(start) for start, _end in times)
    review = review_ahead(actor=actor, tenant=tenant, kind=kind, units=referral.units, moment=moment, day=day)
    made = submit_referral(
        actor=actor,
        tenant=tenant,
        service_id=service.pk,
        units=referral.units,
        windows=times,
        consent=referral.consent,
        child_id=referral.child_id,
        note=referral.note if review else "",
        wishes=without(wishes, beyond(wishes, kind, on_site=service.on_site, online=service.online)),
        quote_token=quote_token,
    )
    made.instead_of = referral
    made.save(update_fields=["instead_of"])
    return made


def may_answer_is_over(referral: Referral, tenant: Tenant) -> bool:
    """Whether the agency's time has passed without the sweep having written it down."""
    return referral.state == ReferralState.OFFERED and state_today(referral, tenant) == ReferralState.EXPIRED

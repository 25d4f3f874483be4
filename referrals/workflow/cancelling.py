"""Cancels a request for the person (rules §1 Cancellation)."""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Refused
from referrals.access import access_own_referral
from referrals.missed import NOTHING
from referrals.models import Booking, Referral, Voucher
from referrals.rules import Cancellation
from referrals.states import STANDING, ReferralEvent, VoucherEvent, step
from referrals.workflow.calling_off import call_off, plan_off, tell_off
from referrals.workflow.course import coming, live_voucher, standing_of
from referrals.workflow.ending import LIVE, state_today
from referrals.workflow.fees import Leaving, leaving
from referrals.workflow.notices import tell_person, withdraw_offers
from referrals.workflow.submitting import release_all
from referrals.workflow.unit_holders import asked_about
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant


def cancelling_means(referral: Referral, tenant: Tenant) -> Leaving:
    """What a cancellation now would mean, shown before the click: of the next appointment, with the fees of all that are late."""
    standing = standing_of(referral)
    ahead = coming(tenant, referral, standing, tenant.today()) or standing[-1:]
    if not ahead:
        return Leaving(Cancellation.FREE)
    means = [meaning_for(referral, booking, tenant) for booking in ahead]
    return Leaving(means[0].meaning, sum((each.fee for each in means), NOTHING))


def meaning_for(referral: Referral, booking: Booking, tenant: Tenant) -> Leaving:
    """The same for one of its appointments."""
    return leaving(tenant, referral, live_voucher(referral), booking, now())


@transaction.atomic
def cancel_referral(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """Take the request back. Everything reserved is free again but what a late cancellation costs; the voucher is void.

    The partner is told: that its appointment is off, or that the request it was asked needs no answer any more. Raises
    Refused ``cancel_started`` once the appointment has begun, ``asked_about`` while it is open what became of an earlier
    one, IllegalMove after the first redemption and for what time has ended, swept or not.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    meaning, moment = cancelling_means(referral, tenant), now()
    if meaning.meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    if asked_about(referral, moment):
        raise Refused("asked_about")
    referral.state = step(state_today(referral, tenant), ReferralEvent.CANCEL)
    withdraw_offers(referral, moment)
    bookings = list(
        Booking.objects.select_for_update(no_key=True)
        .filter(referral=referral, state__in=STANDING)
        .order_by("starts_at", "id")
    )
    vouchers = list(
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
    )
    voucher = next(iter(vouchers), None)
    plan = plan_off(tenant, referral, voucher, bookings, moment)
    lock_accounts_of(referral)
    for each in vouchers:
        each.state, each.units_left = step(each.state, VoucherEvent.VOID), 0
        each.save(update_fields=["state", "units_left"])
    referral.deadline = None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.cancel", obj=referral, facts={"meaning": meaning.meaning.value})
    call_off(actor, tenant, referral, voucher, plan, moment)
    release_all(actor, referral, "cancel")
    tell_person(referral, "referral_cancelled")
    tell_off(plan)
    return referral

"""Ends a voucher whose last day is over (rules §2 Expiry). The dates decide; this writes the state."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor
from audit import record
from kernel.clock import now
from referrals.models import Offer, Referral, Voucher
from referrals.rules import is_over, may_answer
from referrals.states import OfferState, ReferralEvent, ReferralState, UnitState, VoucherEvent, VoucherState, step
from referrals.workflow.completing import complete, is_past
from referrals.workflow.notices import tell_person
from referrals.workflow.unit_holders import asked_about, holding_of
from referrals.workflow.units import lock_accounts_of, release_units, units_of
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

LIVE: Final = (VoucherState.ISSUED, VoucherState.ACTIVE)
"""States in which the dates may still end a voucher."""


def state_today(referral: Referral, tenant: Tenant) -> ReferralState:
    """The state as the dates have it: what time has ended is over, whether or not the sweep has written it down."""
    state, moment = ReferralState(referral.state), now()
    if state == ReferralState.OFFERED:
        asked = Offer.objects.filter(referral=referral, state=OfferState.OPEN)
        return state if any(may_answer(offer, moment) for offer in asked) else ReferralState.EXPIRED
    if state in (ReferralState.CONFIRMED, ReferralState.IN_SERVICE):
        live = Voucher.objects.filter(referral=referral, state__in=LIVE).first()
        if live is not None and is_over(live.valid_until, tenant.day_of(moment)) and not asked_about(referral, moment):
            return step(state, _ENDS[state])
    if state == ReferralState.COMPLETED and is_past(referral, moment):
        return ReferralState.CLOSED
    return state


_ENDS: Final = {ReferralState.CONFIRMED: ReferralEvent.EXPIRE, ReferralState.IN_SERVICE: ReferralEvent.COMPLETE}


@transaction.atomic
def expire_voucher(*, actor: Actor, tenant: Tenant, voucher_id: UUID) -> bool:
    """End a voucher whose last day is over. What it still held returns to its pool at once and the person is told.

    One of whose appointments nobody knows yet what became waits for that (``unscanned.pass_time``), and ends with it.
    """
    seen = Voucher.objects.get(pk=voucher_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True).get(pk=voucher_id)
    if not is_over(voucher.valid_until, tenant.today()) or voucher.state not in LIVE or holding_of(referral):
        return False
    lock_accounts_of(referral)
    end_voucher(actor, referral, voucher)
    return True


def end_voucher(actor: Actor, referral: Referral, voucher: Voucher) -> None:
    """The same with referral, voucher and accounts locked by the caller, who has looked at the day and at its appointments."""
    unused = units_of(referral, UnitState.HELD)
    voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.EXPIRE), 0
    voucher.save(update_fields=["state", "units_left"])
    event = _ENDS[ReferralState(referral.state)]
    if event is ReferralEvent.COMPLETE:
        complete(referral, Tenant.objects.get(pk=current_tenant_id()).time_zone)
    else:
        referral.state, referral.deadline = step(referral.state, event), None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="voucher.expire", obj=voucher, facts={"unused": len(unused)})
    release_units(actor=actor, referral=referral, units=unused, why="expire", voucher_id=voucher.pk)
    tell_person(referral, "voucher_expired")

"""A redemption is taken back, through whichever door: the agency's before its settlement closes, the office's after an objection
(books §9). One inner act behind both."""

from typing import Final

from accounts.actor import Actor, system_in
from audit import record
from kernel.clock import now
from kernel.errors import Refused
from referrals.models import Booking, Redemption, Referral, Unit, Voucher
from referrals.policy import UnitSplit
from referrals.rules import days_of, is_by_appointment, is_over
from referrals.states import (
    BookingEvent,
    BookingState,
    RedemptionEvent,
    RedemptionKind,
    RedemptionState,
    ReferralEvent,
    ReferralState,
    VoucherEvent,
    VoucherState,
    step,
)
from referrals.subsidies.corrections import split_of
from referrals.workflow.clocks import set_clocks
from referrals.workflow.course import follow_appointments, follow_days, standing_of
from referrals.workflow.ending import LIVE, end_voucher
from referrals.workflow.notices import tell_person
from referrals.workflow.units import give_back, lock_accounts_of, waive_unit
from tenancy.models import Tenant

_PRICE: Final = ("unit_splits", "fee_fen", "subsidy_fen", "self_fen")


def take_back(actor: Actor, seen: Redemption, reason: str) -> Redemption:
    """Takes ``seen`` back under lock; who may, and why, was looked at before. IllegalMove once it is settled.

    An objection that stands against it ends with it. One that was corrected comes back at its first price; Refused
    ``not_held_again`` where pool or quota have not what the correction freed (ADR 0067).
    """
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.voucher.referral_id)
    booking = Booking.objects.select_for_update(no_key=True).filter(pk=seen.booking_id).first()
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.voucher_id)
    )
    redemption = Redemption.objects.select_for_update(no_key=True).get(pk=seen.pk)
    redemption.state = step(redemption.state, RedemptionEvent.REVERSE)
    redemption.due_at = None
    if redemption.kind == RedemptionKind.FEE:
        return _waive(actor, referral, redemption, reason)
    tenant = Tenant.objects.get(pk=redemption.tenant_id)
    standing = standing_of(referral)
    reopened = [*standing, *([booking] if booking else [])]
    unit = Unit.objects.get(referral=referral, index=redemption.unit_index)
    now_counts, first = split_of(unit), UnitSplit(redemption.fee_fen, redemption.subsidy_fen, redemption.self_fen)
    days = [tenant.day_of(each.starts_at) for each in reopened]
    lock_accounts_of(referral, days=days, draws=now_counts != first)
    moment = now()
    over = is_over(voucher.valid_until, tenant.day_of(moment)) and not standing
    if over and voucher.state in LIVE:
        end_voucher(system_in(tenant.pk), referral, voucher)
    redemption.reversed_at, redemption.reverse_reason = moment, reason
    redemption.own_share_due = redemption.self_now_fen > 0  # what a correction gave back is owed apart
    redemption.save(update_fields=["state", "due_at", "reversed_at", "reverse_reason", "own_share_due"])
    lives_on = not over and voucher.state in (VoucherState.ACTIVE, VoucherState.USED_UP)
    _price_again(voucher, unit.index, now_counts, first)
    if lives_on:
        voucher.units_left += 1
        _open_again(tenant, referral, voucher, booking, standing)
    is_past = over and voucher.state == VoucherState.USED_UP
    voucher.state = step(voucher.state, VoucherEvent.EXPIRE if is_past else VoucherEvent.REVERSE)
    voucher.save(update_fields=["state", "units_left", "booking", "valid_from", "valid_until", *_PRICE])
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": voucher.pk, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    try:
        give_back(
            actor=actor, referral=referral, unit=unit, redemption_id=redemption.pk, hold_again=lives_on, first=first
        )
    except Refused as short:
        if now_counts == first:
            raise
        raise Refused("not_held_again") from short
    if lives_on:
        follow_days(actor, tenant, referral, standing, must=False)
    tell_person(referral, "voucher_reversed" if lives_on else "voucher_value_returned", suffix=f"/{redemption.pk}")
    return redemption


def _price_again(voucher: Voucher, index: int, now_counts: UnitSplit, first: UnitSplit) -> None:
    """What a correction made of the unit's price is undone on the voucher."""
    voucher.unit_splits[index] = list(first)
    voucher.fee_fen += first.fee_fen - now_counts.fee_fen
    voucher.subsidy_fen += first.subsidy_fen - now_counts.subsidy_fen
    voucher.self_fen += first.self_fen - now_counts.self_fen


def _waive(actor: Actor, referral: Referral, redemption: Redemption, reason: str) -> Redemption:
    """The agency waives the fee for a missed appointment: what the pool paid returns to it, no unit comes back."""
    lock_accounts_of(referral)
    redemption.reversed_at, redemption.reverse_reason = now(), reason
    redemption.save(update_fields=["state", "due_at", "reversed_at", "reverse_reason"])
    record(
        actor=actor,
        action="voucher.reverse",
        obj=redemption,
        facts={"voucher": redemption.voucher_id, "reason": reason, "subsidy_fen": redemption.subsidy_fen},
    )
    unit = Unit.objects.get(referral=referral, index=redemption.unit_index)
    waive_unit(actor=actor, referral=referral, unit=unit, fen=redemption.subsidy_fen, redemption_id=redemption.pk)
    tell_person(referral, "missed_fee_waived", suffix=f"/{redemption.pk}")
    return redemption


def _open_again(
    tenant: Tenant, referral: Referral, voucher: Voucher, booking: Booking | None, standing: list[Booking]
) -> None:
    """Undoes ``_move_along`` for a returned unit: the service is open again, and its appointment too while its days last.

    One whose days are over stays as it was: the agency enters another. Whoever took the unit back, or decided so, has said
    that it does not count; asked again, silence would take it from the person (ADR 0055).
    """
    if referral.state in (ReferralState.COMPLETED, ReferralState.CLOSED):
        referral.state, referral.deadline = step(referral.state, ReferralEvent.REOPEN), None
    if referral.state == ReferralState.IN_SERVICE and voucher.units_left == voucher.units:
        referral.state = step(referral.state, ReferralEvent.UNDO_START)
    open_days, today = tenant.settings.open_voucher_days, tenant.today()
    by_appointment = is_by_appointment(referral.kind, voucher.service.unit)
    if booking is not None and _is_unused(booking):
        days = days_of(referral.kind, tenant.day_of(booking.starts_at), open_days)
        if not is_over(days.last, today) and (by_appointment or booking.pk == voucher.booking_id):
            booking.state = step(booking.state, BookingEvent.REOPEN)
            set_clocks(tenant, referral.kind, booking)
            booking.save(update_fields=["state", "due_at", "remind_at"])
            standing.append(booking)
            standing.sort(key=lambda row: (row.starts_at, row.pk))
            if not by_appointment:
                voucher.valid_from, voucher.valid_until = days
    if by_appointment and (standing or voucher.state == VoucherState.USED_UP):
        follow_appointments(tenant, voucher, standing, today)


def _is_unused(booking: Booking) -> bool:
    """Whether the booking is done and none of its redemptions stands any more."""
    standing = Redemption.objects.filter(booking=booking).exclude(state=RedemptionState.REVERSED)
    return booking.state == BookingState.DONE and not standing.exists()

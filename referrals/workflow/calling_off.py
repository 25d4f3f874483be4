"""Appointments that the person lets go: free in time, by the agreement's terms when it is late (rules §1 Cancellation)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.actor import Actor
from referrals.missed import Missed
from referrals.models import Booking, Referral, Unit, Voucher
from referrals.rules import Cancellation
from referrals.states import BookingEvent, BookingState, step
from referrals.workflow.fees import Leaving, charge, leaving, lock_fees, units_at
from referrals.workflow.notices import tell_partner
from referrals.workflow.slots import let_time_go
from tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Off:
    """An appointment that is let go, what that means, and the units it would have spent.

    ``is_known``: the agency has its card; of a time that was only blocked it knows nothing.
    """

    booking: Booking
    leaving: Leaving
    units: list[Unit]
    is_known: bool = True

    @property
    def is_late(self) -> bool:
        """Whether the agreement's terms count."""
        return self.leaving.meaning is Cancellation.LATE


def plan_off(
    tenant: Tenant,
    referral: Referral,
    voucher: Voucher | None,
    bookings: Sequence[Booking],
    moment: datetime,
    *,
    is_free: bool = False,
) -> list[Off]:
    """What letting each of ``bookings`` go means now. ``is_free``: it is not the person who wants it.

    Referral, bookings and voucher are locked by the caller; this takes ``lock_fees`` and frees their times, and comes before
    the accounts in the order of locks.
    """
    plan = []
    for booking in bookings:
        if voucher is None or is_free or booking.state != BookingState.CONFIRMED:
            known = booking.state == BookingState.CONFIRMED
            plan.append(Off(booking, Leaving(Cancellation.FREE), [], is_known=known))
        else:
            means = leaving(tenant, referral, voucher, booking, moment)
            plan.append(Off(booking, means, units_at(referral, voucher, booking)))
    if any(off.is_late for off in plan):
        lock_fees(referral)
    for booking in bookings:
        let_time_go(booking)
    return plan


def call_off(
    actor: Actor, tenant: Tenant, referral: Referral, voucher: Voucher | None, plan: Sequence[Off], moment: datetime
) -> list[Unit]:
    """Write what was planned; the units that paid a fee. Accounts are locked by the caller."""
    paid: list[Unit] = []
    for off in plan:
        booking = off.booking
        event = BookingEvent.CANCEL_LATE if off.is_late else BookingEvent.CANCEL
        booking.state, booking.sequence = step(booking.state, event), booking.sequence + 1
        booking.due_at = booking.remind_at = None
        if event is BookingEvent.CANCEL_LATE and voucher is not None:
            paid += charge(actor, tenant, referral, voucher, booking, off.units, Missed.LATE, moment)
        booking.save(update_fields=["state", "sequence", "due_at", "remind_at", "missed_fee_fen", "missed_paid_fen"])
    return paid


def tell_off(plan: Sequence[Off]) -> None:
    """The agency reads of each that it is off, without a reason."""
    for off in plan:
        if not off.is_known:
            continue
        tell_partner(
            off.booking.partner_id,
            "booking_cancelled",
            key=f"booking/{off.booking.pk}/cancelled",
            link="/partner/bookings/",
        )

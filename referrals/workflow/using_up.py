"""An appointment takes one unit of its voucher with it: what that leaves (books §3, docs/bookings.md)."""

from collections.abc import Sequence
from datetime import date

from accounts.actor import Actor
from referrals.models import Referral, Unit, Voucher
from referrals.rules import is_by_appointment, is_over
from referrals.states import UnitState
from referrals.workflow.course import follow_appointments, follow_days, standing_of
from referrals.workflow.ending import end_voucher
from referrals.workflow.units import release_units, units_of
from tenancy.models import Tenant


def use_up(
    actor: Actor, tenant: Tenant, referral: Referral, voucher: Voucher, *, paid: Sequence[Unit], decided: date
) -> None:
    """One appointment was missed: ``paid`` are the units that paid its fee; where none did, the last unserved one is released.

    What else is left goes on from the day ``decided``, or ends with the voucher. Everything is locked by the caller,
    ``voucher.service`` is loaded.
    """
    held = units_of(referral, UnitState.HELD)
    if not is_by_appointment(referral.kind, voucher.service.unit):
        end_voucher(actor, referral, voucher)  # a visit of an open voucher: its days are over
        return
    if not paid and len(held) > 1:
        release_units(actor=actor, referral=referral, units=held[-1:], why="missed", voucher_id=voucher.pk)
        held = held[:-1]
    elif not paid:
        held = []
    voucher.units_left = len(held)
    if held:
        follow_course(actor, tenant, voucher, decided)
    else:
        end_voucher(actor, referral, voucher)


def follow_course(actor: Actor, tenant: Tenant, voucher: Voucher, decided: date) -> None:
    """The voucher's days and those of its units follow the appointments that are left. Accounts are locked by the caller.

    ``decided``: the day in school time on which it was settled what became of the appointment before. A sweep that comes
    late gives no voucher more days: one whose days are over meanwhile ends at once.
    """
    standing = standing_of(voucher.referral)
    follow_appointments(tenant, voucher, standing, decided)
    if is_over(voucher.valid_until, tenant.today()) and not standing:
        voucher.save(update_fields=["booking", "valid_from", "valid_until"])
        end_voucher(actor, voucher.referral, voucher)
        return
    voucher.save(update_fields=["units_left", "booking", "valid_from", "valid_until"])
    follow_days(actor, tenant, voucher.referral, standing, must=False)

"""A course of appointments side by side: whose day is whose unit's, the voucher's days (books §2–3)."""

from collections.abc import Sequence
from datetime import date

from accounts.actor import Actor
from kernel.errors import Refused
from referrals.models import Booking, Referral, Unit, Voucher
from referrals.rules import (
    days_of,
    days_of_course,
    days_of_waiting,
    is_by_appointment,
    is_over,
    units_of_bookings,
    with_waiting,
)
from referrals.states import STANDING, UnitState
from referrals.workflow.ending import LIVE
from referrals.workflow.unit_holders import holding_of
from referrals.workflow.units import rekey, units_of, would_fund
from tenancy.models import Tenant
from tenancy.page_memory import OnceAPage


def is_course(referral: Referral, voucher: Voucher) -> bool:
    """Whether its units are spent at several appointments."""
    return referral.units > 1 and is_by_appointment(referral.kind, voucher.service.unit)


def standing_of(referral: Referral) -> list[Booking]:
    """Its appointments that hold a unit, in order of time: those to come, and those of which it is open what becomes of them."""
    return holding_of(referral)


def coming(tenant: Tenant, referral: Referral, standing: Sequence[Booking], today: date) -> list[Booking]:
    """Those that are still to take place: they stand, and their days are not over."""
    open_days = tenant.settings.open_voucher_days
    return [
        booking
        for booking in standing
        if booking.state in STANDING
        and not is_over(days_of(referral.kind, tenant.day_of(booking.starts_at), open_days).last, today)
    ]


def follow_appointments(tenant: Tenant, voucher: Voucher, standing: Sequence[Booking], today: date) -> None:
    """Let the voucher's days be those of its appointments; while a unit has none, it waits for one. Saves nothing.

    ``standing`` are all that hold a unit; those of which it is open what becomes of them have their days behind them.
    """
    open_days = tenant.settings.open_voucher_days
    to_come = coming(tenant, voucher.referral, standing, today)
    days = days_of_course(voucher.referral.kind, [tenant.day_of(each.starts_at) for each in to_come], today, open_days)
    if days is None:
        days = days_of_waiting(today, open_days)
    elif voucher.units_left > len(standing):
        days = with_waiting(days, open_days)
    voucher.valid_from, voucher.valid_until = days
    if to_come:
        voucher.booking = min(to_come, key=lambda booking: booking.starts_at)


def follow_days(actor: Actor, tenant: Tenant, referral: Referral, standing: Sequence[Booking], *, must: bool) -> None:
    """Give each unserved unit the day of its appointment, in the lines of that day (``units.rekey``).

    A unit without one takes a day that another has left, so that letting one go costs no other line. Accounts of all days
    locked by the caller. With ``must`` Refused ``new_year_not_funded`` before anything moves; without, where nobody may be
    kept from letting go, the units keep their lines.
    """
    changed = _changed(tenant, referral, standing)
    if changed and (must or would_fund(referral, changed)):
        rekey(actor=actor, referral=referral, units=changed)


def check_days(tenant: Tenant, referral: Referral, standing: Sequence[Booking]) -> None:
    """Whether the lines of the days of ``standing`` would pay; before the click, without a lock, as ``follow_days`` does.

    Refused ``new_year_not_funded``. Writes nothing.
    """
    if not would_fund(referral, _changed(tenant, referral, standing)):
        raise Refused("new_year_not_funded")


def _changed(tenant: Tenant, referral: Referral, standing: Sequence[Booking]) -> dict[Unit, date]:
    """The unserved units whose day is another one, if these are the appointments."""
    unserved = units_of(referral, UnitState.HELD)
    booked = [(unit, tenant.day_of(booking.starts_at)) for unit, booking in units_of_bookings(unserved, standing)]
    left = [unit.service_date for unit in unserved]
    for _unit, day in booked:
        if day in left:
            left.remove(day)
    days = dict([*booked, *zip(unserved[len(booked) :], left, strict=False)])
    return {unit: day for unit, day in days.items() if unit.service_date != day}


@OnceAPage
def live_voucher(referral: Referral) -> Voucher | None:
    """Its voucher, while the dates may still end it, with its service."""
    return Voucher.objects.select_related("service").filter(referral=referral, state__in=LIVE).first()


def may_stop(referral: Referral, voucher: Voucher | None, tenant: Tenant) -> bool:
    """Whether there is a course that can be stopped now: live, with units that are not served."""
    return (
        voucher is not None
        and voucher.state in LIVE
        and not is_over(voucher.valid_until, tenant.today())
        and is_course(referral, voucher)
    )

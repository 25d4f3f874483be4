"""A course of appointments side by side: whose day is whose unit's, the voucher's days, and how it is stopped (books §2–3)."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Refused
from referrals.access import access_referral
from referrals.kinds import DECIDING_OFFICES, KINDS
from referrals.models import Booking, Referral, Unit, Voucher
from referrals.rules import days_of, days_of_course, days_of_waiting, is_by_appointment, is_over, units_of_bookings
from referrals.states import (
    STANDING,
    BookingEvent,
    ReferralEvent,
    UnitState,
    VoucherEvent,
    step,
)
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.slots import let_time_go
from referrals.workflow.units import lock_accounts_of, rekey, release_units, units_of, would_fund
from tenancy.models import Tenant


def is_course(referral: Referral, voucher: Voucher) -> bool:
    """Whether its units are spent at several appointments."""
    return referral.units > 1 and is_by_appointment(referral.kind, voucher.service.unit)


def standing_of(referral: Referral) -> list[Booking]:
    """Its appointments that stand, in order of time; missed ones too, until something ends them."""
    return list(Booking.objects.filter(referral=referral, state__in=STANDING).order_by("starts_at", "id"))


def coming(tenant: Tenant, referral: Referral, standing: Sequence[Booking], today: date) -> list[Booking]:
    """Those whose days are not over."""
    open_days = tenant.settings.open_voucher_days
    return [
        booking
        for booking in standing
        if not is_over(days_of(referral.kind, tenant.day_of(booking.starts_at), open_days).last, today)
    ]


def follow_appointments(tenant: Tenant, voucher: Voucher, standing: Sequence[Booking], today: date) -> None:
    """Let the voucher's days be those of its appointments; when none is to come, it waits from ``today`` on. Saves nothing."""
    open_days = tenant.settings.open_voucher_days
    to_come = coming(tenant, voucher.referral, standing, today)
    days = days_of_course(voucher.referral.kind, [tenant.day_of(each.starts_at) for each in to_come], today, open_days)
    voucher.valid_from, voucher.valid_until = days or days_of_waiting(today, open_days)
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
    booked = [
        (unit, tenant.day_of(booking.starts_at))
        for unit, booking in units_of_bookings(unserved, coming(tenant, referral, standing, tenant.today()))
    ]
    left = [unit.service_date for unit in unserved]
    for _unit, day in booked:
        if day in left:
            left.remove(day)
    days = dict([*booked, *zip(unserved[len(booked) :], left, strict=False)])
    return {unit: day for unit, day in days.items() if unit.service_date != day}


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


@transaction.atomic
def stop_course(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Referral:
    """The person, or the office that decides its kind, ends a course early: all units that are not served are released.

    What was served stays. Appointments still to come are off and the agency is told. Raises NotFound for a stranger,
    Refused ``nothing_left`` when there is no such course, ``cancel_started`` while an appointment is on.
    """
    if not any(actor.may(f"referral.decide.{office}") for office in DECIDING_OFFICES):
        require(actor, "referral.own")
    seen = access_referral(actor, referral_id)
    own = seen.person_id == actor.membership_id
    require(actor, "referral.own" if own else f"referral.decide.{KINDS[seen.kind].decider}")
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    standing = list(
        Booking.objects.select_for_update(no_key=True).filter(referral=referral, state__in=STANDING).order_by("pk")
    )
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
        .first()
    )
    if voucher is None or not may_stop(referral, voucher, tenant):
        raise Refused("nothing_left")
    moment = now()
    if any(booking.starts_at <= moment < booking.ends_at for booking in standing):
        raise Refused("cancel_started")
    off = [booking for booking in standing if booking.starts_at > moment]
    for booking in standing:
        event = BookingEvent.CANCEL if booking in off else BookingEvent.NO_SHOW
        booking.state, booking.sequence = step(booking.state, event), booking.sequence + 1
        booking.save(update_fields=["state", "sequence"])
        let_time_go(booking)
    lock_accounts_of(referral)
    unserved = units_of(referral, UnitState.HELD)
    voucher.state, voucher.units_left = step(voucher.state, VoucherEvent.VOID), 0
    voucher.save(update_fields=["state", "units_left"])
    referral.state, referral.deadline = step(referral.state, ReferralEvent.COMPLETE), None
    referral.save(update_fields=["state", "deadline", "changed_at"])
    record(actor=actor, action="referral.stop", obj=referral, facts={"unused": len(unserved), "own": own})
    release_units(actor=actor, referral=referral, units=unserved, why="stop", voucher_id=voucher.pk)
    tell_person(referral, "course_stopped")
    for booking in off:
        tell_partner(
            booking.partner_id, "booking_cancelled", key=f"booking/{booking.pk}/cancelled", link="/partner/bookings/"
        )
    return referral

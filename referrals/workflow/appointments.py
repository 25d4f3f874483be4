"""Appointments: a free slot, and the next one of a course, entered by the agency (books §3)."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from partners.selectors import agreed_line
from referrals.access import access_own_referral, as_uuid
from referrals.models import Booking, Referral, Voucher
from referrals.rules import (
    Cancellation,
    cancellation,
    days_of,
    days_of_waiting,
    is_by_appointment,
    is_over,
)
from referrals.states import BookingEvent, BookingState, step
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.relief import is_relief
from referrals.workflow.rescheduling import withdraw_with
from referrals.workflow.slots import free_slot, resource_of, take_slot
from referrals.workflow.times import checked_times
from referrals.workflow.units import follow_day
from tenancy.models import Tenant


def save_booking(tenant: Tenant, referral: Referral, start: datetime, end: datetime) -> Booking:
    """The confirmed appointment with its card and its slot. The slot comes before books and record in the order of locks.

    Refused ``no_agreement`` for a day that no agreement covers, Conflict ``slot_taken`` when the agency is busy then,
    whichever school it is busy for.
    """
    agreed_line(referral.service_id, tenant.day_of(start))
    resource = resource_of(referral)
    booking = Booking(
        referral=referral,
        partner_id=referral.partner_id,
        service_id=referral.service_id,
        resource=resource,
        slot=take_slot(resource, start, end),
        starts_at=start,
        ends_at=end,
        zone=tenant.time_zone,
        state=BookingState.CONFIRMED,
    )
    booking.card = card_of(Membership.objects.get(pk=referral.person_id))
    booking.save(force_insert=True)
    return booking


def card_of(person: Membership) -> str:
    """The minimum card of the service (rules §2): form of address and the last digits of the number that the school has."""
    tail = person.phone[-4:]
    return f"{person.address} · {tail}" if tail else person.address


@transaction.atomic
def enter_appointment(
    *, actor: Actor, tenant: Tenant, voucher_id: UUID | str, starts_at: datetime, ends_at: datetime
) -> Booking:
    """The agency enters the next appointment of a course: the same voucher, whose days become that day's.

    After a redemption, or when the last one was cancelled in time. Raises NotFound for another institution's voucher,
    Conflict ``has_appointment`` while one stands, Refused ``nothing_left`` when no unit waits for one any more, Invalid for
    a time that cannot be, Conflict ``slot_taken``.
    """
    require(actor, "partner.answer")
    seen = Voucher.objects.filter(pk=as_uuid(voucher_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    if Booking.objects.filter(referral=referral, state=BookingState.CONFIRMED).exists():
        raise Conflict("has_appointment")
    waits = voucher.state in LIVE and is_by_appointment(referral.kind, voucher.service.unit)
    if not waits or is_over(voucher.valid_until, tenant.today()):
        raise Refused("nothing_left")
    ((start, end),) = checked_times(tenant, voucher.service, [(starts_at, ends_at)], now())
    day = tenant.day_of(start)
    if is_over(voucher.valid_until, day):
        raise Invalid("windows_invalid", fields=(("starts_at", "too_far_ahead", ""),))
    booking = save_booking(tenant, referral, start, end)
    voucher.booking = booking
    voucher.valid_from, voucher.valid_until = days_of(referral.kind, day, tenant.settings.open_voucher_days)
    voucher.save(update_fields=["booking", "valid_from", "valid_until"])
    follow_day(actor=actor, referral=referral, day=day)
    record(
        actor=actor,
        action="booking.enter",
        obj=booking,
        facts={"referral": referral.pk, "voucher": voucher.pk, "starts_at": start},
    )
    tell_person(referral, "booking_confirmed", suffix=f"/{booking.pk}")
    return booking


@transaction.atomic
def cancel_appointment(*, actor: Actor, tenant: Tenant, referral_id: UUID | str) -> Voucher:
    """The person lets one appointment of a course go, in time: the unit stays, the agency enters another.

    Raises NotFound when there is none, Refused ``cancel_started`` once it has begun, ``too_late`` when it is no longer free:
    then the whole is cancelled or the agency is rung.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    booking = (
        Booking.objects.select_for_update(no_key=True).filter(referral=referral, state=BookingState.CONFIRMED).first()
    )
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
        .first()
    )
    if booking is None or voucher is None or not is_course(referral, voucher):
        raise NotFound
    free_before = timedelta(hours=tenant.settings.free_cancel_hours)
    meaning = cancellation(booking.starts_at, now(), free_before, crisis=is_relief(referral))
    if meaning is not Cancellation.FREE:
        raise Refused("cancel_started" if meaning is Cancellation.STARTED else "too_late")
    booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
    booking.save(update_fields=["state", "sequence"])
    let_go(booking)
    voucher.valid_from, voucher.valid_until = days_of_waiting(tenant.today(), tenant.settings.open_voucher_days)
    voucher.save(update_fields=["valid_from", "valid_until"])
    record(actor=actor, action="booking.cancel", obj=booking, facts={"referral": referral.pk, "voucher": voucher.pk})
    tell_partner(booking.partner_id, "appointment_wanted", key=f"booking/{booking.pk}/cancelled", link="/partner/")
    return voucher


def let_go(booking: Booking) -> None:
    """The appointment does not take place: its time is free for others, and nothing waits for an answer about it."""
    withdraw_with(booking, now())
    free_slot(booking.slot)


def is_course(referral: Referral, voucher: Voucher) -> bool:
    """Whether its units are spent at several appointments, one after the other."""
    return referral.units > 1 and is_by_appointment(referral.kind, voucher.service.unit)

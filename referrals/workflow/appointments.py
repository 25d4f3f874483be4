"""Appointments: a free slot, and those of a course, entered by the agency and let go (books §3)."""

from datetime import datetime
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
from referrals.rules import days_of_waiting, is_by_appointment, is_over
from referrals.states import BookingEvent, BookingState, step
from referrals.workflow.calling_off import call_off, plan_off
from referrals.workflow.clocks import set_clocks
from referrals.workflow.confirming import card_of
from referrals.workflow.course import coming, follow_appointments, follow_days, is_course, standing_of
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.one_place import require_free_child
from referrals.workflow.slots import let_time_go, take_seat
from referrals.workflow.times import checked_times
from referrals.workflow.units import lock_accounts_of
from referrals.workflow.using_up import follow_course, use_up
from tenancy.models import Tenant


def save_booking(
    tenant: Tenant, referral: Referral, start: datetime, end: datetime, *, named: UUID | None = None
) -> Booking:
    """The confirmed appointment with its card and its slot. The slot comes before books and record in the order of locks.

    With the counsellor whom the person chose, if that one is free then, else with another; with whom the agency ``named`` and
    nobody else. Refused ``no_agreement`` for a day that no agreement covers, Conflict ``slot_taken`` when nobody is free
    then, for whichever school they are busy, ``child_busy`` when its child has another appointment then.
    """
    require_free_child(referral.child_id, start, end)
    agreed_line(referral.service_id, tenant.day_of(start))
    wanted = named or referral.counsellor_id
    seat = take_seat(referral.service, start, end, wanted=wanted, only=named is not None, wishes=referral.wishes)
    booking = Booking(
        referral=referral,
        partner_id=referral.partner_id,
        service_id=referral.service_id,
        resource=seat.resource,
        slot=seat.slot,
        starts_at=start,
        ends_at=end,
        zone=tenant.time_zone,
        state=BookingState.CONFIRMED,
    )
    set_clocks(tenant, referral.kind, booking)
    booking.card = card_of(Membership.objects.get(pk=referral.person_id))
    booking.save(force_insert=True)
    return booking


@transaction.atomic
def enter_appointment(
    *, actor: Actor, tenant: Tenant, voucher_id: UUID | str, starts_at: datetime, ends_at: datetime
) -> Booking:
    """The agency enters an appointment of a course, beside those that stand: as many as units are not served.

    The voucher's days follow its appointments, each unit's year follows its own. Raises NotFound for another institution's
    voucher, Conflict ``has_appointment`` when each unit has one, Refused ``nothing_left`` when no unit waits for one any
    more, ``new_year_not_funded`` when its year cannot pay it, Invalid for a time that cannot be, Conflict ``slot_taken``, ``child_busy``.
    """
    require(actor, "partner.answer")
    seen = Voucher.objects.filter(pk=as_uuid(voucher_id), partner_id=actor.institution_id).first()
    if seen is None or actor.institution_id is None:
        raise NotFound
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    voucher.referral = referral
    today, open_days = tenant.today(), tenant.settings.open_voucher_days
    waits = voucher.state in LIVE and is_by_appointment(referral.kind, voucher.service.unit)
    if not waits or is_over(voucher.valid_until, today):
        raise Refused("nothing_left")
    standing = standing_of(referral)
    if len(standing) >= voucher.units_left:
        raise Conflict("has_appointment")
    ((start, end),) = checked_times(tenant, voucher.service, [(starts_at, ends_at)], now())
    day = tenant.day_of(start)
    if is_over(
        days_of_waiting(today, open_days).last if coming(tenant, referral, standing, today) else voucher.valid_until,
        day,
    ):
        raise Invalid("windows_invalid", fields=(("starts_at", "too_far_ahead", ""),))
    booking = save_booking(tenant, referral, start, end)
    lock_accounts_of(referral, days=[*(tenant.day_of(each.starts_at) for each in standing), day])
    standing = sorted([*standing, booking], key=lambda row: (row.starts_at, row.pk))
    follow_days(actor, tenant, referral, standing, must=True)
    follow_appointments(tenant, voucher, standing, today)
    voucher.save(update_fields=["booking", "valid_from", "valid_until"])
    record(
        actor=actor,
        action="booking.enter",
        obj=booking,
        facts={"referral": referral.pk, "voucher": voucher.pk, "starts_at": start},
    )
    tell_person(referral, "booking_confirmed", suffix=f"/{booking.pk}")
    return booking


@transaction.atomic
def cancel_appointment(
    *, actor: Actor, tenant: Tenant, referral_id: UUID | str, booking_id: UUID | str | None = None
) -> Voucher:
    """The person lets one appointment of a course go. In time, or where the agreement asks nothing, the unit stays and the
    agency enters another; else the unit pays the fee, or is released (books §3).

    ``booking_id`` None: the next one. Raises NotFound when there is none, Refused ``cancel_started`` once it has begun.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.pk)
    standing = list(
        Booking.objects.select_for_update(no_key=True)
        .filter(referral=referral, state=BookingState.CONFIRMED)
        .order_by("starts_at", "id")
    )
    voucher = (
        Voucher.objects.select_for_update(no_key=True, of=("self",))
        .select_related("service")
        .filter(referral=referral, state__in=LIVE)
        .first()
    )
    wanted = as_uuid(booking_id) if booking_id else None
    among = (
        [row for row in standing if row.pk == wanted] if wanted else coming(tenant, referral, standing, tenant.today())
    )
    booking = next(iter(among), None)
    if booking is None or voucher is None or not is_course(referral, voucher):
        raise NotFound
    voucher.referral = referral
    moment = now()
    if booking.starts_at <= moment:
        raise Refused("cancel_started")
    [off] = plan_off(tenant, referral, voucher, [booking], moment)
    others = [row for row in standing if row != booking]
    lock_accounts_of(referral, days=[tenant.day_of(each.starts_at) for each in others])
    meaning = off.leaving.meaning.value
    facts = {"referral": referral.pk, "voucher": voucher.pk, "meaning": meaning}
    record(actor=actor, action="booking.cancel", obj=booking, facts=facts)
    paid = call_off(actor, tenant, referral, voucher, [off], moment)
    if off.is_late and off.leaving.fee.fee_fen:
        use_up(actor, tenant, referral, voucher, paid=paid, decided=tenant.today())
    else:
        follow_course(actor, tenant, voucher, tenant.today())
    wanted_again = voucher.state in LIVE
    tell_partner(
        booking.partner_id,
        "appointment_wanted" if wanted_again else "booking_cancelled",
        key=f"booking/{booking.pk}/cancelled",
        link="/partner/" if wanted_again else "/partner/bookings/",
    )
    return voucher


def let_go(actor: Actor, tenant: Tenant, voucher: Voucher, booking: Booking, others: list[Booking]) -> None:
    """One appointment of a course is off, ``others`` stand: its unit stays, the voucher's days and the units' follow.

    Referral, bookings and voucher locked by the caller; takes the accounts.
    """
    referral = voucher.referral
    let_time_go(booking)
    lock_accounts_of(referral, days=[tenant.day_of(each.starts_at) for each in others])
    booking.state, booking.sequence = step(booking.state, BookingEvent.CANCEL), booking.sequence + 1
    booking.due_at = booking.remind_at = None
    booking.save(update_fields=["state", "sequence", "due_at", "remind_at"])
    follow_appointments(tenant, voucher, others, tenant.today())
    voucher.save(update_fields=["booking", "valid_from", "valid_until"])
    follow_days(actor, tenant, referral, others, must=False)

"""Moves an appointment: one side asks, the other says yes or no; until then the old time stands (books §4, §9).

The new time is held while the other side thinks. Saying yes is one act: place, time, calendar and money move together.
"""

from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from audit import record
from kernel.clock import now
from kernel.errors import Conflict, Invalid, NotFound, Refused
from partners.selectors import agreed_line
from referrals.access import as_uuid
from referrals.models import Booking, Referral, Reschedule, Voucher
from referrals.rules import last_day_of_leaver, may_answer_move
from referrals.states import (
    BookingEvent,
    BookingState,
    RescheduleEvent,
    RescheduleSide,
    RescheduleState,
    step,
)
from referrals.workflow.clocks import set_clocks
from referrals.workflow.course import check_days, follow_appointments, follow_days, standing_of
from referrals.workflow.notices import tell_partner, tell_person
from referrals.workflow.one_place import require_free_child
from referrals.workflow.slots import Seat, end_wishes, free_slot, keep_seat, take_beside
from referrals.workflow.times import checked_times
from referrals.workflow.units import lock_accounts_of
from tenancy.models import Tenant

THINKING: Final = timedelta(hours=24)
"""How long the new time is held for the other side's answer."""
_PAGE: Final = "/partner/bookings/"


@dataclass(frozen=True, slots=True)
class Held:
    """Rows under lock, in the order of locks: the request, the appointment, its voucher."""

    side: RescheduleSide
    referral: Referral
    booking: Booking
    voucher: Voucher | None


def _side_of(actor: Actor, booking: Booking) -> RescheduleSide:
    """Which side of the appointment the actor is. NotFound for everybody else, offices included."""
    if actor.institution_id is not None and booking.partner_id == actor.institution_id:
        require(actor, "partner.answer")
        return RescheduleSide.AGENCY
    if actor.membership_id is not None and booking.referral.person_id == actor.membership_id:
        require(actor, "referral.own")
        return RescheduleSide.PERSON
    raise NotFound


def _held(actor: Actor, booking_id: UUID | str) -> Held:
    seen = Booking.objects.select_related("referral").filter(pk=as_uuid(booking_id)).first()
    if seen is None:
        raise NotFound
    side = _side_of(actor, seen)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    booking = Booking.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    booking.referral = referral
    voucher = Voucher.objects.select_for_update(no_key=True).filter(referral=referral).order_by("-pk").first()
    return Held(side, referral, booking, voucher)


@transaction.atomic
def ask_reschedule(
    *, actor: Actor, tenant: Tenant, booking_id: UUID | str, starts_at: datetime, ends_at: datetime
) -> Reschedule:
    """Ask the other side for another time, held for it at most 24 h and never longer than until one of the two begins.

    With the counsellor of the appointment, or where that one is not free then with another, which is said before the answer.
    Raises NotFound for who is neither side; Conflict ``reschedule_open`` while one waits, ``slot_taken``; Refused
    ``cancel_started`` once it has begun, ``too_far_to_move`` beyond 30 days or another agreement,
    ``new_year_not_funded``; Invalid for a time that cannot be, is the same or lasts another time.
    """
    held = _held(actor, booking_id)
    booking, moment = held.booking, now()
    step(booking.state, BookingEvent.RESCHEDULE)
    if booking.starts_at <= moment:
        raise Refused("cancel_started")
    if open_one(booking, moment) is not None:
        raise Conflict("reschedule_open")
    # What the dates have ended is written down, so that another may be open; the sweep need not have been.
    end_wishes(booking, RescheduleEvent.EXPIRE, moment)
    ((start, end),) = checked_times(tenant, booking.service, [(starts_at, ends_at)], moment)
    check_new_time(tenant, held.referral, booking, start, end)
    until = min(moment + THINKING, booking.starts_at, start)
    asked = Reschedule(
        booking=booking,
        partner_id=booking.partner_id,
        asked_by=held.side,
        starts_at=start,
        ends_at=end,
        until=until,
        state=RescheduleState.OPEN,
        asked_at=moment,
    )
    seat = take_beside(booking, start, end, hold=until - moment)
    asked.resource, asked.slot = seat.resource, seat.slot
    asked.save(force_insert=True)
    record(
        actor=actor,
        action="booking.ask_reschedule",
        obj=booking,
        facts={"referral": held.referral.pk, "side": held.side.value, "starts_at": start},
    )
    _tell(_other(held.side), held.referral, asked, "reschedule_asked")
    return asked


def check_new_time(tenant: Tenant, referral: Referral, booking: Booking, start: datetime, end: datetime) -> None:
    """Whether the appointment may move there at the price that was decided; asked before the click and at it.

    Refused ``after_leaving`` beyond the days in which somebody who leaves may still use what is booked; Conflict ``child_busy``
    when its child has another appointment then.
    """
    if start == booking.starts_at:
        raise Invalid("windows_invalid", fields=(("starts_at", "same_time", ""),))
    if end - start != booking.ends_at - booking.starts_at:
        raise Invalid("windows_invalid", fields=(("ends_at", "other_length", ""),))
    old, new = tenant.day_of(booking.starts_at), tenant.day_of(start)
    if abs((new - old).days) > tenant.settings.move_days:
        raise Refused("too_far_to_move", days=tenant.settings.move_days)
    left_on = Membership.objects.values_list("left_on", flat=True).get(pk=referral.person_id)
    if left_on is not None and new > last_day_of_leaver(left_on, tenant.settings.leaver_days):
        raise Refused("after_leaving")
    try:
        same = agreed_line(booking.service_id, old).agreement_id == agreed_line(booking.service_id, new).agreement_id
    except Refused:  # the agreement has ended on one of the two days
        same = False
    if not same:
        raise Refused("too_far_to_move", days=tenant.settings.move_days)
    require_free_child(referral.child_id, start, end, besides=booking.pk)
    moved = copy(booking)
    moved.starts_at, moved.ends_at = start, end
    others = [row for row in standing_of(referral) if row.pk != booking.pk]
    check_days(tenant, referral, sorted([*others, moved], key=lambda row: (row.starts_at, row.pk)))


def open_one(booking: Booking, moment: datetime) -> Reschedule | None:
    """The wish that waits for an answer at ``moment``; the dates decide, a late sweep changes nothing."""
    found = Reschedule.objects.filter(booking=booking, state=RescheduleState.OPEN).first()
    return found if found is not None and may_answer_move(found, booking, moment) else None


def _locked(actor: Actor, reschedule_id: UUID | str) -> tuple[Held, Reschedule]:
    seen = Reschedule.objects.filter(pk=as_uuid(reschedule_id)).first()
    if seen is None:
        raise NotFound
    held = _held(actor, seen.booking_id)
    return held, Reschedule.objects.select_for_update(no_key=True).get(pk=seen.pk)


@transaction.atomic
def accept_reschedule(*, actor: Actor, tenant: Tenant, reschedule_id: UUID | str) -> Booking:
    """The other side says yes: the appointment is there now, its voucher and its calendar entry stay the same ones.

    Raises NotFound for a stranger, Refused ``own_wish`` for the side that asked, ``too_late`` when its time is over,
    ``new_year_not_funded``; IllegalMove when it was answered; Conflict ``slot_taken``. Whatever is refused leaves the old time.
    """
    held, asked = _locked(actor, reschedule_id)
    booking, referral, moment = held.booking, held.referral, now()
    _check_answer(held, asked, RescheduleEvent.ACCEPT, moment)
    check_new_time(tenant, referral, booking, asked.starts_at, asked.ends_at)
    held_seat = Seat(asked.resource or booking.resource, asked.slot)
    seat = keep_seat(held_seat, booking.service, asked.starts_at, asked.ends_at)
    former, booking.slot, booking.resource = booking.slot, seat.slot, seat.resource
    booking.state, booking.sequence = step(booking.state, BookingEvent.RESCHEDULE), booking.sequence + 1
    booking.starts_at, booking.ends_at = asked.starts_at, asked.ends_at
    set_clocks(tenant, referral.kind, booking)
    booking.save(update_fields=["state", "sequence", "starts_at", "ends_at", "slot", "resource", "due_at", "remind_at"])
    free_slot(former)
    _close(asked, RescheduleEvent.ACCEPT, moment)
    standing = standing_of(referral)
    lock_accounts_of(referral, days=[tenant.day_of(each.starts_at) for each in standing])
    follow_days(actor, tenant, referral, standing, must=True)
    if held.voucher is not None:
        held.voucher.referral = referral
        follow_appointments(tenant, held.voucher, standing, tenant.today())
        held.voucher.save(update_fields=["booking", "valid_from", "valid_until"])
    referral.deadline = booking.ends_at
    referral.save(update_fields=["deadline", "changed_at"])
    record(
        actor=actor,
        action="booking.reschedule",
        obj=booking,
        facts={"referral": referral.pk, "side": held.side.value, "starts_at": booking.starts_at},
    )
    _tell(RescheduleSide.PERSON, referral, asked, "booking_moved")
    if asked.asked_by == RescheduleSide.AGENCY:
        _tell(RescheduleSide.AGENCY, referral, asked, "booking_moved_there")
    return booking


@transaction.atomic
def decline_reschedule(*, actor: Actor, reschedule_id: UUID | str) -> Reschedule:
    """The other side says no; the appointment stays where it is. Raises as ``accept_reschedule`` does."""
    held, asked = _locked(actor, reschedule_id)
    _check_answer(held, asked, RescheduleEvent.DECLINE, now())
    _close(asked, RescheduleEvent.DECLINE, now())
    free_slot(asked.slot)
    record(actor=actor, action="booking.decline_reschedule", obj=held.booking, facts={"side": held.side.value})
    _tell(RescheduleSide(asked.asked_by), held.referral, asked, "reschedule_declined")
    return asked


@transaction.atomic
def withdraw_reschedule(*, actor: Actor, reschedule_id: UUID | str) -> Reschedule:
    """Who asked takes it back; the appointment stays where it is. Refused ``own_wish`` for the other side."""
    held, asked = _locked(actor, reschedule_id)
    state = step(asked.state, RescheduleEvent.WITHDRAW)
    if asked.asked_by != held.side:
        raise Refused("own_wish")
    assert state == RescheduleState.WITHDRAWN
    _close(asked, RescheduleEvent.WITHDRAW, now())
    free_slot(asked.slot)
    record(actor=actor, action="booking.withdraw_reschedule", obj=held.booking, facts={"side": held.side.value})
    _tell(_other(held.side), held.referral, asked, "reschedule_withdrawn")
    return asked


@transaction.atomic
def expire_reschedule(*, reschedule_id: UUID) -> bool:
    """Nobody answered in time: the appointment stays, whoever asked is told. False when it had not run out."""
    seen = Reschedule.objects.get(pk=reschedule_id)
    booking = Booking.objects.get(pk=seen.booking_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=booking.referral_id)
    booking = Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
    asked = Reschedule.objects.select_for_update(no_key=True).get(pk=seen.pk)
    if asked.state != RescheduleState.OPEN or may_answer_move(asked, booking, now()):
        return False
    _close(asked, RescheduleEvent.EXPIRE, now())
    free_slot(asked.slot)
    if booking.state == BookingState.CONFIRMED:
        _tell(RescheduleSide(asked.asked_by), referral, asked, "reschedule_expired")
    return True


def _check_answer(held: Held, asked: Reschedule, event: RescheduleEvent, moment: datetime) -> None:
    step(asked.state, event)
    if asked.asked_by == held.side:
        raise Refused("own_wish")
    step(held.booking.state, BookingEvent.RESCHEDULE)
    if not may_answer_move(asked, held.booking, moment):
        raise Refused("too_late")


def _close(asked: Reschedule, event: RescheduleEvent, moment: datetime) -> None:
    asked.state, asked.answered_at = step(asked.state, event), moment
    asked.save(update_fields=["state", "answered_at"])


def _other(side: RescheduleSide) -> RescheduleSide:
    return RescheduleSide.AGENCY if side is RescheduleSide.PERSON else RescheduleSide.PERSON


def _tell(side: RescheduleSide, referral: Referral, asked: Reschedule, template: str) -> None:
    if side is RescheduleSide.PERSON:
        tell_person(referral, template, suffix=f"/{asked.pk}")
    else:
        tell_partner(asked.partner_id, template, key=f"reschedule/{asked.pk}/{template}", link=_PAGE)

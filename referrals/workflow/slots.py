"""The place of an appointment: taken, held, kept and given back in ``seats``, where all schools' appointments meet (books §4)."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.clock import now
from partners.calendars.opening import Stretch
from referrals.kinds import KINDS
from referrals.models import Booking, Referral, Reschedule
from referrals.states import RescheduleEvent, RescheduleState, step
from seats import places

_SEEN_AHEAD: Final = timedelta(days=120)
"""How far ahead a page asks what is taken: appointments lie at most 90 days away."""


def resource_of(referral: Referral) -> UUID | None:
    """What an appointment of this request occupies; None where a place has several seats and guards none by itself."""
    return None if KINDS[referral.kind].is_open else referral.partner_id


def take_slot(resource: UUID | None, start: datetime, end: datetime, *, hold: timedelta | None = None) -> UUID | None:
    """Take the time for good, or with ``hold`` for so long. Conflict ``slot_taken``; None where nothing is guarded."""
    return None if resource is None else places.take(resource, start, end, hold=hold)


def keep_slot(slot: UUID | None, resource: UUID | None, start: datetime, end: datetime) -> UUID | None:
    """What was held is taken for good; what ran out meanwhile is taken anew, or Conflict ``slot_taken``."""
    if resource is None:
        return None
    return places.take(resource, start, end) if slot is None else places.keep(slot, resource, start, end)


def free_slot(slot: UUID | None) -> None:
    """Give the time back; twice is once."""
    places.free(slot)


def let_time_go(booking: Booking) -> None:
    """The appointment does not take place: its time is free for others, and nothing waits for an answer about it.

    The booking is locked by the caller, its accounts not yet (order of locks).
    """
    end_wishes(booking, RescheduleEvent.WITHDRAW, now())
    free_slot(booking.slot)


def end_wishes(booking: Booking, event: RescheduleEvent, moment: datetime) -> None:
    """Ends what waits for an answer about the appointment, and gives the time back that was held for it."""
    for asked in Reschedule.objects.select_for_update(no_key=True).filter(booking=booking, state=RescheduleState.OPEN):
        asked.state, asked.answered_at = step(asked.state, event), moment
        asked.save(update_fields=["state", "answered_at"])
        free_slot(asked.slot)


def busy_of(booking: Booking, moment: datetime) -> list[Stretch]:
    """When the resource of ``booking`` is taken from ``moment`` on, in every school; its own time among them."""
    return busy_times(booking.resource, moment)


def busy_times(resource: UUID | None, moment: datetime) -> list[Stretch]:
    """When a resource is taken from ``moment`` on, in every school."""
    if resource is None:
        return []
    return [Stretch(row.starts_at, row.ends_at) for row in places.busy([resource], moment, moment + _SEEN_AHEAD)]

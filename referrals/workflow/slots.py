"""The place of an appointment: taken, held, kept and given back in ``seats``, where all schools' appointments meet (books §4)."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kernel.clock import local_day, now
from kernel.errors import Conflict
from partners.calendars.free import Place, Use, can_take, nobody_free
from partners.calendars.opening import Stretch
from partners.calendars.resources import for_service, itself, places_by_key, places_for
from partners.calendars.selectors import opening_of
from partners.models import Service
from referrals.kinds import KINDS
from referrals.models import Booking, Reschedule
from referrals.states import RescheduleEvent, RescheduleState, step
from referrals.wishes import Wishes
from seats import places

_SEEN_AHEAD: Final = timedelta(days=120)
"""How far ahead a page asks what is taken: appointments lie at most 90 days away."""


@dataclass(frozen=True, slots=True)
class Seat:
    """What an appointment occupies. Both empty where nothing is guarded; ``until`` (UTC) of a hold by the database's clock."""

    resource: UUID | None = None
    slot: UUID | None = None
    until: datetime | None = None


NO_SEAT: Final = Seat()


def places_of(service: Service) -> tuple[Place, ...]:
    """Who can be had for a service: those that its agency has entered for it, else the agency itself; none where a place
    has several seats and nobody was entered who guards them.
    """
    entered = places_for([service])[service.pk]
    return entered or (() if KINDS[service.kind].is_open else (itself(service.institution_id),))


def take_seat(
    service: Service,
    start: datetime,
    end: datetime,
    *,
    wanted: UUID | None = None,
    only: bool = False,
    wishes: Wishes | None = None,
    hold: timedelta | None = None,
    after: UUID | None = None,
) -> Seat:
    """Take the time of whoever can be had then, for good or with ``hold`` for so long. Conflict ``slot_taken`` for nobody.

    ``wanted``: a resource that comes first; with ``only`` no other will do. Then those that meet the ``wishes``, then the
    others, the longest there first. Who is free is looked up without a lock and taken under one; who loses the race goes
    on only to places with a greater key, so that nobody waits in a ring; ``after``: the key that was tried already.
    """
    among = places_of(service)
    if not among:
        return NO_SEAT
    if only and wanted is not None:
        among = tuple(place for place in among if place.resource_id == wanted)
    gender, where = (wishes.gender, wishes.place) if wishes else ("", "")
    ordered = sorted(
        among, key=lambda place: (place.resource_id != wanted, not place.suits(gender=gender, place=where))
    )
    locked = after
    for place in _free_then(service.institution_id, ordered, start, end):
        if locked is not None and place.key <= locked:
            continue
        locked = place.key
        try:
            return _taken(place, start, end, hold)
        except Conflict:
            continue
    raise Conflict("slot_taken")


def _free_then(institution_id: UUID, among: Collection[Place], start: datetime, end: datetime) -> list[Place]:
    """Those of ``among``, in their order, that are there and free then."""
    opening = opening_of(institution_id)
    uses: dict[UUID, list[Use]] = {place.key: [] for place in among}
    longest = max((place.buffer for place in among), default=timedelta())
    for row in places.busy(uses, start - longest, end + longest):
        uses[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    return [place for place in among if can_take(place, opening, start, end, uses[place.key])]


def _taken(place: Place, start: datetime, end: datetime, hold: timedelta | None) -> Seat:
    taken = places.take(place.key, *place.stretch(start, end), seats=place.takes, capacity=place.capacity, hold=hold)
    return Seat(place.key, taken.slot, taken.until)


def take_beside(booking: Booking, start: datetime, end: datetime, *, hold: timedelta) -> Seat:
    """Hold another time for an appointment: of who has it now, else of whoever else can be had then (books §4).

    Conflict ``slot_taken`` for nobody.
    """
    if booking.resource is None:
        return NO_SEAT
    now_with = for_service(place_at(booking.partner_id, booking.resource), booking.service)
    others = [place for place in places_of(booking.service) if place.key != booking.resource]
    for place in _free_then(booking.partner_id, [now_with, *others], start, end):
        return _taken(place, start, end, hold)
    raise Conflict("slot_taken")


def others_free(booking: Booking) -> list[Place]:
    """Who else does the service and is there and free at the appointment's time, the longest there first; without a lock."""
    others = [place for place in places_of(booking.service) if place.resource_id and place.key != booking.resource]
    return _free_then(booking.partner_id, others, booking.starts_at, booking.ends_at)


def place_at(institution_id: UUID, key: UUID) -> Place:
    """What stands under that name of ``seats``, active or not: a resource, or the agency itself."""
    return places_by_key([key]).get(key) or replace(itself(institution_id), key=key)


def is_there(place: Place, institution_id: UUID, start: datetime, end: datetime) -> bool:
    """Whether the agency is open then and the place not away, whatever is taken of it: both may have changed since it was held."""
    return can_take(place, opening_of(institution_id), start, end, ())


def keep_seat(seat: Seat, service: Service, start: datetime, end: datetime, *, hold: timedelta | None = None) -> Seat:
    """What was held is taken for good, or with ``hold`` for so long; what ran out meanwhile is taken anew. Conflict
    ``slot_taken`` where somebody else has it, or nobody is there any more then.
    """
    if seat.resource is None:
        return seat
    place = for_service(place_at(service.institution_id, seat.resource), service)
    if not is_there(place, service.institution_id, start, end):
        raise Conflict("slot_taken")
    if seat.slot is None:
        return _taken(place, start, end, hold)
    kept = places.keep(
        seat.slot, place.key, *place.stretch(start, end), seats=place.takes, capacity=place.capacity, hold=hold
    )
    return Seat(place.key, kept.slot, kept.until)


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
    """When nobody can be had instead from ``moment`` on, in every school; its own time counts as taken."""
    if booking.resource is None:
        return []
    now_with = for_service(place_at(booking.partner_id, booking.resource), booking.service)
    others = [place for place in places_of(booking.service) if place.key != booking.resource]
    return _nobody(booking.partner_id, [now_with, *others], moment)


def busy_times(service: Service, moment: datetime) -> list[Stretch]:
    """When nobody can be had for a service from ``moment`` on, in every school."""
    return _nobody(service.institution_id, places_of(service), moment)


def _nobody(institution_id: UUID, among: Collection[Place], moment: datetime) -> list[Stretch]:
    opening = opening_of(institution_id)
    uses: dict[UUID, list[Use]] = {place.key: [] for place in among}
    for row in places.busy(uses, moment, moment + _SEEN_AHEAD):
        uses[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    rows = [(place, uses[place.key]) for place in among]
    return nobody_free(rows, opening, local_day(moment, opening.zone), _SEEN_AHEAD.days)

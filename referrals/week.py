"""The agency's week as a grid: a row for each of its people and rooms, a cell a day. Reading only (books §4).

Appointments are read through the partner's wall; what else is taken of a place is held: chosen and not sent, waiting for a
school's office, or the new time of a wish to move. Whose it is, nobody here learns before it is confirmed.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from accounts.actor import Actor
from kernel.clock import local_day, start_of_day
from partners.calendars.free import Place, Use, both, gaps, nobody_free, open_stretches
from partners.calendars.models import Absence
from partners.calendars.opening import Opening, Stretch
from partners.calendars.resources import itself, places_at
from partners.calendars.selectors import opening_of
from referrals.access import institution_of
from referrals.models import Booking, Reschedule
from referrals.states import BookingState, RescheduleSide, RescheduleState
from seats import places
from tenancy.scope import use_partner

DAYS: Final = 7
_SHORTEST: Final = timedelta(minutes=30)
"""A gap shorter than this is no free time."""
_SHOWN: Final = (BookingState.CONFIRMED, BookingState.DONE, BookingState.UNRESOLVED)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in a cell. ``kind``: ``visit``, ``wish`` (the person asks for another time), ``held``, ``free`` or ``away``."""

    kind: str
    starts_at: datetime
    ends_at: datetime
    booking: Booking | None = None
    wish: Reschedule | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """One day of one place, in order of time."""

    day: date
    is_open: bool
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the week. ``place.resource_id`` None: the agency itself."""

    place: Place
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Week:
    """Seven days from ``first``. ``counts``: how many appointments each day has."""

    first: date
    days: tuple[date, ...]
    rows: tuple[Row, ...]
    hours: dict[date, list[Stretch]] = field(default_factory=dict)
    counts: dict[date, int] = field(default_factory=dict)


def week_of(actor: Actor, first: date, moment: datetime) -> Week:
    """What stands in the seven days from ``first`` on, of everybody at the actor's institution. Nine questions."""
    institution = institution_of(actor)
    opening = opening_of(institution)
    days = tuple(first + timedelta(days=ahead) for ahead in range(DAYS))
    begins, ends = start_of_day(first, opening.zone), start_of_day(first + timedelta(days=DAYS), opening.zone)
    bookings, wishes = _booked(actor, begins, ends)
    entered = places_at(institution)
    used = {booking.resource for booking in bookings}
    shown = [place for place, is_active in entered if is_active or place.key in used]
    if institution not in {place.key for place in shown} and (not shown or {institution, None} & used):
        shown = [itself(institution), *shown]
    taken: dict[UUID, list[Use]] = defaultdict(list)
    for row in places.busy({place.key for place in shown}, begins, ends):
        taken[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    notes = _notes(shown, begins, ends)
    by_place: dict[UUID, list[Booking]] = defaultdict(list)
    for booking in bookings:
        by_place[booking.resource or institution].append(booking)
    rows = tuple(
        Row(place, _cells(place, opening, days, by_place[place.key], wishes, taken[place.key], notes, moment))
        for place in shown
    )
    counts: dict[date, int] = defaultdict(int)
    for booking in bookings:
        counts[local_day(booking.starts_at, opening.zone)] += 1
    return Week(first, days, rows, {day: opening.stretches(day, 1) for day in days}, dict(counts))


def _booked(actor: Actor, begins: datetime, ends: datetime) -> tuple[list[Booking], dict[UUID, Reschedule]]:
    with use_partner(institution_of(actor)):
        bookings = list(
            Booking.objects.select_related("service")
            .filter(starts_at__gte=begins, starts_at__lt=ends, state__in=_SHOWN)
            .order_by("starts_at", "id")
        )
        asked = Reschedule.objects.filter(booking__in=[row.pk for row in bookings], state=RescheduleState.OPEN)
        return bookings, {wish.booking_id: wish for wish in asked}


def _notes(shown: Iterable[Place], begins: datetime, ends: datetime) -> dict[UUID, list[tuple[Stretch, str]]]:
    """The absences of the week with the agency's own words, by the resource."""
    found: dict[UUID, list[tuple[Stretch, str]]] = defaultdict(list)
    rows = Absence.objects.filter(
        resource__in=[place.resource_id for place in shown if place.resource_id],
        during__startswith__lt=ends,
        during__endswith__gt=begins,
    )
    for row in rows:
        found[row.resource_id].append((Stretch(row.during.lower, row.during.upper), row.reason))
    return found


def _cells(
    place: Place,
    opening: Opening,
    days: tuple[date, ...],
    bookings: list[Booking],
    wishes: dict[UUID, Reschedule],
    taken: list[Use],
    notes: dict[UUID, list[tuple[Stretch, str]]],
    moment: datetime,
) -> tuple[Cell, ...]:
    zone = opening.zone
    entries: list[Entry] = []
    for booking in bookings:
        wish = wishes.get(booking.pk)
        is_asked = wish is not None and wish.asked_by == RescheduleSide.PERSON and wish.until > moment
        entries.append(Entry("wish" if is_asked else "visit", booking.starts_at, booking.ends_at, booking, wish))
    own = sorted(booking.starts_at for booking in bookings)
    for use in taken:
        if use.starts_at in own:
            own.remove(use.starts_at)
        elif use.ends_at > moment:
            entries.append(Entry("held", use.starts_at, use.ends_at))
    blocked = nobody_free([(place, taken)], opening, days[0], DAYS)
    whole = Stretch(start_of_day(days[0], zone), start_of_day(days[-1] + timedelta(days=1), zone))
    opened = open_stretches(opening, place, days[0], DAYS)
    for row in both(list(gaps(blocked, whole)), opened):
        starts = max(row.starts_at, moment)
        if row.ends_at - starts >= _SHORTEST:
            entries.append(Entry("free", starts if starts == row.starts_at else _quarter(starts), row.ends_at))
    cells = []
    for day in days:
        day_start, day_end = start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone)
        away = [
            Entry("away", max(span.starts_at, day_start), min(span.ends_at, day_end), note=note)
            for span, note in (notes[place.resource_id] if place.resource_id else ())
            if span.starts_at < day_end and span.ends_at > day_start
        ]  # fmt: skip
        here = [entry for entry in entries if local_day(entry.starts_at, zone) == day]
        is_open = any(row.starts_at < day_end and row.ends_at > day_start for row in opened)
        cells.append(Cell(day, is_open, tuple(sorted([*here, *away], key=lambda entry: (entry.starts_at, entry.kind)))))
    return tuple(cells)


def _quarter(moment: datetime) -> datetime:
    """The next quarter of an hour: nobody begins at 14:07."""
    return moment + (datetime.min.replace(tzinfo=moment.tzinfo) - moment) % timedelta(minutes=15)

"""Free times as a rule. Pure: opening, absences and what is taken in; starts at which a session can be had out (books §4).

A place is whatever an appointment takes. Its buffer stays free after each appointment: the stretch that is taken is longer
than the appointment by it, and nothing begins before that is over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from kernel.clock import local_day, start_of_day
from partners.calendars.opening import DAYS_AHEAD, Hours, Opening, Stretch

SOONEST: Final = timedelta(hours=2)
"""So long before it begins a time is offered for the last time: somebody at the agency must learn of it."""
STEP: Final = timedelta(minutes=30)


class Use(NamedTuple):
    """``seats`` are taken in a stretch."""

    starts_at: datetime
    ends_at: datetime
    seats: int = 1


@dataclass(frozen=True, slots=True)
class Place:
    """One resource of an agency, or the agency itself, as the rule sees it. ``key`` is what ``seats`` calls it.

    ``resource_id`` None: the agency itself. ``hours`` empty: the agency's. ``name`` empty: people are told "any of us".
    """

    key: UUID
    resource_id: UUID | None = None
    name: str = ""
    kind: str = ""
    gender: str = ""
    online: bool = True
    on_site: bool = True
    specialities: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    absences: tuple[Stretch, ...] = ()
    capacity: int = 1
    takes: int = 1
    buffer: timedelta = timedelta()

    def suits(self, *, gender: str = "", place: str = "") -> bool:
        """Whether it meets wishes; one that nobody has said a gender of meets no wish for one."""
        somewhere = {"": True, "online": self.online, "on_site": self.on_site}[place]
        return somewhere and gender in ("", self.gender)

    def stretch(self, starts_at: datetime, ends_at: datetime) -> Stretch:
        """What an appointment takes of it: its own time and the buffer after it."""
        return Stretch(starts_at, ends_at + self.buffer)


def open_stretches(
    opening: Opening, place: Place, first: date, days: int, shared: Sequence[Stretch] | None = None
) -> Sequence[Stretch]:
    """When ``place`` can take anything in ``days`` days from ``first`` on: the agency's open time and its own, UTC, in order.

    ``shared``: the agency's open time, where it has been reckoned for another of its places.
    """
    if shared is None:
        shared = opening.stretches(first, days)
    if not place.hours and not place.absences:
        return shared
    own = Opening(place.hours or opening.hours, place.absences, opening.zone).stretches(first, days)
    return list(both(shared, own))


def both(one: Sequence[Stretch], other: Sequence[Stretch]) -> Iterator[Stretch]:
    """What lies in both; each is in order and does not overlap itself."""
    left, right = 0, 0
    while left < len(one) and right < len(other):
        begins = max(one[left].starts_at, other[right].starts_at)
        ends = min(one[left].ends_at, other[right].ends_at)
        if begins < ends:
            yield Stretch(begins, ends)
        if one[left].ends_at < other[right].ends_at:
            left += 1
        else:
            right += 1


def full(uses: Iterable[Use], capacity: int, seats: int = 1) -> list[Stretch]:
    """When ``seats`` more do not fit, in order: the moments at which what is taken leaves fewer."""
    changes: dict[datetime, int] = {}
    for use in uses:
        changes[use.starts_at] = changes.get(use.starts_at, 0) + use.seats
        changes[use.ends_at] = changes.get(use.ends_at, 0) - use.seats
    found, taken, since = [], 0, None
    for moment in sorted(changes):
        taken += changes[moment]
        if taken + seats > capacity:
            since = since or moment
        elif since is not None:
            found.append(Stretch(since, moment))
            since = None
    return found


def free_starts(
    place: Place,
    opening: Opening,
    length: timedelta,
    uses: Iterable[Use],
    *,
    first: date,
    soonest: datetime,
    days: int = DAYS_AHEAD,
    within: Sequence[Stretch] | None = None,
    shared: Sequence[Stretch] | None = None,
) -> list[datetime]:
    """Every half hour, counted from each opening, at which a session of ``length`` can be had of ``place``; UTC, in order.

    None before ``soonest``; ``within``: only there (the days that an agreement covers).
    """
    rows = open_stretches(opening, place, first, days, shared)
    if within is not None:
        rows = list(both(rows, within))
    taken = full(uses, place.capacity, place.takes)
    needed = length + place.buffer
    found: list[datetime] = []
    passed = 0
    for opens, closes in rows:
        last = closes - length
        at = opens if soonest <= opens else _on_grid(opens, soonest)
        # What is over before this stretch is over for those behind it too.
        while passed < len(taken) and taken[passed].ends_at <= at:
            passed += 1
        for use in taken[passed:]:
            if at > last or use.starts_at >= closes + place.buffer:
                break
            if use.ends_at <= at:
                continue
            latest = min(last, use.starts_at - needed)
            while at <= latest:
                found.append(at)
                at += STEP
            at = _on_grid(opens, max(at, use.ends_at))
        while at <= last:
            found.append(at)
            at += STEP
    return found


def can_take(place: Place, opening: Opening, starts_at: datetime, ends_at: datetime, uses: Iterable[Use]) -> bool:
    """Whether an appointment could be had of ``place`` at exactly that time: open, there, and with room."""
    first = local_day(starts_at, opening.zone) - timedelta(days=1)
    if not any(
        row.starts_at <= starts_at and ends_at <= row.ends_at for row in open_stretches(opening, place, first, 4)
    ):
        return False
    wanted = place.stretch(starts_at, ends_at)
    return not any(
        row.starts_at < wanted.ends_at and wanted.starts_at < row.ends_at
        for row in full(uses, place.capacity, place.takes)
    )


def nobody_free(
    places: Sequence[tuple[Place, Iterable[Use]]], opening: Opening, first: date, days: int
) -> list[Stretch]:
    """When not one of ``places`` can be had, in order: each is away, shut or full. For pages that show what is taken.

    A session longer than what is between two such stretches may still find nobody for the whole of it; who takes asks again.
    """
    whole = Stretch(start_of_day(first, opening.zone), start_of_day(first + timedelta(days=days), opening.zone))
    found: list[Stretch] | None = None
    for place, uses in places:
        shut = gaps(open_stretches(opening, place, first, days), whole)
        blocked = list(merged([*shut, *full(uses, place.capacity, place.takes)]))
        found = blocked if found is None else list(both(found, blocked))
    return found or []


def gaps(rows: Iterable[Stretch], whole: Stretch) -> Iterator[Stretch]:
    """What of ``whole`` lies in none of ``rows``, which are in order."""
    at = whole.starts_at
    for row in rows:
        if row.starts_at > at:
            yield Stretch(at, row.starts_at)
        at = max(at, row.ends_at)
    if at < whole.ends_at:
        yield Stretch(at, whole.ends_at)


def merged(rows: Iterable[Stretch]) -> Iterator[Stretch]:
    """The same in order, with what touches as one."""
    current: Stretch | None = None
    for row in sorted(rows):
        if current is not None and row.starts_at <= current.ends_at:
            current = Stretch(current.starts_at, max(current.ends_at, row.ends_at))
            continue
        if current is not None:
            yield current
        current = row
    if current is not None:
        yield current


def _on_grid(anchor: datetime, moment: datetime) -> datetime:
    """The first step of the grid from ``anchor`` that is not before ``moment``."""
    if moment <= anchor:
        return anchor
    return anchor + -((anchor - moment) // STEP) * STEP

"""Opening hours as a rule. Pure: weekly hours and closures in, open stretches and verdicts out.

Weekdays count from Monday = 0; ``opens`` and ``closes`` are minutes after midnight in the zone, 24:00 is 1440; every
stretch of time is half-open ``[starts_at, ends_at)``. A holiday of the state closes nobody by itself: an agency says it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import islice, product
from typing import Final, NamedTuple

from kernel.clock import SCHOOL_ZONE, local_day, start_of_day
from workdays.clock import WorkCalendar

DAY_MINUTES: Final = 24 * 60
DAYS_AHEAD: Final = 14
"""How far the view of times reaches: two weeks."""
MOST_WINDOWS: Final = 42
"""Times of one request: three parts of each of the fourteen days."""


TIME_TO_ANSWER: Final = timedelta(minutes=5)
"""What begins sooner is not offered: it would have passed before the page is read and answered."""
DAYS_SEEN: Final = 60
"""How far the first day with room is looked for: further away it is no promise."""


class Hours(NamedTuple):
    """One stretch of a weekday, every week."""

    weekday: int
    opens: int
    closes: int


class Stretch(NamedTuple):
    """A stretch of time between two moments."""

    starts_at: datetime
    ends_at: datetime


USUAL: Final = tuple(Hours(weekday, 7 * 60, 22 * 60) for weekday in range(7))
"""What holds for an agency that has not said its hours: nobody is served at night."""


class Part(StrEnum):
    """A part of the day."""

    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


PARTS: Final = {Part.MORNING: (0, 12 * 60), Part.AFTERNOON: (12 * 60, 18 * 60), Part.EVENING: (18 * 60, DAY_MINUTES)}
"""Part → its minutes of the day: until noon, until 18:00, until midnight."""


class Kind(StrEnum):
    """A day on which the school works, or not."""

    WORKDAY = "workday"
    WEEKEND = "weekend"


class Box(NamedTuple):
    """Times that are chosen together: workday evenings, weekend mornings."""

    kind: Kind
    part: Part

    @property
    def key(self) -> str:
        """``box_workday_evening``, the name under which a form sends it."""
        return f"box_{self.kind}_{self.part}"


BOXES: Final = tuple(Box(kind, part) for kind, part in product(Kind, Part))


@dataclass(frozen=True, slots=True)
class Opening:
    """When one institution is open. ``hours`` empty: it has not said, so ``USUAL`` holds and its workdays are the state's."""

    hours: tuple[Hours, ...] = ()
    closures: tuple[Stretch, ...] = ()
    zone: str = SCHOOL_ZONE

    @property
    def is_said(self) -> bool:
        """Whether the institution has given its hours."""
        return bool(self.hours)

    def is_open(self, day: date) -> bool:
        """Whether it answers on ``day``: what a clock of its open days counts (rules §2)."""
        if not self.is_said and not WorkCalendar().is_workday(day):
            return False
        return any(self.stretches(day, 1))

    def stretches(self, first: date, days: int) -> list[Stretch]:
        """Open time in ``days`` days from ``first`` on, in UTC, in order; what touches is one, closures are taken out."""
        return list(_without(self._weekly(first, days), self.closures))

    def fault(self, starts_at: datetime, ends_at: datetime, minutes: int, *, is_exact: bool) -> str | None:
        """Why no session of ``minutes`` can take place in ``[starts_at, ends_at)``; None when one can.

        ``is_exact``: the whole of it is the appointment; else it is a wish in which one session must find room. Codes:
        ``shorter_than_session``, ``outside_hours``, ``in_closure``. Whether it has passed is asked by the caller.
        """
        length = timedelta(minutes=minutes)
        if ends_at - starts_at < length:
            return "shorter_than_session"
        first = local_day(starts_at, self.zone) - timedelta(days=1)
        days = (local_day(ends_at, self.zone) - first).days + 1
        needed = ends_at - starts_at if is_exact else length
        weekly = list(self._weekly(first, days))
        if not _has_room(weekly, starts_at, ends_at, needed):
            return "outside_hours"
        return None if _has_room(_without(weekly, self.closures), starts_at, ends_at, needed) else "in_closure"

    def _weekly(self, first: date, days: int) -> Iterator[Stretch]:
        of_day: list[list[tuple[timedelta, timedelta]]] = [[] for _ in range(7)]
        for row in sorted(self.hours or USUAL):
            of_day[row.weekday].append((timedelta(minutes=row.opens), timedelta(minutes=row.closes)))
        begun: datetime | None = None
        until = datetime.min.replace(tzinfo=UTC)
        for ahead, midnight in enumerate(midnights(first, days, self.zone), first.weekday()):
            for opens, closes in of_day[ahead % 7]:
                begins = midnight + opens
                if begun is None or until < begins:
                    if begun is not None:
                        yield Stretch(begun, until)
                    begun = begins
                until = midnight + closes
        if begun is not None:
            yield Stretch(begun, until)


@lru_cache(maxsize=256)
def midnights(first: date, days: int, zone: str) -> tuple[datetime, ...]:
    """When each of ``days`` days from ``first`` on begins in ``zone``, UTC: the same for every agency of a page."""
    return tuple(start_of_day(first + timedelta(days=ahead), zone) for ahead in range(days))


def _without(stretches: Iterable[Stretch], closures: Sequence[Stretch]) -> Iterator[Stretch]:
    in_order = sorted(closures)
    for stretch in stretches:
        begins = stretch.starts_at
        for closed in in_order:
            if closed.ends_at <= begins or closed.starts_at >= stretch.ends_at:
                continue
            if closed.starts_at > begins:
                yield Stretch(begins, closed.starts_at)
            begins = closed.ends_at
        if begins < stretch.ends_at:
            yield Stretch(begins, stretch.ends_at)


def _has_room(stretches: Iterable[Stretch], starts_at: datetime, ends_at: datetime, needed: timedelta) -> bool:
    return any(min(row.ends_at, ends_at) - max(row.starts_at, starts_at) >= needed for row in stretches)


class DayView(NamedTuple):
    """One day of the two weeks: open or not, and the boxes in which a session finds room."""

    day: date
    is_open: bool
    parts: tuple[Part, ...]


def day_views(opening: Opening, minutes: int, now: datetime, days: int = DAYS_AHEAD) -> list[DayView]:
    """The ``days`` days from today on, each with the parts in which a session of ``minutes`` can still begin and end."""
    today = local_day(now, opening.zone)
    rows = []
    for day in (today + timedelta(days=ahead) for ahead in range(days)):
        parts = tuple(part for part in Part if _room_in(opening, day, part, minutes, now))
        rows.append(DayView(day, bool(parts), parts))
    return rows


def windows_of(
    boxes: Iterable[Box], opening: Opening, calendar: WorkCalendar, minutes: int, now: datetime
) -> list[Stretch]:
    """The times that ``boxes`` stand for in the next two weeks: open, not passed, and long enough for a session.

    A day counts as workday or weekend by the school's ``calendar``: a swapped Saturday is a workday, a holiday none.
    The first ``MOST_WINDOWS``: an agency that opens and shuts several times a day would fill a request with more.
    """
    wanted = set(boxes)
    today = local_day(now, opening.zone)
    found = (
        stretch
        for day in (today + timedelta(days=ahead) for ahead in range(DAYS_AHEAD))
        for part in Part
        if Box(kind_of(day, calendar), part) in wanted
        for stretch in _room_in(opening, day, part, minutes, now)
    )
    return list(islice(found, MOST_WINDOWS))


def boxes_open(opening: Opening, calendar: WorkCalendar, minutes: int, now: datetime) -> frozenset[Box]:
    """The boxes that are offered: those in which the institution is open for one session at least in two weeks."""
    return frozenset(box for box in BOXES if windows_of([box], opening, calendar, minutes, now))


def kind_of(day: date, calendar: WorkCalendar) -> Kind:
    """Whether people of the school work on ``day``."""
    return Kind.WORKDAY if calendar.is_workday(day) else Kind.WEEKEND


def starts_of(opening: Opening, day: date, minutes: int, now: datetime, step: int = 30) -> list[Stretch]:
    """Every ``step`` minutes of ``day`` at which a session of ``minutes`` fits, counted from each opening; none that passes while
    the page is read (``TIME_TO_ANSWER``)."""
    length = timedelta(minutes=minutes)
    found = []
    for row in opening.stretches(day, 1):
        begins = row.starts_at
        while begins + length <= row.ends_at:
            if begins >= now + TIME_TO_ANSWER:
                found.append(Stretch(begins, begins + length))
            begins += timedelta(minutes=step)
    return found


def first_day_with_room(opening: Opening, minutes: int, moment: datetime) -> date | None:
    """The first day on which a session of ``minutes`` can begin at ``moment`` or later; None for an agency that has said
    no hours, or is closed for all of ``DAYS_SEEN``.
    """
    first = local_day(moment, opening.zone)
    days = (first + timedelta(days=ahead) for ahead in range(DAYS_SEEN)) if opening.is_said else ()
    return next((day for day in days if any(_room_in(opening, day, part, minutes, moment) for part in Part)), None)


def part_of(moment: datetime, zone: str = SCHOOL_ZONE) -> Part:
    """The part of the day in which ``moment`` lies."""
    minute = (moment - start_of_day(local_day(moment, zone), zone)) // timedelta(minutes=1)
    return next(part for part, (first, last) in PARTS.items() if first <= minute < last)


def _next_quarter(now: datetime) -> datetime:
    """The next quarter of an hour: nobody agrees on 14:07."""
    return now + (datetime.min.replace(tzinfo=now.tzinfo) - now) % timedelta(minutes=15)


def _room_in(opening: Opening, day: date, part: Part, minutes: int, now: datetime) -> list[Stretch]:
    """Open stretches of that part of ``day`` from now on. One too short for a session is as long as one that begins in it."""
    midnight, length = start_of_day(day, opening.zone), timedelta(minutes=minutes)
    first, last = (midnight + timedelta(minutes=minute) for minute in PARTS[part])
    found = []
    for row in opening.stretches(day, 1):
        begins = max(row.starts_at, first, _next_quarter(now))
        ends = min(row.ends_at, max(last, begins + length))
        if begins < last and ends - begins >= length:
            found.append(Stretch(begins.astimezone(UTC), ends.astimezone(UTC)))
    return found

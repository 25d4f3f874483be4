"""Which days count, and clocks that count them. Pure: values in, a verdict out; all days are days of the school's zone."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from kernel.clock import SCHOOL_ZONE, local_day
from workdays.state_table import REST, WORK

MOST_CLOSED: Final = 92
"""Days in a row that a clock waits for an open day: after them it runs on, so that nobody waits for ever."""
NOON: Final = time(12)
_SATURDAY: Final = 5


class Mark(StrEnum):
    """How a day differs from its weekday, as calendars in China print it: 休 and 班."""

    NONE = ""
    REST = "rest"
    WORK = "work"


class Change(NamedTuple):
    """A school's own word on the days ``[first_day, last_day]``, both included."""

    first_day: date
    last_day: date
    is_workday: bool


class OpenDays(Protocol):
    """Whose days a clock counts: a school's, or an agency's."""

    def is_open(self, day: date) -> bool: ...


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """The state's table with a school's changes laid over it. Without changes: the state's table."""

    changes: tuple[Change, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[tuple[date, date, bool]]) -> "WorkCalendar":
        """From ``(first day, last day, is a workday)``."""
        return cls(tuple(Change(*row) for row in rows))

    def is_workday(self, day: date) -> bool:
        """Whether the school works on ``day``: its own word, else the state's, else Monday to Friday."""
        for change in self.changes:
            if change.first_day <= day <= change.last_day:
                return change.is_workday
        if day in WORK or day in REST:
            return day in WORK
        return day.weekday() < _SATURDAY

    def is_open(self, day: date) -> bool:
        """A school is open on its workdays."""
        return self.is_workday(day)

    def mark(self, day: date) -> Mark:
        """休 for every day of a holiday, 班 for a day that is worked although it is Saturday or Sunday."""
        is_worked = self.is_workday(day)
        if is_worked:
            return Mark.WORK if day.weekday() >= _SATURDAY else Mark.NONE
        return Mark.REST if day in REST or day.weekday() < _SATURDAY else Mark.NONE


def add_workdays(moment: datetime, days: int, calendar: OpenDays, zone: str = SCHOOL_ZONE) -> datetime:
    """The same clock time ``days`` open days later, in UTC (rules §2): Friday 15:40 plus one is Monday 15:40.

    What begins on a closed day is not due before noon of the open one: a request of Sunday 03:36 is read on Monday
    morning, so it has until Monday 12:00. After ``MOST_CLOSED`` closed days in a row the next day counts as open. ValueError
    for a naive moment or ``days`` below 1.
    """
    if days < 1:
        raise ValueError("a clock of workdays runs for one day or more")
    begun = local_day(moment, zone)
    day = begun
    for _ in range(days):
        day = next_open_day(day, calendar)
    clock = moment.astimezone(ZoneInfo(zone)).time()
    if not calendar.is_open(begun):
        clock = max(clock, NOON)
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


def next_open_day(day: date, calendar: OpenDays) -> date:
    """The first open day after ``day``; after ``MOST_CLOSED`` closed ones the day that follows them."""
    for ahead in range(1, MOST_CLOSED + 1):
        if calendar.is_open(day + timedelta(days=ahead)):
            return day + timedelta(days=ahead)
    return day + timedelta(days=MOST_CLOSED + 1)

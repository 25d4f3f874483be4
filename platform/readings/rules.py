"""When somebody is due, who is counted apart, how much is covered (books §6). Pure: days in, days out."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

ENTRY_DAYS: Final = timedelta(days=14)
"""Whoever enters, or comes back from a long leave, has so long from that day on."""
LONG_LEAVE_DAYS: Final = 30
"""A leave of more days than this sets somebody apart; one of exactly so many does not."""
SOON: Final = timedelta(days=3)
SIGNS_A_SECOND: Final = 25
LONGEST_READ: Final = timedelta(seconds=90)
QUESTIONS: Final = 3
MOST_TRIES: Final = 3
"""So often somebody may answer the questions within ``TRIES_WITHIN``: three answers each are 27 ways, and who reads again needs
fewer tries than who guesses.
"""
TRIES_WITHIN: Final = timedelta(minutes=10)


class Stand(StrEnum):
    """How one person stands to a reading."""

    HAS = "has"
    OPEN = "open"
    LATE = "late"
    TIME = "time"
    AWAY = "away"


@dataclass(frozen=True, slots=True)
class Span:
    """A leave: both days included."""

    first: date
    last: date

    @property
    def is_long(self) -> bool:
        return (self.last - self.first).days + 1 > LONG_LEAVE_DAYS


def own_due(due: date, entered: date | None, leaves: list[Span], today: date) -> date:
    """Until when one person has time: the due day, or 14 days after they entered or came back from a long leave."""
    days = [due]
    if entered is not None:
        days.append(entered + ENTRY_DAYS)
    # Only a leave that met the time in which it was to be read moves the day.
    back = [leave.last + timedelta(days=1) for leave in leaves if leave.is_long and leave.last < today]
    days += [day + ENTRY_DAYS for day in back if day + ENTRY_DAYS > due]
    return max(days)


def is_away(leaves: list[Span], today: date) -> bool:
    """Whether a long leave holds on ``today``."""
    return any(leave.is_long and leave.first <= today <= leave.last for leave in leaves)


def stand_of(*, has: bool, due: date, own: date, away: bool, today: date) -> Stand:
    """Who has it has it, on leave or not. After the day for all, whoever still has time of their own is apart."""
    if has:
        return Stand.HAS
    if away:
        return Stand.AWAY
    if today > own:
        return Stand.LATE
    return Stand.TIME if today > due else Stand.OPEN


def percent(n: int, m: int) -> int | None:
    """``n`` of ``m``, rounded down: 100 is said when nobody is missing, and not before. None of nobody."""
    return n * 100 // m if m else None


def least_time(signs: int) -> timedelta:
    """Less than this nobody needs from the beginning to the end."""
    return min(timedelta(seconds=signs // SIGNS_A_SECOND), LONGEST_READ)

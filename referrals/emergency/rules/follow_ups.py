"""Weekly talks after an incident: how one went, when the next is due, when they may end (chain §3; requirement 14.8). Pure.

Days are the school's.
"""

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from kernel.clock import months_after


class Went(StrEnum):
    """How a talk, or a look from afar, went. The closed list."""

    RECOVERED = "recovered"
    BETTER = "better"
    SAME = "same"
    WORSE = "worse"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    """The person wants no talk: that is respected, and somebody keeps an eye on how they are."""


class FollowUpMode(StrEnum):
    """What is done each week."""

    TALK = "talk"
    WATCH = "watch"
    """Nobody rings the person, who has said no; whoever keeps it looks each week how they are, without asking them."""


class FollowUpEnd(StrEnum):
    """Why no more follows."""

    RECOVERED = "recovered"
    LEFT = "left"
    DIED = "died"
    REOPENED = "reopened"
    NEWER = "newer"
    """Another incident of the person has ended since; the talks after that one go on."""


EVERY: Final = timedelta(days=7)
DUE_AT: Final = time(9)
"""On the school's wall: nobody is reminded of a weekly talk at night."""
AGAIN: Final = timedelta(days=1)
"""How long after a word about an overdue one the next comes."""
HEAD_AFTER: Final = timedelta(days=2)
"""Overdue so long, the head of the centre is told as well."""
FEWEST_MONTHS: Final = 1
"""A talk that says recovered ends them from here on; before it they go on, whatever one good week says."""
EXTENDED_BY: Final = 1
"""Months, by one tap."""


def morning_of(day: date, zone: str) -> datetime:
    """The moment of ``day`` at which a talk falls due."""
    return datetime.combine(day, DUE_AT, tzinfo=ZoneInfo(zone))


def next_due(day: date, zone: str) -> datetime:
    """When the next talk is due after one on ``day``, however late that one was: one week, not all that were missed."""
    return morning_of(day + EVERY, zone)


def soonest_end(began_on: date) -> date:
    """The first day on which a talk that says recovered ends them."""
    return months_after(began_on, FEWEST_MONTHS)


def ends_by(went: Went, day: date, began_on: date) -> bool:
    """Whether the talk of ``day`` is the last."""
    return went is Went.RECOVERED and day >= soonest_end(began_on)

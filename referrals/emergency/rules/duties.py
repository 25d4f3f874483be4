"""What of somebody's duties can change for a while, and for how long (chain §3, §6; requirement 14.8). No framework."""

from datetime import date
from enum import StrEnum
from typing import Final


class Duty(StrEnum):
    """Closed list: what a head of department has to arrange, and nothing from which a reason could be read."""

    LESSONS = "lessons"
    EVENING = "evening"
    CLASS_TEACHER = "class_teacher"
    LIGHTER = "lighter"
    LEAVE = "leave"


class DutyState(StrEnum):
    """How far a change is, as people read it."""

    SENT = "sent"
    RECEIVED = "received"
    ARRANGED = "arranged"
    OVER = "over"


LONGEST_DAYS: Final = 92
"""Of one change, both ends counted: a gradual return lasts up to three months; more is renewed, and so agreed to again."""


def day_fault(starts_on: date, until: date, today: date) -> str:
    """The code of what is wrong with ``starts_on``…``until`` (both included, days of the school); ``""`` for nothing."""
    if starts_on < today:
        return "duties_past"
    if until < starts_on:
        return "duties_order"
    if (until - starts_on).days >= LONGEST_DAYS:
        return "duties_too_long"
    return ""

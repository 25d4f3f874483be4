"""What can become of an open day. Pure; what is over, its dates say (ADR 0014)."""

from enum import StrEnum
from typing import Final

from kernel.moves import move


class DayState(StrEnum):
    """``draft`` is the organiser's alone, ``open`` is read and answered, ``called_off`` stays readable."""

    DRAFT = "draft"
    OPEN = "open"
    CALLED_OFF = "called_off"


class DayEvent(StrEnum):
    """What the organiser does with it."""

    PUBLISH = "publish"
    CALL_OFF = "call_off"


MOVES: Final = {
    (DayState.DRAFT, DayEvent.PUBLISH): DayState.OPEN,
    (DayState.OPEN, DayEvent.CALL_OFF): DayState.CALLED_OFF,
}


def step(state: DayState, event: DayEvent) -> DayState:
    """The state after ``event``; IllegalMove when the table has no such move."""
    return move(MOVES, state, event)

"""All moves of a job. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kernel.moves import move


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What can happen to it. ``CLAIM`` of a running job means its worker is gone."""

    CLAIM = "claim"
    FINISH = "finish"
    FAIL = "fail"
    CANCEL = "cancel"


OPEN: Final = (State.QUEUED, State.RUNNING)

MOVES: Final[Mapping[tuple[State, Event], State]] = {
    (State.QUEUED, Event.CLAIM): State.RUNNING,
    (State.QUEUED, Event.CANCEL): State.CANCELLED,
    (State.QUEUED, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.CLAIM): State.RUNNING,
    (State.RUNNING, Event.FINISH): State.DONE,
    (State.RUNNING, Event.FAIL): State.FAILED,
    (State.RUNNING, Event.CANCEL): State.CANCELLED,
}


def step(state: str, event: Event) -> State:
    """The state after ``event``. IllegalMove when the table has none."""
    return move(MOVES, State(state), event)

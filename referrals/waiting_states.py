"""Every legal move of an entry of a waiting list (books §4, §9). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move


class WaitingState(StrEnum):
    """One person waits for one time that is full."""

    WAITING = "waiting"
    OFFERED = "offered"
    TAKEN = "taken"
    LEFT = "left"
    CLOSED = "closed"


OPEN: Final = (WaitingState.WAITING, WaitingState.OFFERED)
"""States of an entry that still stands in the line."""


class WaitingEvent(StrEnum):
    """What can happen to an entry."""

    OFFER = "offer"  # a seat became free and is kept for this person
    ACCEPT = "accept"
    LEAVE = "leave"
    RUN_OUT = "run_out"  # the offer was not taken in time; the person may join again
    CLOSE = "close"  # the time has begun


_W, _E = WaitingState, WaitingEvent
WAITING_MOVES: Final[Mapping[tuple[WaitingState, WaitingEvent], WaitingState]] = MappingProxyType(
    {
        (_W.WAITING, _E.OFFER): _W.OFFERED,
        (_W.WAITING, _E.LEAVE): _W.LEFT,
        (_W.WAITING, _E.CLOSE): _W.CLOSED,
        (_W.OFFERED, _E.ACCEPT): _W.TAKEN,
        (_W.OFFERED, _E.LEAVE): _W.LEFT,
        (_W.OFFERED, _E.RUN_OUT): _W.LEFT,
        (_W.OFFERED, _E.CLOSE): _W.CLOSED,
    }
)


def step(state: str, event: WaitingEvent) -> WaitingState:
    """The state after ``event``; IllegalMove where there is no such move."""
    return move(WAITING_MOVES, WaitingState(state), event)

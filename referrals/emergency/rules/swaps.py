"""Every move of a swap: one who holds a shift asks one colleague to take it (chain §2 On duty at t). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move


class SwapState(StrEnum):
    """``accepted``: the colleague holds the shift. ``handed_on``: and has given it to a third. ``dropped``: the shift is gone, or it
    went back to who held it before whoever asked.
    """

    ASKED = "asked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    UNDONE = "undone"
    HANDED_ON = "handed_on"
    DROPPED = "dropped"


class SwapEvent(StrEnum):
    """What can happen to a swap, all of it before its shift begins."""

    ACCEPT = "accept"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    UNDO = "undo"
    HAND_ON = "hand_on"
    DROP = "drop"


S, E = SwapState, SwapEvent

SWAP_MOVES: Final[Mapping[tuple[SwapState, SwapEvent], SwapState]] = MappingProxyType(
    {
        (S.ASKED, E.ACCEPT): S.ACCEPTED,
        (S.ASKED, E.DECLINE): S.DECLINED,
        (S.ASKED, E.WITHDRAW): S.WITHDRAWN,
        (S.ASKED, E.DROP): S.DROPPED,
        (S.ACCEPTED, E.UNDO): S.UNDONE,
        (S.ACCEPTED, E.HAND_ON): S.HANDED_ON,
        (S.ACCEPTED, E.DROP): S.DROPPED,
    }
)

LIVING: Final = (S.ASKED, S.ACCEPTED)
"""In these something of it can still move, until its shift begins."""


def swap_step(state: SwapState | str, event: SwapEvent) -> SwapState:
    """The state after ``event``; IllegalMove when there is none."""
    return move(SWAP_MOVES, SwapState(state), event)

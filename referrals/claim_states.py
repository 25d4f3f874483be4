"""Every legal move of a claim: somebody tells finance that an amount of one use is wrong (books §5). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move


class ClaimState(StrEnum):
    """How one claim stands."""

    OPEN = "open"
    TAKEN = "taken"
    CORRECTED = "corrected"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class ClaimEvent(StrEnum):
    """What can happen to it."""

    TAKE = "take"  # finance asks for a correction; a second person decides
    GIVE_BACK = "give_back"  # that correction was not approved, or was taken back: the claim still waits for an answer
    CORRECT = "correct"  # it was approved
    DECLINE = "decline"  # finance says why nothing is corrected
    WITHDRAW = "withdraw"


_S, _E = ClaimState, ClaimEvent
CLAIM_MOVES: Final[Mapping[tuple[ClaimState, ClaimEvent], ClaimState]] = MappingProxyType(
    {
        (_S.OPEN, _E.TAKE): _S.TAKEN,
        (_S.OPEN, _E.DECLINE): _S.DECLINED,
        (_S.OPEN, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.TAKEN, _E.GIVE_BACK): _S.OPEN,
        (_S.TAKEN, _E.CORRECT): _S.CORRECTED,
    }
)
UNANSWERED: Final = (_S.OPEN, _S.TAKEN)
"""States of one that waits for finance: one for each use at a time."""


def step(state: str, event: ClaimEvent) -> ClaimState:
    """The state after ``event``; IllegalMove where there is no such move."""
    return move(CLAIM_MOVES, ClaimState(state), event)

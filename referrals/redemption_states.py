"""States of one unit that was spent, with its table of moves (rules §2, books §9). Read through ``referrals.states``. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class RedemptionState(StrEnum):
    """One unit spent at a partner, from redemption to reconciliation."""

    REDEEMED = "redeemed"
    VALIDATED = "validated"
    SETTLED = "settled"
    RECONCILED = "reconciled"
    DISPUTED = "disputed"
    REVERSED = "reversed"


class RedemptionKind(StrEnum):
    """What the unit was spent for."""

    SERVICE = "service"
    FEE = "fee"  # an appointment was missed, and the pool pays what the agreement asks for it (books §3)


class RedemptionEvent(StrEnum):
    """What can happen to a redemption."""

    VALIDATE = "validate"  # the person agrees, or stays silent for 48 h
    DISPUTE = "dispute"
    UPHOLD = "uphold"  # the dispute ends, the redemption stands
    WITHDRAW = "withdraw"  # the person takes the objection back
    SETTLE = "settle"
    RECONCILE = "reconcile"
    REVERSE = "reverse"
    CORRECT = "correct"  # a line of the difference stands beside it (books §9)


_D, _DE = RedemptionState, RedemptionEvent
REDEMPTION_MOVES: Mapping[tuple[RedemptionState, RedemptionEvent], RedemptionState] = MappingProxyType(
    {
        (_D.REDEEMED, _DE.VALIDATE): _D.VALIDATED,
        (_D.REDEEMED, _DE.DISPUTE): _D.DISPUTED,
        (_D.REDEEMED, _DE.REVERSE): _D.REVERSED,
        (_D.VALIDATED, _DE.DISPUTE): _D.DISPUTED,
        (_D.VALIDATED, _DE.SETTLE): _D.SETTLED,
        (_D.VALIDATED, _DE.REVERSE): _D.REVERSED,
        (_D.DISPUTED, _DE.UPHOLD): _D.VALIDATED,
        (_D.DISPUTED, _DE.WITHDRAW): _D.VALIDATED,
        (_D.DISPUTED, _DE.REVERSE): _D.REVERSED,
        (_D.SETTLED, _DE.RECONCILE): _D.RECONCILED,
        (_D.VALIDATED, _DE.CORRECT): _D.VALIDATED,
        (_D.SETTLED, _DE.CORRECT): _D.SETTLED,
        (_D.RECONCILED, _DE.CORRECT): _D.RECONCILED,
    }
)

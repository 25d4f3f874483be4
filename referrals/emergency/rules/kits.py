"""How a thing in an emergency kit stands on a day (row 14.9). Pure; days are the school's."""

from datetime import date
from enum import StrEnum

from referrals.emergency.rules.readiness import ENDS_SOON


class KitState(StrEnum):
    """``over`` past its last good day, ``ends`` within ``ENDS_SOON``, ``short`` of what should be there. Worst first."""

    OVER = "over"
    ENDS = "ends"
    SHORT = "short"
    GOOD = "good"


def kit_state(stock: int, least: int, expires_on: date | None, day: date) -> KitState:
    """The worst of what is so on ``day``; its last good day is a good day."""
    if expires_on is not None and expires_on < day:
        return KitState.OVER
    if expires_on is not None and expires_on <= day + ENDS_SOON:
        return KitState.ENDS
    return KitState.SHORT if stock < least else KitState.GOOD

"""Tables of what the school hands on, and of what comes back."""

from referrals.liaison.models.card import HandOn, HandOnCard, LetterCopy, ReturnReport
from referrals.liaison.models.mediation import Mediation

__all__ = ["HandOn", "HandOnCard", "LetterCopy", "Mediation", "ReturnReport"]

"""Tables of what the school hands on, and of what comes back."""

from referrals.liaison.models.mediation import Mediation

__all__ = ["Mediation"]

"""The chain's tables, one file a noun."""

from referrals.emergency.models.clock import ChainClock

__all__ = ["ChainClock"]

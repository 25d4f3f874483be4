"""The chain's tables, one file a noun."""

from referrals.emergency.models.clock import ChainClock, ChainNow
from referrals.emergency.models.incidents import Company, FirstWord, Home, Incident, Outcome, Place, Timeline
from referrals.emergency.models.legs import Answer, Leg, LegStep, Recipient
from referrals.emergency.models.sending import Delivery

__all__ = [
    "Answer",
    "ChainClock",
    "ChainNow",
    "Company",
    "Delivery",
    "FirstWord",
    "Home",
    "Incident",
    "Leg",
    "LegStep",
    "Outcome",
    "Place",
    "Recipient",
    "Timeline",
]

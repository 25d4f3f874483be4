"""How grave it is, of which kind, and how long is waited for an answer (chain §2, §3)."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class Grade(StrEnum):
    """From the mildest to the gravest."""

    GENERAL = "general"
    MAJOR = "major"
    EXTREME = "extreme"

    @property
    def rank(self) -> int:
        """0 for the mildest."""
        return list(Grade).index(self)


class IncidentKind(StrEnum):
    """What sort of danger; a medical one is told without psychological words."""

    PSYCHOLOGICAL = "psychological"
    MEDICAL = "medical"


class LegKind(StrEnum):
    """One way to reach a party. The team belongs to the school's side and never worsens its state."""

    SCHOOL = "school"
    FAMILY = "family"
    MEDICAL = "medical"
    COMMUNITY = "community"
    TEAM = "team"


class Party(StrEnum):
    """What people see as one edge of three."""

    SCHOOL = "school"
    FAMILY = "family"
    SOCIETY = "society"


PARTY_OF: Final[Mapping[LegKind, Party]] = {
    LegKind.SCHOOL: Party.SCHOOL,
    LegKind.TEAM: Party.SCHOOL,
    LegKind.FAMILY: Party.FAMILY,
    LegKind.MEDICAL: Party.SOCIETY,
    LegKind.COMMUNITY: Party.SOCIETY,
}

STEP_WAIT: Final[Mapping[Grade, timedelta]] = {
    Grade.EXTREME: timedelta(minutes=2),
    Grade.MAJOR: timedelta(minutes=5),
    Grade.GENERAL: timedelta(minutes=10),
}
"""How long a step waits for an answer before the next one is added (defaults of chain §3)."""

ROUNDS: Final = 3
"""The first pass over the steps and two more; then the leg is exhausted."""

"""What is asked for after an incident: the union's own grant, care of a group. Pure."""

from enum import StrEnum
from typing import Final


class GrantState(StrEnum):
    """How the union's own grant stands."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"


class CareKind(StrEnum):
    """What those who were close to it are offered."""

    GROUP = "group"
    """Talks of the group with a psychologist."""
    SINGLE = "single"
    """An hour for each who wants one."""


FEWEST: Final = 2
"""A group; one person is helped by a request of their own."""
MOST: Final = 500

LONGEST_WEEKS: Final = 13
"""A gradual return, all its steps together: as long as one change of duties."""
SHARES: Final = (25, 50, 75)
"""Percent of the usual hours."""
MOST_STEPS: Final = 4

"""A reason that somebody will have to understand later: read once, refused once."""

from typing import Final

from kernel.errors import Invalid
from kernel.fold import fold_prose

SHORTEST_REASON: Final = 20
"""Characters (chain §2, §9)."""


def reason_of(text: str, field: str = "reason") -> str:
    """``text`` without what surrounds it. Invalid ``reason_too_short`` under ``SHORTEST_REASON`` characters."""
    words = fold_prose(text).strip()
    if len(words) < SHORTEST_REASON:
        raise Invalid("reason_too_short", fields=((field, "reason_too_short", "reason too short"),))
    return words

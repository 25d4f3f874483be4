"""What of counted answers may be told (rules §5, §6). Pure."""

from collections.abc import Mapping
from typing import Final

LONGEST: Final = 500
"""Signs of one answer in words."""


def released(counts: Mapping[int, int], fewest: int) -> dict[int, int | None]:
    """What is shown of ``counts`` (value → answers): None for a number that would tell of few.

    A number from 1 to ``fewest`` - 1 is left out, and so is the next smallest until what is left out comes to ``fewest``
    or more and stands in two cells at least: otherwise the sum less what is shown would tell it. Nothing is shown of fewer
    than ``fewest`` answers. A zero is shown: it tells of nobody.
    """
    hidden = {value for value, number in counts.items() if 0 < number < fewest}
    shown = sorted((number, value) for value, number in counts.items() if number >= fewest)
    while hidden and shown and (len(hidden) < 2 or sum(counts[value] for value in hidden) < fewest):
        hidden.add(shown.pop(0)[1])
    if sum(counts.values()) < fewest:
        hidden = set(counts)
    return {value: None if value in hidden else number for value, number in counts.items()}


def content_percent(told: Mapping[int, int | None], total: int, good: int) -> int | None:
    """How many of a hundred chose one of the ``good`` best, rounded down; None where what is shown does not say it.

    Reckoned from what is shown alone, so that no second number is told beside the first.
    """
    best = [told[value] for value in sorted(told, reverse=True)[:good]]
    if not total or any(number is None for number in best):
        return None
    return sum(number or 0 for number in best) * 100 // total

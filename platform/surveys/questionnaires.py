"""What is asked: questionnaires that apps bring in ``survey_questions.QUESTIONNAIRES`` (docs/content.md §Surveys).

A question that was asked keeps its code and its scale; other words for the same question need no new code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from registry import table


@dataclass(frozen=True, slots=True)
class Rating:
    """A question with a scale, best first: ``scale`` names the values ``len(scale)`` down to 1. ``good``: how many of the
    best count as content.
    """

    code: str
    text: Any
    scale: tuple[Any, ...]
    good: int = 2

    @property
    def values(self) -> tuple[int, ...]:
        """Every value that can be chosen, the best first."""
        return tuple(range(len(self.scale), 0, -1))

    @property
    def choices(self) -> list[tuple[int, Any]]:
        """(value, its name), the best first."""
        return list(zip(self.values, self.scale, strict=True))


@dataclass(frozen=True, slots=True)
class Words:
    """A question that is answered in one's own words."""

    code: str
    text: Any


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """``title`` is what everybody reads first; it names no person."""

    title: Any
    ratings: tuple[Rating, ...]
    words: tuple[Words, ...] = ()


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """Every app's questionnaires by code."""
    return table("survey_questions", "QUESTIONNAIRES")

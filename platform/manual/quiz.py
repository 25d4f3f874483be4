"""How the quiz is asked and judged. Pure but for the lazy texts: answers in, how many are right out."""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from manual.questions import QUESTIONS
from manual.shapes import Question, Text

PASS: Final = 8
"""So many right answers of ``len(QUESTIONS)`` count as trained."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as one person sees it: ``answers`` are ``(value, words)``, ``right`` the value of the right one."""

    question: Question
    answers: tuple[tuple[str, Text], ...]
    right: str


def asked_of(person: object) -> tuple[Asked, ...]:
    """Every question, its answers in an order of ``person``'s own, the same at every look: a value tells nothing."""
    return tuple(_asked(question, person) for question in QUESTIONS)


def _asked(question: Question, person: object) -> Asked:
    words = [question.right, *question.others]
    Random(f"{person}:{question.key}").shuffle(words)  # noqa: S311 - an order, no secret
    answers = tuple((str(n), said) for n, said in enumerate(words, start=1))
    return Asked(question, answers, next(value for value, said in answers if said is question.right))


def unanswered(asked: tuple[Asked, ...], given: Mapping[str, str]) -> tuple[str, ...]:
    """Keys of the questions without one of their own answers."""
    return tuple(one.question.key for one in asked if given.get(one.question.key) not in dict(one.answers))


def right_of(asked: tuple[Asked, ...], given: Mapping[str, str]) -> int:
    """How many are right."""
    return sum(given.get(one.question.key) == one.right for one in asked)

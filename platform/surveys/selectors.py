"""What may be told of a survey: nothing while it runs, then once and for all (rules §5: also across successive reports)."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from kernel.clock import now
from surveys.models import Survey
from surveys.questionnaires import Questionnaire, questionnaires
from surveys.rules import content_percent, released
from surveys.workflow import is_over
from tenancy.messages import together


@dataclass(frozen=True, slots=True)
class RatingTold:
    """One rated question: ``rows`` (what was chosen, how many), None where it would tell of few."""

    text: Any
    rows: list[tuple[Any, int | None]]
    percent: int | None


@dataclass(frozen=True, slots=True)
class Told:
    """A survey that is over and had enough answers."""

    answered: int
    fewest: int
    ratings: list[RatingTold]
    words: list[tuple[Any, list[str]]]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a survey stands for whoever asked it. ``answered`` None below ``fewest``; ``told`` None while it runs or was small."""

    survey: Survey
    asked: Questionnaire
    is_over: bool
    answered: int | None
    told: Told | None


def standing(questionnaire: str, subject: UUID) -> Standing | None:
    """The survey about ``subject``, None when nobody has asked it. At most two queries."""
    survey = Survey.objects.filter(questionnaire=questionnaire, subject=subject).first()
    if survey is None:
        return None
    asked, over = questionnaires()[questionnaire], is_over(survey, now())
    enough = survey.answered >= survey.fewest
    return Standing(
        survey, asked, over, survey.answered if enough else None, _told(survey, asked) if over and enough else None
    )


def _told(survey: Survey, asked: Questionnaire) -> Told:
    counters, told_words = survey.counters.all(), survey.words.order_by("pk")
    together(counters, told_words)
    counted: dict[str, dict[int, int]] = {}
    for counter in counters:
        counted.setdefault(counter.question, {})[counter.value] = counter.number
    ratings = []
    for rating in asked.ratings:
        counts = counted.get(rating.code, {})
        shown = released(counts, survey.fewest)
        rows = [(name, shown.get(value, 0)) for value, name in rating.choices]
        ratings.append(RatingTold(rating.text, rows, content_percent(shown, sum(counts.values()), rating.good)))
    said: dict[str, list[str]] = {}
    for row in told_words:  # keys are drawn: their order is chance, and the same at every look
        said.setdefault(row.question, []).append(row.text)
    words = [(each.text, said[each.code]) for each in asked.words if each.code in said]
    return Told(survey.answered, survey.fewest, ratings, words)

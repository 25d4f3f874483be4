"""Who is trained, as the administrator and the operator are shown it."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from manual.models import QuizBest
from manual.quiz import PASS


def best_of(person_id: UUID | None) -> QuizBest | None:
    """Somebody's best result in the open school."""
    found: QuizBest | None = QuizBest.objects.filter(person_id=person_id).first()
    return found


def trained_on(people: Iterable[UUID]) -> dict[UUID, date]:
    """Who of ``people`` is trained, and since which day. One query."""
    rows = QuizBest.objects.filter(person__in=list(people), right__gte=PASS)
    return dict(rows.values_list("person_id", "reached_on"))

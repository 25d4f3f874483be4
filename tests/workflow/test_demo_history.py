"""The demo's appointment book: nobody is asked to be in two rooms at once, however long an appointment lasts."""

from datetime import UTC, datetime, timedelta
from random import Random

from settings.composition.demo.history import Clockwork


def test_appointments_of_an_institution_leave_three_hours_each() -> None:
    book, day = Clockwork(), datetime(2026, 11, 2, 4, tzinfo=UTC)
    starts = sorted(book.slot("anxin", day, Random(number)) for number in range(12))
    gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= timedelta(hours=3)
    assert book.slot("renai", day, Random(0)) == Clockwork().slot("anxin", day, Random(0)), "each has its own book"

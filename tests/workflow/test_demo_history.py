"""The demo's appointment book: nobody is asked to be in two rooms at once, however long an appointment lasts."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from demo.history import Clockwork, this_day


def test_appointments_of_an_institution_leave_three_hours_each() -> None:
    book, day = Clockwork(), datetime(2026, 11, 2, 4, tzinfo=UTC)
    starts = sorted(book.slot("anxin", day, Random(number)) for number in range(12))
    gaps = [later - earlier for earlier, later in zip(starts, starts[1:], strict=False)]
    assert min(gaps) >= timedelta(hours=3)
    assert book.slot("renai", day, Random(0)) == Clockwork().slot("anxin", day, Random(0)), "each has its own book"


@pytest.mark.parametrize(
    ("loaded", "begins"),
    [("00:14", "10:00"), ("08:59", "10:00"), ("10:20", "12:00"), ("17:59", "19:00"), ("23:50", "19:00")],
)
def test_whenever_the_demo_is_loaded_people_come_by_day(loaded: str, begins: str) -> None:
    moment = datetime.fromisoformat(f"2026-11-25T{loaded}:00+08:00")
    assert this_day(moment, first=10, last=19) == datetime.fromisoformat(f"2026-11-25T{begins}:00+08:00")

"""The demo's appointment book: nobody is asked to be in two rooms at once, however long an appointment lasts, on any day."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest

from demo.history import Clockwork, tell, this_day
from demo.persons import SCHOOLS
from demo.setup import operator_ground, school_ground
from kernel.clock import as_of, local_day
from referrals.models import Referral
from tenancy.scope import no_scope, use_tenant


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


@pytest.mark.django_db
def test_the_demo_of_late_august_reaches_into_the_next_school_year() -> None:
    random, today = Random(1), datetime.fromisoformat("2027-08-31T23:50:00+08:00")
    with no_scope(), as_of(today):
        ground = operator_ground(random)
        school_ground(ground, SCHOOLS[0], staff=0, today=local_day(today), random=random)
        for _ in tell(ground, "yucai", Clockwork(), count=0, today=today, random=random):
            pass
    with use_tenant(ground.schools["yucai"].id):
        assert Referral.objects.filter(service_date__gte="2027-09-01").exists()

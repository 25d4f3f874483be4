"""``/services/`` says from when a visit may be hoped for: once the answer is due, on a day with room in the agency's hours."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from kernel.clock import SCHOOL_ZONE, as_of, local_day, now, start_of_day
from partners.calendars.models import OpeningHours
from partners.calendars.opening import Hours, Opening, first_day_with_room
from partners.calendars.workflow import close, save_hours
from referrals.workflow.times import earliest_days
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.workflow.partner_facts import platform
from tests.workflow.staff_facts import Facts, make_facts
from ui.templatetags.ui import school_day
from ui.whole import whole

pytestmark = pytest.mark.django_db
WEEK = {weekday: [(9 * 60, 17 * 60)] if weekday < 5 else [] for weekday in range(7)}


@pytest.fixture
def facts() -> Facts:
    return make_facts(make_school())


def open_on_workdays(facts: Facts) -> None:
    with use_tenant(platform().id):
        save_hours(actor=facts.counter, week=WEEK)


@pytest.fixture
def friday(facts: Facts) -> Iterator[Any]:
    """The coming Friday at so many hours and minutes, the agency open from Monday to Friday, 9 to 17."""
    day = local_day(now()) + timedelta(days=1)
    while day.weekday() != 4:
        day += timedelta(days=1)
    yield lambda hour, minute=0: datetime.combine(day, time(hour, minute), ZoneInfo(SCHOOL_ZONE))


def earliest(facts: Facts, moment: datetime, *, asked: bool = False) -> Any:
    with use_tenant(facts.school.id), as_of(moment):
        return earliest_days(facts.school, {facts.counselling: asked}, moment).get(facts.counselling.pk)


def test_it_is_the_day_of_the_answer_when_there_is_still_room(facts: Facts, friday: Any) -> None:
    open_on_workdays(facts)
    monday = local_day(friday(16)) + timedelta(days=3)
    assert earliest(facts, friday(16)) == monday, "due on Monday at 16:00, and 50 minutes fit before 17:00"
    assert earliest(facts, friday(16, 30)) == monday + timedelta(days=1), "no session fits any more"
    assert earliest(facts, friday(16) + timedelta(days=1)) == monday, "what is asked on Saturday is answered by Monday"
    assert earliest(facts, friday(16), asked=True) > monday, "the office takes its own day first"


def test_closed_days_are_passed_over(facts: Facts, friday: Any) -> None:
    open_on_workdays(facts)
    monday = local_day(friday(16)) + timedelta(days=3)
    with use_tenant(platform().id):
        close(actor=facts.counter, starts_at=start_of_day(monday), ends_at=start_of_day(monday + timedelta(days=2)))
    assert earliest(facts, friday(10)) == monday + timedelta(days=2), "it neither answers nor serves while it is closed"


def test_the_page_says_it_where_the_hours_are_known_and_nothing_where_not(facts: Facts, friday: Any) -> None:
    OpeningHours.objects.all().delete()
    page = Client(HTTP_HOST=facts.school.host).get("/services/").content.decode()
    assert facts.counselling.name in page
    assert "一般最早" not in page, "an agency that has said no hours promises no day"
    open_on_workdays(facts)
    with as_of(friday(10)):
        page = Client(HTTP_HOST=facts.school.host).get("/services/").content.decode()
        assert f"一般最早 {whole(school_day(local_day(friday(10)) + timedelta(days=3)))}" in page


def test_a_day_two_months_ahead_is_no_promise() -> None:
    moment = datetime(2026, 12, 31, 23, 50, tzinfo=ZoneInfo(SCHOOL_ZONE))
    open_late = Opening(hours=(Hours(3, 9 * 60, 9 * 60 + 50),))
    assert first_day_with_room(open_late, 50, moment) == local_day(moment) + timedelta(days=7)
    assert first_day_with_room(open_late, 51, moment) is None, "a session that never fits"
    assert first_day_with_room(Opening(), 50, moment) is None

"""What the union and the principal see of the pools: whole weeks, never one person's amount (privacy §Totals)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from demo.worlds import fill_pools
from kernel.clock import as_of
from ledger.keys import AccountKey, Book
from ledger.workflow import reserve
from referrals.offices.published import published_pools
from referrals.workflow.cancelling import cancel_referral
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
USED = "¥210.00"


@pytest.fixture
def march(school: Any) -> Iterator[Journey]:
    """A Monday in March, with the school open and its pools full."""
    with as_of(MONDAY), use_tenant(school.id):
        yield make_journey(school)


def page(journey: Journey, role: str, moment: datetime) -> str:
    client = Client(headers={"host": journey.tenant.host})
    member = journey.members.get(role) or make_person(journey.tenant, role, "staff")
    client.force_login(member.user)
    with as_of(moment):
        return client.get("/finance/?year=2027").content.decode()


def asks(journey: Journey, people: int) -> list[Any]:
    return [ask(journey, who=actor_of(make_person(journey.tenant, "staff"))) for _number in range(people)]


def weeks(number: int, *, hours: int = 0) -> datetime:
    return MONDAY + timedelta(days=7 * number, hours=hours)


def shown(moment: datetime, fewest: int = 5) -> tuple[int | None, str]:
    with as_of(moment):
        (pool,) = [row for row in published_pools(2027, moment=moment, fewest=fewest) if row.scheme == "counselling"]
    return pool.used_fen, f"{pool.last_day}"


def test_four_people_are_not_shown_and_five_are_when_the_week_is_over(march: Journey) -> None:
    asks(march, 4)
    assert shown(weeks(1)) == (None, "None")
    with as_of(weeks(1)):
        asks(march, 1)
    assert shown(weeks(1, hours=100)) == (None, "None"), "the week is not over"
    assert shown(weeks(2)) == (5 * 21_000, "2027-03-14")


def test_two_looks_an_hour_apart_differ_by_nobodys_amount(march: Journey) -> None:
    asks(march, 5)
    before = [page(march, role, weeks(1)) for role in ("union", "principal")]
    assert all("¥1,050.00" in each and "3月7日" in each for each in before)
    with as_of(weeks(1, hours=1)):
        asks(march, 1)
    after = [page(march, role, weeks(1, hours=1)) for role in ("union", "principal")]
    assert all("¥1,050.00" in each and "¥1,260.00" not in each and "¥8,740.00" not in each for each in after)
    assert "¥1,260.00" in page(march, "finance", weeks(1, hours=1)), "finance keeps the exact books"


def test_the_page_says_why_and_up_to_when(march: Journey) -> None:
    asks(march, 1)
    told = page(march, "principal", weeks(1))
    assert "看不出任何一个人的金额" in told and "不足 5 人，暂不显示" in told
    assert USED not in told and "¥9,790.00" not in told
    assert "看不出任何一个人的金额" not in page(march, "finance", weeks(1))


def test_a_share_below_one_percent_is_said_as_one(march: Journey) -> None:
    """Not as nought, and not to the hundredth, which would tell one person's amount."""
    fill_pools(march.actors["finance"], march.actors["finance2"], (2027,), {"counselling": 20_000_000})
    asks(march, 5)
    for role in ("principal", "union"):
        told = unescape(page(march, role, weeks(2)))
        assert "已用拨款的 <1%" in told and "已用拨款的 0%" not in told and not re.search(r"\d\.\d+ ?%", told), role


def test_one_who_cancels_within_the_week_is_no_one(march: Journey) -> None:
    *_stay, goes = asks(march, 5)
    cancel_referral(actor=actor_of(goes.person), tenant=march.tenant, referral_id=goes.pk)
    assert shown(weeks(1)) == (None, "None")


def test_a_school_may_ask_for_more_people_and_gives_nothing_away_when_it_asks_for_less_again(march: Journey) -> None:
    asks(march, 5)
    assert shown(weeks(1), fewest=6) == (None, "None")
    Tenant.objects.filter(pk=march.tenant.pk).update(rules={"fewest_people": 6})
    assert "不足 6 人，暂不显示" in page(march, "union", weeks(1))
    assert shown(weeks(1)) == (5 * 21_000, "2027-03-07")


def test_what_is_booked_in_the_last_second_of_a_week_is_waited_for(march: Journey) -> None:
    asks(march, 5)
    midnight = datetime(2027, 3, 8, 0, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert shown(midnight + timedelta(minutes=59)) == (None, "None")
    assert shown(midnight + timedelta(minutes=61)) == (5 * 21_000, "2027-03-07")


def test_a_movement_of_which_nobody_says_whose_it_is_counts_as_no_person(march: Journey) -> None:
    account = AccountKey(Book.POOL, "counselling", 2027, "fen")
    reserve(actor=march.finance, account=account, amount=100, reference="x/1/y")
    with pytest.raises(KeyError):
        shown(weeks(1))


def test_many_pools_cost_no_more_questions_than_one(march: Journey) -> None:
    asks(march, 2)
    with CaptureQueriesContext(connection) as few:
        assert len(published_pools(2027, moment=weeks(1), fewest=5)) == 2
    for scheme in ("camp", "home_help", "mediation"):
        fill_pools(march.finance, march.finance2, [2027], {scheme: 5_000})
    with CaptureQueriesContext(connection) as many:
        assert len(published_pools(2027, moment=weeks(1), fewest=5)) == 5
    assert len(many) == len(few) <= 7

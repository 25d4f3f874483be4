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
from ledger.selectors import balance
from ledger.workflow import reserve
from referrals.models import Redemption, Voucher
from referrals.offices.published import published_pools
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.correcting import approve_correction, ask_correction
from referrals.workflow.objecting import agree
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from referrals.workflow.redeeming import redeem
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = [pytest.mark.usefixtures("platform_stands"), pytest.mark.django_db]
MONDAY = datetime(2027, 3, 1, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
CLOSED = datetime(2028, 3, 31, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
LATE = datetime(2027, 12, 20, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
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


def amounts(told: str) -> list[str]:
    """Every sum of money on the page, in order."""
    return re.findall(r"¥[\d,]+\.\d\d", told)


def figures(year: int, moment: datetime = CLOSED) -> tuple[int, int | None]:
    with as_of(moment):
        (pool,) = [row for row in published_pools(year, moment=moment, fewest=5) if row.scheme == "counselling"]
    return pool.granted_fen, pool.used_fen


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


def test_the_end_of_a_year_tells_no_amount_that_was_not_shown_before(march: Journey) -> None:
    """What a closing gives back is what nobody used: beside the grant it would be the rest to the fen, of one person too."""
    (booked,) = asks(march, 1)
    booking = answer(march, booked)
    with as_of(booking.starts_at):
        redeem(actor=march.partner_counter, text=Voucher.objects.get().code)
    line = Redemption.objects.get()
    with as_of(line.redeemed_at + timedelta(hours=1)):
        agree(actor=actor_of(booked.person), redemption_id=line.pk)
    before = {role: amounts(page(march, role, CLOSED)) for role in ("union", "principal")}
    assert before["union"] == before["principal"]
    assert "¥10,000.00" in before["union"] and USED not in before["union"]
    with as_of(CLOSED):
        said: Any = {
            "tenant": march.tenant,
            "kind": "close_year",
            "scheme": "counselling",
            "year": 2027,
            "reason": "年终",
        }
        order = ask_pool_order(actor=march.finance, **said)
        approve_pool_order(actor=march.finance2, tenant=march.tenant, order_id=order.pk)
        assert balance(pool_key("counselling", 2027)).granted == 21_000, "finance keeps the exact books"
    assert {role: amounts(page(march, role, CLOSED)) for role in before} == before
    with as_of(CLOSED):
        row = ask_correction(
            actor=march.finance, redemption_id=line.pk, cause="price", side="finance", fee_fen=24_000, reason="更正"
        )
        approve_correction(actor=march.finance2, correction_id=row.pk)
    assert {role: amounts(page(march, role, CLOSED)) for role in before} == before, "one person's refund left the books"


def test_what_a_closed_year_carries_on_is_in_neither_years_figures(march: Journey) -> None:
    with as_of(LATE):
        ask(march)
    fill_pools(march.finance, march.finance2, (2028,), {"counselling": 500_000})
    with as_of(CLOSED):
        said: Any = {
            "tenant": march.tenant,
            "kind": "close_year",
            "scheme": "counselling",
            "year": 2027,
            "reason": "年终",
        }
        before = {year: figures(year) for year in (2027, 2028)}
        order = ask_pool_order(actor=march.finance, **said)
        done = approve_pool_order(actor=march.finance2, tenant=march.tenant, order_id=order.pk)
        assert done.carried_fen == 21_000
    for year in (2027, 2028):
        assert figures(year, weeks(80)) == before[year]

"""Budgets of accounts and of numbers: asked before a call, never slept for, and never passed by two senders at once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import now
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery, Leg
from referrals.emergency.rules.limits import A_NUMBER, SPANS, Limits, Spent, Use, full, halved, room
from referrals.emergency.rules.sending import RANKS, Rank
from tests.emergency.sending_steps import (
    Cloud,
    account_row,
    is_due_now,
    leg_that_pages,
    open_cloud,
    page_row,
    state,
    template_row,
    told,
)
from tests.gateway import open_gateway
from tests.providers.marked import marked

ONE, TWO = "+8613900000001", "+8613900000002"
START = datetime(2026, 12, 31, 15, 59, tzinfo=UTC)
LIMITS = st.builds(Limits, minute=st.integers(0, 3), hour=st.integers(0, 6), day=st.integers(0, 9))


@given(limits=LIMITS, gaps=st.lists(st.integers(0, 4000), max_size=40))
def test_no_window_ever_holds_more_than_its_limit_and_what_waited_fits(limits: Limits, gaps: list[int]) -> None:
    times: list[datetime] = []
    at = START
    for gap in gaps:
        at += timedelta(seconds=gap)
        found = room(times, limits, at)
        if found is None:
            times.append(at)
        else:
            assert found.wait > timedelta(0)
            assert room(times, limits, at + found.wait) is None, "then it fits, and not before"
            assert room(times, limits, at + found.wait - timedelta(microseconds=1)) is not None
    for spent, span in SPANS.items():
        most = limits.of(spent)
        for time in times:
            assert not most or sum(time - span < other <= time for other in times) <= most


def test_a_text_is_counted_by_number_and_template_and_wecom_by_member() -> None:
    def wanted(template: str = "a", target: bytes = b"1", provider: str = "aliyun") -> Use:
        return Use(provider, template, target, START)

    used = [Use("aliyun", "a", b"1", START - timedelta(seconds=59))]
    none = Limits()
    found = full(used, wanted=wanted(), channel="sms", account=none)
    assert found is not None
    assert (found.spent, found.wait) == (Spent.MINUTE, timedelta(seconds=1))
    assert full(used, wanted=wanted("b"), channel="sms", account=none) is None
    assert full(used, wanted=wanted(target=b"2"), channel="sms", account=none) is None
    assert full(used, wanted=wanted(provider="tencent"), channel="sms", account=none) is None
    many = [Use("wecom", f"{number}", b"1", START - timedelta(seconds=30)) for number in range(30)]
    assert full(many[1:], wanted=Use("wecom", "x", b"1", START), channel="wecom", account=none) is None
    assert full(many, wanted=Use("wecom", "x", b"1", START), channel="wecom", account=none) is not None
    assert full(many, wanted=Use("wecom", "x", b"2", START), channel="wecom", account=none) is None


def test_notices_leave_half_of_a_budget_to_pages_and_never_lose_all_of_it() -> None:
    assert halved(Limits(30, 5, 1)) == Limits(15, 2, 1)
    assert halved(Limits()) == Limits(), "no limit stays none"
    used = [Use("aliyun", "a", bytes([number]), START) for number in range(5)]
    wanted = Use("aliyun", "a", b"new", START)
    assert full(used, wanted=wanted, channel="voice", account=Limits(minute=10)) is None
    assert full(used, wanted=wanted, channel="voice", account=Limits(minute=10), is_notice=True) is not None


@pytest.fixture
def cloud(settings: Any, open_school: Any) -> Iterator[Cloud]:
    with marked(), open_cloud(settings) as cloud:
        yield cloud


@pytest.mark.django_db
@pytest.mark.usefixtures("real_clock")
class TestASender:
    """With real stand-ins: they count for themselves, and none of ours is ever over."""

    def test_a_second_text_within_the_minute_waits_for_it_and_the_call_comes_at_once(self, cloud: Cloud) -> None:
        account_row("aliyun")
        template_row("aliyun")
        page_row(leg_that_pages(), ONE)
        send_due("sms")
        leg = leg_that_pages()
        text = page_row(leg, ONE)
        call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
        send_due("sms")
        assert state(text) == ("queued", "", "limit_minute")
        assert text.claims == 0
        wait = text.due_at - now()
        assert timedelta(seconds=50) < wait <= timedelta(seconds=60)
        assert is_due_now(call)
        assert told(leg) == [("delivery.put_back", "limit_minute")]
        assert len(cloud.aliyun.taken) == 1
        Delivery.objects.exclude(pk=text.pk).update(tried_at=now() - timedelta(seconds=61))
        Delivery.objects.filter(pk=text.pk).update(due_at=now())
        cloud.aliyun.now += timedelta(seconds=61)
        send_due("sms")
        assert state(text)[:2] == ("sent", "aliyun")

    def test_another_account_takes_what_is_over_the_first_ones_limit(self, cloud: Cloud) -> None:
        for provider in ("aliyun", "tencent"):
            account_row(provider)
            template_row(provider)
        first, second = (page_row(leg_that_pages(), ONE) for _ in range(2))
        send_due("sms")
        assert {state(page)[:2] for page in (first, second)} == {("sent", "aliyun"), ("sent", "tencent")}

    @pytest.mark.parametrize(
        ("count", "hours", "minutes", "code"),
        [(5, 0, 2, "limit_hour"), (5, 0, 53, "limit_hour"), (10, 2, 2, "limit_day")],
    )
    def test_a_budget_that_lifts_too_late_is_a_failure_and_the_next_way_comes(
        self, count: int, hours: int, minutes: int, code: str, cloud: Cloud
    ) -> None:
        account_row("aliyun")
        template_row("aliyun")
        for number in range(count):
            page_row(leg_that_pages(), ONE, state="sent", provider="aliyun", template="SMS_1",
                     tried_at=now() - timedelta(hours=hours * (number % 10), minutes=minutes + number))  # fmt: skip
        leg = leg_that_pages(position=0, round=1)
        text = page_row(leg, ONE)
        send_due("sms")
        assert state(text) == ("failed", "", code)
        assert told(leg) == [("delivery.failed", code)]
        assert Leg.objects.get(pk=leg.pk).next_at <= now(), "its only way: the next step comes now"
        assert cloud.aliyun.taken == [], "a spent budget is no send"

    def test_an_accounts_own_limit_lets_pages_go_first_and_counts_all_numbers(self, cloud: Cloud) -> None:
        account_row("aliyun", per_minute=2)
        template_row("aliyun")
        leg = leg_that_pages()
        notices = [
            page_row(leg, f"+861391000000{number}", text="emergency_stood_down", rank=RANKS[Rank.NOTICE])
            for number in range(3)
        ]
        pages = [page_row(leg, number, rank=RANKS[Rank.FIRST_PAGE]) for number in (ONE, TWO)]
        send_due("sms")
        assert [state(page)[0] for page in pages] == ["sent", "sent"]
        assert {state(notice)[2] for notice in notices} == {"limit_minute"}

    def test_notices_alone_leave_half_of_it_free(self, cloud: Cloud) -> None:
        account_row("aliyun", per_minute=4)
        template_row("aliyun")
        leg = leg_that_pages()
        notices = [
            page_row(leg, f"+861391000000{number}", text="emergency_stood_down", rank=RANKS[Rank.NOTICE])
            for number in range(4)
        ]
        send_due("sms")
        assert sorted(state(notice)[0] for notice in notices) == ["queued", "queued", "sent", "sent"]
        page = page_row(leg, ONE, rank=RANKS[Rank.FIRST_PAGE])
        send_due("sms")
        assert state(page)[0] == "sent"

    def test_a_failure_gives_its_place_back_and_a_silence_does_not(self, cloud: Cloud) -> None:
        account_row("aliyun", per_day=1)
        template_row("aliyun")
        server = cloud.servers["aliyun_sms"]
        server.fault = "500"
        page = page_row(leg_that_pages(), ONE)
        send_due("sms")
        assert state(page)[0] == "queued"
        assert page.tried_at is None
        server.fault = "html"
        Delivery.objects.filter(pk=page.pk).update(due_at=now())
        send_due("sms")
        page.refresh_from_db()
        assert page.error == "unreadable"
        assert page.tried_at is not None, "nobody knows whether it was taken"

    def test_the_providers_own_limit_is_not_tried_again_before_it_lifts(self, cloud: Cloud) -> None:
        account_row("aliyun")
        template_row("aliyun")
        cloud.aliyun.code["SendSms"] = (200, "isv.BUSINESS_LIMIT_CONTROL", "触发小时级流控Permits:5")
        text = page_row(leg_that_pages(), ONE)
        send_due("sms")
        assert state(text) == ("failed", "aliyun", "limit")

    def test_a_gateway_counts_for_itself(self, cloud: Cloud, settings: Any) -> None:
        from_gateway = [page_row(leg_that_pages(), ONE) for _ in range(3)]
        with open_gateway() as gateway:
            settings.GATEWAY_URL = gateway.url
            send_due("sms")
        assert len(gateway.taken) == 3
        assert {state(page)[:2] for page in from_gateway} == {("sent", "gateway")}

    def test_wecom_takes_thirty_a_minute_for_one_member(self, cloud: Cloud) -> None:
        account_row("wecom", "wecom")
        cloud.wecom.members["li"] = ONE[3:]
        for number in range(29):
            page_row(leg_that_pages(), ONE, channel="wecom", state="sent", provider="wecom",
                     tried_at=now() - timedelta(seconds=number))  # fmt: skip
        first, second = (page_row(leg_that_pages(), ONE, channel="wecom") for _ in range(2))
        send_due("wecom")
        found = [state(page) for page in (first, second)]
        assert sorted(row[0] for row in found) == ["queued", "sent"], found
        assert A_NUMBER["wecom"].minute == 30
        assert len(cloud.wecom.taken) == 1

"""An account that hangs or fails is left alone; its pages go another way, and no other account or school learns of it."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kernel.clock import now
from notifications.providers.ports import SECONDS, Failed, Sent
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.queue import PutBack, Tried, settle_all
from referrals.emergency.engine.send import Sender, claim, send_due
from referrals.emergency.engine.ways import ways_out
from referrals.emergency.models import Delivery, EngineProcess, Leg
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_school
from tests.emergency.sending_steps import (
    Cloud,
    Ticking,
    account_row,
    is_due_now,
    leg_that_pages,
    open_cloud,
    page_row,
    state,
    template_row,
    told,
)
from tests.faults.chain import until
from tests.gateway import open_gateway
from tests.providers.marked import marked
from tests.providers.servers import open_stand_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
NUMBERS = [f"+861390000{number:04d}" for number in range(40)]


@pytest.fixture
def cloud(settings: Any, open_school: Any) -> Iterator[Cloud]:
    with marked(), open_cloud(settings) as cloud:
        yield cloud


@pytest.fixture
def accounts(cloud: Cloud) -> None:
    """Alibaba Cloud first, Tencent Cloud behind it."""
    for provider in ("aliyun", "tencent"):
        account_row(provider)
        template_row(provider)


def send(circuits: Circuits, channel: str = "sms") -> int:
    sender = Sender(channel, circuits=circuits)
    count = sender.take()
    sender.finish()
    return count


@pytest.mark.parametrize("fault", ["500", "close", "html"])
def test_what_one_account_does_not_take_the_next_takes_in_the_same_breath(
    fault: str, cloud: Cloud, accounts: None
) -> None:
    cloud.servers["aliyun_sms"].fault = fault
    page = page_row(leg_that_pages(), NUMBERS[0])
    assert send(Ticking()) == 1
    assert state(page) == ("sent", "tencent", "")
    assert len(cloud.servers["aliyun_sms"].calls) == 1
    assert len(cloud.tencent.taken) == 1


def test_an_account_whose_circuit_is_open_is_not_asked_until_its_rest_is_over_and_then_once(
    cloud: Cloud, accounts: None
) -> None:
    aliyun, circuits, leg = cloud.servers["aliyun_sms"], Ticking(), leg_that_pages()
    aliyun.fault = "500"
    for number in NUMBERS[:5]:
        page = page_row(leg, number)
        send(circuits)
        assert state(page)[:2] == ("sent", "tencent")
    assert len(aliyun.calls) == 2, "two failures open it"
    assert set(circuits.standing().values()) == {"open"}
    circuits.at += 30
    for number in NUMBERS[5:8]:
        page_row(leg, number)
    send(circuits)
    assert len(aliyun.calls) == 3, "one trial, whose failure opens it again"
    assert len(cloud.tencent.taken) == 8
    circuits.at += 30
    aliyun.fault = ""
    page = page_row(leg, NUMBERS[8])
    send(circuits)
    assert state(page)[:2] == ("sent", "aliyun")
    assert circuits.standing() == {}


def test_with_every_account_left_alone_the_next_channel_comes_at_once_and_the_page_when_one_is_back(
    cloud: Cloud,
) -> None:
    account_row("aliyun")
    template_row("aliyun")
    aliyun, circuits, leg = cloud.servers["aliyun_sms"], Ticking(), leg_that_pages()
    aliyun.fault = "500"
    for number in NUMBERS[:2]:
        page_row(leg, number)
    send(circuits)
    later = now() + timedelta(seconds=60)
    text = page_row(leg, NUMBERS[3])
    call = page_row(leg, NUMBERS[3], channel="voice", due_at=later)
    again = page_row(leg, NUMBERS[3], channel="voice", due_at=later + timedelta(minutes=2))
    send(circuits)
    assert state(text) == ("queued", "", "circuit_open")
    assert text.claims == 0, "nothing was tried"
    assert not is_due_now(text)
    assert is_due_now(call)
    assert not is_due_now(again), "a call that is repeated is repeated later"
    assert Leg.objects.get(pk=leg.pk).next_at > now(), "nothing failed yet: the step keeps its time"
    assert told(leg)[-1] == ("delivery.put_back", "circuit_open")
    assert len(aliyun.calls) == 2
    Delivery.objects.filter(pk=text.pk).update(due_at=now())
    send(circuits)
    assert told(leg).count(("delivery.put_back", "circuit_open")) == 1, "said once"
    circuits.at += 30
    aliyun.fault = ""
    Delivery.objects.filter(pk=text.pk).update(due_at=now())
    send(circuits)
    assert state(text)[:2] == ("sent", "aliyun")


def test_a_page_that_is_put_back_for_five_minutes_has_failed_and_the_next_step_comes(cloud: Cloud) -> None:
    account_row("aliyun")
    template_row("aliyun")
    circuits, leg = Ticking(), leg_that_pages(position=0, round=1)
    cloud.servers["aliyun_sms"].fault = "500"
    for number in NUMBERS[:2]:
        page_row(leg_that_pages(), number)
    send(circuits)
    page = page_row(leg, NUMBERS[3])
    Delivery.objects.filter(pk=page.pk).update(created_at=now() - timedelta(minutes=5))
    send(circuits)
    assert state(page) == ("failed", "", "circuit_open")
    assert Leg.objects.get(pk=leg.pk).next_at <= now()


def test_an_account_that_hangs_holds_up_neither_another_school_nor_its_own_next_account(
    cloud: Cloud, accounts: None, settings: Any
) -> None:
    """Its pages are under way, and meanwhile those of everybody else leave: by hand of the same thread."""
    hanging = cloud.servers["aliyun_sms"]
    hanging.fault = "hang"
    leg = leg_that_pages()
    mine = [page_row(leg, number) for number in NUMBERS[:20]]
    other = make_school()
    with open_gateway() as gateway, ThreadPoolExecutor(8) as pool:
        settings.GATEWAY_URL = gateway.url
        circuits = Ticking()
        sender = Sender("sms", pool, 8, circuits)
        sender.step()
        until(lambda: len(hanging.calls) == 6, "three quarters of the pool wait for it")
        assert sender.has_room
        with use_tenant(other.pk):
            theirs = page_row(leg_that_pages(), NUMBERS[30])
        sender.step()
        until(lambda: len(gateway.taken) == 1, "the other school's page left")
        sender.step()
        with use_tenant(other.pk):
            assert state(theirs)[:2] == ("sent", "gateway")
        assert len(hanging.calls) == 6
        hanging.released.set()
        until(lambda: (sender.land(), sender.take()) and len(cloud.tencent.taken) == 20, "by the next account")
        sender.finish()
        assert len(hanging.calls) <= 8, "an open circuit asks no more"
    assert {state(page)[:2] for page in mine} == {("sent", "tencent")}


def test_a_gateway_that_hangs_holds_up_neither_another_account_nor_more_than_its_share(
    cloud: Cloud, settings: Any
) -> None:
    """It is asked by the sender's own thread, on connections of its own: that thread waits for none of them."""
    leg = leg_that_pages()
    mine = [page_row(leg, number) for number in NUMBERS[:20]]
    other = make_school()
    with open_stand_in(lambda call: (204, b"")) as hanging, ThreadPoolExecutor(8) as pool:
        hanging.fault = "hang"
        settings.GATEWAY_URL = f"{hanging.url}/send"
        sender = Sender("sms", pool, 8, Ticking())
        begun = time.monotonic()
        until(lambda: (sender.step(), len(hanging.calls) == 6)[1], "three quarters of its places wait for it")
        assert sender.has_room
        with use_tenant(other.pk):
            account_row("aliyun")
            template_row("aliyun")
            theirs = page_row(leg_that_pages(), NUMBERS[30])
        until(lambda: (sender.step(), len(cloud.aliyun.taken) == 1)[1], "the other school's page left")
        sender.step()
        with use_tenant(other.pk):
            assert state(theirs)[:2] == ("sent", "aliyun")
        assert len(hanging.calls) == 6 and time.monotonic() - begun < SECONDS, "while the gateway hung"
        sender.finish()
        assert time.monotonic() - begun < SECONDS + 2, "five seconds in all, whatever it does"
        hanging.released.set()
    states = {state(page) for page in mine}
    assert states == {("queued", "gateway", "gateway_silent"), ("queued", "", "")}


def test_a_number_that_is_none_says_nothing_of_the_provider_and_goes_to_no_second_one(
    cloud: Cloud, accounts: None
) -> None:
    circuits, leg = Ticking(), leg_that_pages()
    for number in ("057188880000", "057188880001", "057188880002"):
        page_row(leg, f"+86{number[1:]}")
    send(circuits)
    assert circuits.standing() == {}
    assert {state(page) for page in Delivery.objects.filter(leg=leg)} == {("failed", "aliyun", "bad_number")}
    assert {code for code, _why in told(leg)} == {"delivery.failed"}


def test_a_defect_in_one_account_is_a_failure_of_that_account(cloud: Cloud, accounts: None, settings: Any) -> None:
    settings.PROVIDER_ADDRESSES = {
        key: value for key, value in settings.PROVIDER_ADDRESSES.items() if key != "aliyun_sms"
    }
    page = page_row(leg_that_pages(), NUMBERS[0])
    send(Ticking())
    assert state(page)[:2] == ("sent", "tencent")


def test_a_page_that_cannot_be_written_fails_by_itself_and_the_others_leave(cloud: Cloud, accounts: None) -> None:
    leg = leg_that_pages()
    bad, good = page_row(leg, NUMBERS[0], text="no_such_text"), page_row(leg, NUMBERS[1])
    assert send(Ticking()) == 2
    assert state(bad) == ("failed", "", "unwritable")
    assert state(good)[0] == "sent"


def test_a_page_of_an_older_epoch_leaves_for_nobody(cloud: Cloud, accounts: None) -> None:
    leg = leg_that_pages(epoch=2)
    old = page_row(leg, NUMBERS[0], epoch=1)
    current = page_row(leg, NUMBERS[1], epoch=2)
    assert send(Ticking()) == 1
    assert [row["PhoneNumbers"] for row in cloud.aliyun.taken] == [NUMBERS[1][3:]]
    assert (state(old), state(current)[0]) == (("dropped", "", ""), "sent")


def test_a_page_that_a_sender_holds_is_no_other_senders_until_the_lease_is_over(cloud: Cloud) -> None:
    page = page_row(leg_that_pages(), NUMBERS[0])
    assert [one.page.pk for one in claim([page.pk])] == [page.pk]
    assert claim([page.pk]) == []
    Delivery.objects.filter(pk=page.pk).update(lease_until=now() - timedelta(seconds=1))
    assert [one.page.claims for one in claim([page.pk])] == [2]


def test_a_sender_whose_lease_ran_out_writes_nothing(cloud: Cloud) -> None:
    page = page_row(leg_that_pages(), NUMBERS[0])
    (slow,) = claim([page.pk])
    Delivery.objects.filter(pk=page.pk).update(lease_until=now() - timedelta(seconds=1))
    (other,) = claim([page.pk])
    for late in (Sent("slow"), Failed("down", is_final=True), PutBack("circuit_open", timedelta(seconds=10))):
        settle_all([(slow.page, Tried(late, "aliyun"))])
        assert state(page) == ("claimed", "", "")
    settle_all([(other.page, Tried(Sent("mine"), "tencent"))])
    assert state(page) == ("sent", "tencent", "")
    page.refresh_from_db()
    assert page.provider_ref == "mine"


def test_a_school_with_very_many_pages_hides_no_other(open_school: Any, settings: Any) -> None:
    leg = leg_that_pages()
    for number in NUMBERS:
        page_row(leg, number, due_at=now() - timedelta(minutes=9))
    other = make_school()
    with use_tenant(other.pk):
        theirs = page_row(leg_that_pages(), NUMBERS[0])
    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        assert send_due("sms", size=30) == 21
    with use_tenant(other.pk):
        assert state(theirs)[0] == "sent"


def test_the_gateway_comes_before_an_account_that_nobody_has_proven(cloud: Cloud, settings: Any) -> None:
    account_row("tencent")
    account_row("aliyun", is_proven=False)
    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        assert [way.name for way in ways_out("sms")] == ["tencent", "gateway", "aliyun"]


def test_when_two_accounts_have_failed_the_next_way_comes_now_and_not_after_a_third_try(
    cloud: Cloud, accounts: None
) -> None:
    for name in ("aliyun_sms", "tencent_sms"):
        cloud.servers[name].fault = "500"
    leg = leg_that_pages()
    text = page_row(leg, NUMBERS[0])
    call = page_row(leg, NUMBERS[0], channel="voice", due_at=now() + timedelta(seconds=60))
    send(Ticking())
    assert state(text) == ("failed", "tencent", "down")
    assert is_due_now(call)
    assert told(leg) == [("delivery.failed", "down")]


def test_one_account_that_fails_is_tried_three_times_and_then_the_next_way_comes(cloud: Cloud) -> None:
    account_row("aliyun")
    template_row("aliyun")
    cloud.servers["aliyun_sms"].fault = "500"
    leg = leg_that_pages()
    text = page_row(leg, NUMBERS[0])
    call = page_row(leg, NUMBERS[0], channel="voice", due_at=now() + timedelta(seconds=60))
    for _ in range(3):
        assert not is_due_now(call)
        assert send(Circuits()) == 1
        Delivery.objects.filter(pk=text.pk).update(due_at=now())
    assert state(text) == ("failed", "aliyun", "down")
    assert is_due_now(call)


class TestSeen:
    """What stands open is told by each process in its sign of life."""

    def test_metrics_count_the_processes_that_leave_an_account_alone(self, settings: Any) -> None:
        settings.METRICS_TOKEN = "t"
        with no_scope():
            EngineProcess.objects.create(kind="engine", circuits={"aliyun:sms:ab": "open", "gateway:sms": "half_open"})
            EngineProcess.objects.create(kind="engine", circuits={"aliyun:sms:ab": "open", "aliyun:sms:cd": "open"})
        answer = Client().get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
        lines = {line.rsplit(" ", 1)[0]: line.rsplit(" ", 1)[1] for line in answer.splitlines() if "circuit" in line}
        assert lines['xinqiao_chain_circuits_open{channel="sms",provider="aliyun"}'] == "2.0", "two accounts"
        assert 'xinqiao_chain_circuits_open{channel="sms",provider="gateway"}' not in lines, "it may be tried again"
        assert not [line for line in lines if ":ab" in line or ":cd" in line], "no account is named"

    def test_a_process_that_died_says_nothing_any_more(self, settings: Any) -> None:
        settings.METRICS_TOKEN = "t"
        with no_scope():
            EngineProcess.objects.create(
                kind="engine", circuits={"aliyun:sms:ab": "open"}, beat_at=now() - timedelta(seconds=31)
            )
        answer = Client().get("/metrics", headers={"authorization": "Bearer t"}).content.decode()
        assert "xinqiao_chain_circuits_open{" not in answer

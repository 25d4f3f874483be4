"""What goes wrong on the way out, and what follows: the next way, the next step, and never silence (chain §3, §5)."""

import socket
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import now
from notifications.receipts import take_receipt
from referrals.emergency import secrets
from referrals.emergency.engine.circuits import circuits
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.rounds import decide_round
from referrals.emergency.engine.send import CHANNELS, send_due
from referrals.emergency.models import Delivery, Leg, Recipient
from referrals.emergency.rules.limits import A_NUMBER
from referrals.emergency.rules.plan_check import TEXTS_AN_HOUR
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import no_scope, use_tenant
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.sending_steps import (
    account_row,
    is_due_now,
    leg_that_pages,
    open_cloud,
    page_row,
    state,
    template_row,
    told,
)
from tests.emergency.world import OPERATOR_LINE, PHONES, World, legs_of, make_due, paged
from tests.gateway import Gateway, open_gateway
from tests.providers.marked import marked
from tests.providers.servers import StandIn, open_stand_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
ONE = "+8613900000001"


@pytest.fixture(autouse=True)
def every_circuit_is_shut() -> Iterator[None]:
    circuits.forget()
    yield
    circuits.forget()


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def broken(settings: Any, open_school: Any) -> Iterator[StandIn]:
    """A gateway that fails in whatever way ``fault`` says."""
    with open_stand_in(lambda call: (204, b"")) as server:
        settings.GATEWAY_URL = f"{server.url}/send"
        yield server


def receipt(page: Delivery, said: str, world: World) -> None:
    take_receipt(key=secrets.reference_of(page.pk), said=said, at=now(), host=world.school)


@pytest.mark.parametrize("fault", ["500", "close", "moved"])
def test_a_gateway_that_fails_thrice_hands_over_to_the_next_channel(fault: str, broken: StandIn) -> None:
    broken.fault = fault
    leg = leg_that_pages()
    text = page_row(leg, ONE)
    call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
    for count in range(3):
        assert not is_due_now(call), count
        send_due("sms")
        Delivery.objects.filter(pk=text.pk).update(due_at=now())
    assert state(text)[0] == "failed"
    assert is_due_now(call)
    assert len(broken.calls) == 3
    assert told(leg)[0][0] == "delivery.failed"


def test_a_gateway_that_hangs_is_left_within_five_seconds_and_its_answer_comes_to_nobody(broken: StandIn) -> None:
    broken.fault = "hang"
    page = page_row(leg_that_pages(), ONE)
    send_due("sms")
    assert state(page)[::2] == ("queued", "gateway_silent"), "it is tried again under the same key"
    page.refresh_from_db()
    assert page.tried_at is not None, "nobody knows whether it was taken"
    assert told(page.leg) == []


def test_what_was_said_to_nobody_goes_another_way_at_once_and_takes_no_place_in_a_budget(
    broken: StandIn, settings: Any
) -> None:
    """Nobody listens there: no word of it has left, and the call that was to come in a minute comes now."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        settings.GATEWAY_URL = f"http://127.0.0.1:{bound.getsockname()[1]}/send"
        leg = leg_that_pages()
        page = page_row(leg, ONE)
        call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
        send_due("sms")
    assert state(page)[::2] == ("queued", "gateway_unreachable")
    page.refresh_from_db()
    assert page.tried_at is None, "nothing of it can have arrived"
    assert now() < page.due_at <= now() + timedelta(seconds=3), "and it is tried there again too"
    assert is_due_now(call)
    assert told(leg) == [("delivery.put_back", "gateway_unreachable")]


def test_a_silence_leaves_the_next_way_its_time(broken: StandIn) -> None:
    """It may have arrived: the same key is tried again before a second telephone rings."""
    broken.fault = "close"
    leg = leg_that_pages()
    page = page_row(leg, ONE)
    call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
    send_due("sms")
    assert state(page)[::2] == ("queued", "gateway_silent")
    assert not is_due_now(call)


@pytest.mark.parametrize(("status", "may_have_left"), [(502, True), (504, True), (500, False), (503, False)])
def test_a_proxy_that_heard_nothing_of_its_gateway_is_a_silence_and_a_no_of_the_gateway_is_a_no(
    world: World, gateway: Gateway, status: int, may_have_left: bool
) -> None:
    """502 and 504: it was handed on, and may have arrived. It counts as sent, and the second telephone waits its time."""
    gateway.status = status
    leg = leg_that_pages()
    page = page_row(leg, ONE)
    call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
    send_due("sms")
    assert state(page)[::2] == ("queued", "gateway_silent" if may_have_left else f"http_{status}")
    page.refresh_from_db()
    assert (page.tried_at is not None) is may_have_left
    assert not is_due_now(call)
    gateway.status = 204
    Delivery.objects.filter(pk=page.pk).update(due_at=now())
    send_due("sms")
    assert len(gateway.taken) == 2 and len({message["key"] for message in gateway.taken}) == 1


def test_a_gateway_that_takes_all_and_delivers_nothing_stops_no_clock(world: World, gateway: Gateway) -> None:
    """Taken is not answered: the wait runs, the next one is called, the round begins again."""
    incident = world.open()
    decide_school()
    for channel in CHANNELS:
        send_due(channel)
    assert any(message["to"] == PHONES["duty"] for message in gateway.taken)
    assert not Delivery.objects.filter(state="failed").exists()
    assert paged(incident, "school") == ["on_duty:1"]
    make_due(incident, "school", "step_due")
    decide_school()
    assert paged(incident, "school") == ["on_duty:1", "on_duty:2"]
    assert legs_of(incident)["school"].state == "paging"


def test_receipts_in_whatever_order_bring_the_next_way_once(world: World, gateway: Gateway) -> None:
    leg = leg_that_pages()
    text = page_row(leg, ONE, state="sent", reference_hash=None)
    Delivery.objects.filter(pk=text.pk).update(reference_hash=secrets.reference_hash(secrets.reference_of(text.pk)))
    call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
    with no_scope():
        for said in ("failed", "failed", "delivered", "failed", "read", "delivered"):
            receipt(text, said, world)
    text.refresh_from_db()
    assert (text.state, text.receipt, text.error) == ("failed", "read", "not_delivered")
    assert is_due_now(call)
    assert told(leg) == [("delivery.failed", "not_delivered")]
    other = page_row(leg_that_pages(), ONE, state="sent")
    Delivery.objects.filter(pk=other.pk).update(reference_hash=secrets.reference_hash(secrets.reference_of(other.pk)))
    with no_scope():
        for said in ("read", "failed"):
            receipt(other, said, world)
    assert state(other)[0] == "sent", "what was read did arrive"


def test_a_late_failure_of_the_last_way_brings_the_next_step(world: World) -> None:
    leg = leg_that_pages(position=0, round=1)
    page = page_row(leg, ONE, state="sent")
    Delivery.objects.filter(pk=page.pk).update(reference_hash=secrets.reference_hash(secrets.reference_of(page.pk)))
    assert Leg.objects.get(pk=leg.pk).next_at > now()
    with no_scope():
        receipt(page, "failed", world)
    assert Leg.objects.get(pk=leg.pk).next_at <= now()


def test_a_failure_that_comes_after_somebody_has_it_calls_nobody(world: World, gateway: Gateway) -> None:
    incident = world.open()
    decide_school()
    send_due("sms")
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    leg = legs_of(incident)["school"]
    page = Delivery.objects.get(leg=leg, channel="sms", state="sent")
    with no_scope():
        receipt(page, "failed", world)
    after = legs_of(incident)["school"]
    assert (after.state, after.epoch, after.next_at) == (leg.state, leg.epoch, leg.next_at)
    assert not Delivery.objects.filter(leg=leg, state="queued", channel="voice").exists()


def test_an_hour_in_which_nobody_answers_stays_within_its_budgets_and_never_goes_quiet(
    world: World, settings: Any
) -> None:
    """Team and operator every five minutes: five texts to one number by one template, and the calls go on all the while."""
    with marked(), open_cloud(settings) as cloud:
        for channel in ("sms", "voice"):
            account_row("aliyun", channel)
            template_row("aliyun", channel)
        incident = world.open()
        Leg.objects.filter(incident=incident).exclude(kind="community").update(
            state="closed", next_event="", next_at=None
        )
        calls: list[int] = []
        texts: dict[str, int] = {}
        for tick in range(12):
            with chain_ahead(timedelta(minutes=5 * tick)):
                while decide_round():
                    pass
                with use_tenant(world.school.pk):
                    community = legs_of(incident)["community"]
                    assert chain_now() < community.next_at <= chain_now() + timedelta(minutes=5)
                    cloud.aliyun.per_number.clear()  # its own clock stands still
                    before = len(cloud.aliyun.taken)
                    for channel in ("sms", "voice"):
                        while send_due(channel):
                            pass
                    new = cloud.aliyun.taken[before:]
                    calls.append(sum("CalledNumber" in row for row in new))
                    for row in new:
                        if "PhoneNumbers" in row:
                            texts[row["PhoneNumbers"]] = texts.get(row["PhoneNumbers"], 0) + 1
        assert legs_of(incident)["community"].state == "exhausted"
        assert max(texts.values()) == TEXTS_AN_HOUR == A_NUMBER["sms"].hour
        assert min(calls[1:]) > 0, "no five minutes without a call"
        called = {row["CalledNumber"] for row in cloud.aliyun.taken if "CalledNumber" in row}
        assert {PHONES["principal"][3:], f"0{OPERATOR_LINE[3:]}"} <= called
        spent = Delivery.objects.filter(channel="sms", state="failed", error="limit_hour")
        assert spent.exists()
        assert Recipient.objects.filter(leg__incident=incident, leg__kind="community").exists()


def test_a_mail_to_a_colleague_without_an_address_is_no_page_that_left(world: World) -> None:
    """A mailer takes it without a word: the next way comes at once, and it stands in what happened."""
    leg = leg_that_pages()
    head = world.members["head"]
    first = page_row(leg, PHONES["head"], channel="email", member=head)
    second = page_row(leg, PHONES["head"], channel="voice", due_at=now() + timedelta(minutes=5))
    type(head).objects.filter(pk=head.pk).update(email="")
    assert send_due("email") == 1
    assert state(first) == ("failed", "", "address_refused")
    assert is_due_now(second) and told(leg) == [("delivery.failed", "address_refused")]


def test_an_account_that_cannot_be_read_keeps_no_page_and_no_other_school_waiting(
    world: World, gateway: Gateway, other_school: Any
) -> None:
    """Its school's pages leave by the installation's gateway, in the same round as everybody's."""
    own = account_row("aliyun")
    type(own).objects.filter(pk=own.pk).update(credentials_sealed=b"damaged")
    first = page_row(leg_that_pages(), ONE)
    with use_tenant(other_school.id):
        second = page_row(leg_that_pages(), "+8613900000002")
    with no_scope():
        assert send_due("sms") == 2
    assert state(first)[0] == "sent"
    with use_tenant(other_school.id):
        assert state(second)[0] == "sent"
    assert len(gateway.taken) == 2

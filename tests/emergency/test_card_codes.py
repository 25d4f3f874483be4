"""A fresh code by voice: one card, one browser, half an hour, and only ever the number that was called (chain §4)."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import now
from notifications.providers.capability import Kind
from referrals.emergency import secrets
from referrals.emergency.engine.claiming import claim
from referrals.emergency.engine.letters import kind_of_delivery, message_for, params_of
from referrals.emergency.models import Delivery, Recipient, Timeline
from referrals.emergency.outside.views import BY_CODE_LIFE
from referrals.emergency.workflow import holding
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import (
    HOSPITAL,
    browser,
    called,
    link_of,
    press,
    recipient_of,
    words_of,
)
from tests.emergency.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
TEXT = "emergency_card_code"
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


@pytest.fixture
def incident(world: World) -> Any:
    return called(world, place="home", place_words="家里，反锁了门", can_be_asked=False)


@pytest.fixture
def recipient(world: World, incident: Any) -> Recipient:
    """The hospital's desk, who has it; the card was opened in another browser."""
    found = recipient_of(world, incident, "medical")
    press(browser(), link_of(found), "take")
    return recipient_of(world, incident, "medical")


def calls(world: World, recipient: Recipient) -> list[Delivery]:
    with use_tenant(world.school.pk):
        rows = Delivery.objects.filter(text=TEXT, recipient=recipient)
        return list(rows.select_related("recipient", "leg").order_by("created_at"))


def code_of(world: World, recipient: Recipient) -> str:
    return secrets.card_code_of(calls(world, recipient)[-1].pk)


def is_open(client: Client, recipient: Recipient) -> bool:
    return "老师0" in words_of(client.get(link_of(recipient)))


def let_pass(world: World, **by: float) -> None:
    """All calls were asked for so long ago."""
    with use_tenant(world.school.pk):
        Delivery.objects.filter(text=TEXT).update(created_at=now() - timedelta(**by))


def test_the_number_that_was_called_is_rung_and_the_code_opens_the_card(world: World, recipient: Recipient) -> None:
    client, path = browser(), link_of(recipient)
    assert not is_open(client, recipient)
    answer = client.post(path, {"act": "ring"})
    assert (answer.status_code, answer["Location"]) == (303, path)
    (call,) = calls(world, recipient)
    assert (call.channel, call.state, call.recipient_id) == ("voice", "queued", recipient.pk)
    with use_tenant(world.school.pk):
        assert claim([call.pk]), "it is sent by whoever sends calls"
        page = message_for(call, world.school)
        assert (page.to, page.choices) == (HOSPITAL, ()), "no key of it answers"
        assert kind_of_delivery(call) is Kind.OUTSIDE
        assert params_of(call) == {"code": secrets.card_code_of(call.pk), "number": recipient.shown_number}
        assert secrets.card_code_of(call.pk) != secrets.code_of(recipient.pk)
    assert not is_open(client, recipient), "ringing opens nothing"
    press(client, path, "code", code=code_of(world, recipient))
    assert is_open(client, recipient)
    assert not is_open(browser(), recipient), "in this browser alone"
    with use_tenant(world.school.pk):
        codes = list(Timeline.objects.filter(leg=recipient.leg_id).values_list("code", flat=True))
        assert (codes.count("card.code_asked"), codes.count("card.code_used")) == (1, 1)
        done = AuditEntry.objects.filter(action__in=["incident.card_code", "incident.card_code_used"])
        assert set(done.values_list("actor_kind", flat=True)) == {"outside"} and done.count() == 2


def test_a_code_opens_once(world: World, recipient: Recipient) -> None:
    press(browser(), link_of(recipient), "ring")
    code = code_of(world, recipient)
    press(browser(), link_of(recipient), "code", code=code)
    second = browser()
    press(second, link_of(recipient), "code", code=code)
    assert not is_open(second, recipient)


def test_it_is_open_for_half_an_hour(world: World, recipient: Recipient, monkeypatch: pytest.MonkeyPatch) -> None:
    client = browser()
    press(client, link_of(recipient), "ring")
    press(client, link_of(recipient), "code", code=code_of(world, recipient))
    for name in list(client.cookies):
        client.cookies[name]["max-age"] = ""  # kept by whoever copied it
    later, clock = BY_CODE_LIFE.total_seconds(), time.time
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock() + later - 5)
    assert is_open(client, recipient)
    monkeypatch.setattr("django.core.signing.time.time", lambda: clock() + later + 5)
    assert not is_open(client, recipient)


def test_a_code_holds_ten_minutes(world: World, recipient: Recipient) -> None:
    client = browser()
    press(client, link_of(recipient), "ring")
    let_pass(world, minutes=11)
    page = press(client, link_of(recipient), "code", code=code_of(world, recipient))
    assert page.status_code == 200 and not is_open(client, recipient)


def test_pressed_twice_is_one_call_and_three_are_all(world: World, recipient: Recipient) -> None:
    client, path = browser(), link_of(recipient)
    press(client, path, "ring")
    press(client, path, "ring")
    assert len(calls(world, recipient)) == 1
    for _ in range(2):
        let_pass(world, minutes=2)
        press(client, path, "ring")
    assert len(calls(world, recipient)) == 3
    let_pass(world, minutes=2)
    page = press(client, path, "ring")
    assert page.status_code == 409
    assert len(calls(world, recipient)) == 3
    with use_tenant(world.school.pk):
        assert AuditEntry.objects.get(action="incident.outside.refused").facts["code"] == "card_codes_asked"


@pytest.mark.parametrize("when", ["before", "held", "over"])
def test_without_a_card_nobody_is_rung(world: World, incident: Any, when: str) -> None:
    found = recipient_of(world, incident, "medical")
    if when != "before":
        press(browser(), link_of(found), "take")
        with use_tenant(world.school.pk):
            if when == "held":
                holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="medical", reason=REASON)
            else:
                leg = found.leg
                type(leg).objects.filter(pk=leg.pk).update(state="closed", next_at=None, next_event="", since=now())
    page = browser().post(link_of(found), {"act": "ring"})
    assert page.status_code == 409
    assert calls(world, found) == []


def test_a_hold_drops_the_call_that_waits_and_its_code(world: World, incident: Any, recipient: Recipient) -> None:
    client = browser()
    press(client, link_of(recipient), "ring")
    code = code_of(world, recipient)
    with use_tenant(world.school.pk):
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="medical", reason=REASON)
    assert [call.state for call in calls(world, recipient)] == ["dropped"]
    assert client.post(link_of(recipient), {"act": "code", "code": code}).status_code == 409


def test_the_code_of_another_call_opens_nothing(world: World, incident: Any, recipient: Recipient) -> None:
    other = recipient_of(world, incident, "community")
    press(browser(), link_of(other), "take")
    press(browser(), link_of(other), "ring")
    client = browser()
    press(client, link_of(recipient), "ring")
    for code in (code_of(world, other), secrets.code_of(recipient.pk)):
        press(client, link_of(recipient), "code", code=code)
        assert not is_open(client, recipient)


def test_codes_are_guessed_under_the_lock(world: World, incident: Any, recipient: Recipient) -> None:
    other = recipient_of(world, incident, "community")
    press(browser(), link_of(recipient), "ring")
    client = browser()
    answers = [
        client.post(link_of(recipient), {"act": "code", "code": secrets.code_of(other.pk)}).status_code
        for _ in range(6)
    ]
    assert answers == [200] * 5 + [429]
    assert client.post(link_of(recipient), {"act": "code", "code": code_of(world, recipient)}).status_code == 429


def test_where_nothing_rings_no_call_is_offered_and_none_is_taken(
    world: World, recipient: Recipient, settings: Any
) -> None:
    """An installation that sends by text alone: the button would promise a call that nobody makes."""
    client, path = browser(), link_of(recipient)
    assert "ring" in client.get(path).content.decode()
    settings.CHAIN_CHANNELS, settings.GATEWAY_URL = ("sms",), ""
    assert 'value="ring"' not in client.get(path).content.decode()
    press(client, path, "ring")
    assert calls(world, recipient) == []
    with use_tenant(world.school.pk):
        assert AuditEntry.objects.get(action="incident.outside.refused").facts["code"] == "card_no_voice"

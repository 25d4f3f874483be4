"""What stands on top of an incident's page, and what is said of a leg that nobody could be called on."""

from datetime import timedelta

import pytest
from django.test import Client

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.letters import message_for
from referrals.emergency.models import Delivery, Incident, Leg
from referrals.emergency.workflow import answering, handing_over
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def page(world: World, post: str, incident: Incident) -> str:
    client = Client(headers={"host": world.school.host})
    user = world.members[post].user
    assert user is not None
    client.force_login(user)
    return client.get(f"/centre/emergency/{incident.pk}/").content.decode()


def first(text: str) -> str:
    begin = text.index('<section class="first')
    return text[begin : text.index("</section>", begin)]


def test_a_number_that_a_person_has_to_dial_stands_before_a_leg_that_nobody_answers(
    world: World, paging: Incident
) -> None:
    assert legs_of(paging)["community"].state == "exhausted"
    assert 'href="tel:120"' in first(page(world, "duty", paging))
    by_hand = legs_of(paging)["medical"]
    assert by_hand.state == "paging"


def test_where_nobody_could_be_called_nobody_is_said_to_be_silent(world: World, paging: Incident) -> None:
    text = page(world, "duty", paging)
    assert legs_of(paging)["community"].state == "exhausted"
    assert "没有号码可叫" in text[text.index('id="leg-community"') :]
    assert "都叫过了" not in text[text.index('id="leg-community"') : text.index('id="log"')]


def test_whoever_is_asked_to_take_over_reads_that_first(world: World, paging: Incident) -> None:
    duty, centre = world.actor("duty"), world.members["centre"]
    answering.acknowledge(actor=duty, incident_id=paging.pk, kind="school", eta=15)
    answering.engage(actor=duty, incident_id=paging.pk, kind="school")
    handing_over.ask_to_take_over(actor=duty, incident_id=paging.pk, kind="school", colleague_id=centre.pk)
    assert "/school/take_over/" in first(page(world, "centre", paging))
    assert "take_over" not in first(page(world, "duty", paging))


def test_the_time_that_was_named_is_the_time_that_is_read(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school", eta=15)
    text = page(world, "duty", paging)
    leg = text[text.index('id="leg-school"') : text.index('id="leg-family"')]
    assert "15 分钟" in leg and "30 分钟" not in leg.split("<details>")[0]


def test_a_text_message_to_a_colleague_says_where_to_open_it(world: World, paging: Incident) -> None:
    rows = Delivery.objects.filter(leg__incident=paging, recipient__member_id__isnull=False)
    said = {row.channel: message_for(row, world.school).text for row in rows.select_related("recipient", "leg")}
    assert {"in_app", "sms", "voice"} <= set(said)
    for channel in ("sms", "voice"):
        assert f"{world.school.host}" in said[channel] and "/my/messages/" in said[channel]
        assert str(paging.pk) not in said[channel]
    assert "/my/messages/" not in said["in_app"], "what is read inside needs no address"
    over = rows.filter(channel="sms").select_related("recipient", "leg")[0]
    over.text = "emergency_stood_down"
    assert "/my/messages/" not in message_for(over, world.school).text, "who may sleep on is sent nowhere"


@pytest.mark.parametrize("is_fired", [False, True])
def test_while_no_engine_works_nobody_reads_that_somebody_is_being_called(world: World, is_fired: bool) -> None:
    incident = world.open()
    if is_fired:
        decide_school()
    assert "系统晚了" not in page(world, "duty", incident)
    Leg.objects.filter(incident=incident, kind="school").update(next_at=chain_now() - timedelta(seconds=20))
    text = page(world, "duty", incident)
    leg = text[text.index('id="leg-school"') : text.index('id="leg-family"')]
    assert "系统晚了" in leg and "几秒内" not in leg
    Leg.objects.filter(incident=incident).update(next_at=chain_now() - timedelta(seconds=20))
    assert "系统晚了" in first(page(world, "duty", incident)) or is_fired


def test_an_ended_incident_asks_for_nothing(world: World, paging: Incident) -> None:
    assert "最要紧" in first(page(world, "duty", paging))
    Incident.objects.filter(pk=paging.pk).update(state="closed", next_at=None, next_event="", closed_at=chain_now())
    assert "最要紧" not in first(page(world, "duty", paging))


def test_while_nobody_is_named_the_page_says_how_the_others_are_called(world: World, paging: Incident) -> None:
    nobody = world.open(person_id=None)
    assert f'href="/centre/emergency/{nobody.pk}/person/"' in page(world, "duty", nobody)
    assert "知道是谁以后，才会联系家人、医院和社区。" in page(world, "duty", nobody)
    assert "还没开始" in page(world, "duty", nobody)
    assert "不需要" not in page(world, "duty", nobody), "what waits for a name is not called needless"
    assert f'href="/centre/emergency/{paging.pk}/person/"' not in page(world, "duty", paging)

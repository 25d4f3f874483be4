"""Who is on duty stands on the board: now, second, next, by what they are reached, the gaps; and a board on which nothing is open."""

import re
from datetime import timedelta
from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, Delivery, DutyShift, Incident
from referrals.emergency.plan_facts import facts_of, ways_of_member
from referrals.emergency.rules.on_duty import preview_end
from referrals.emergency.school_line import forget
from referrals.emergency.workflow import answering
from tests.emergency.rota import chain_now, shift_row
from tests.emergency.sending_steps import account_row, leg_that_pages, page_row, template_row
from tests.emergency.test_board import BOARD, get
from tests.emergency.world import OPERATOR_LINE, PHONES, World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def card(world: World, post: str = "centre") -> str:
    text = get(world, post, BOARD).partition('aria-labelledby="on"')[2].partition("</section>")[0]
    return re.sub(r"\u2060|<span[^>]*>|</span>|<wbr>", "", text)


def test_the_board_says_who_is_on_duty_until_when_who_is_second_and_who_comes(world: World) -> None:
    shift_row(world.members["deputy"], begins_in=12)
    text = card(world)
    first, second, coming = (world.members[post].address for post in ("duty", "second", "deputy"))
    assert first in text and second in text and f"接着是{coming}" in text
    assert text.index(first) < text.index(second) < text.index(coming)
    assert "第二个呼叫" in text
    assert 'href="/centre/emergency/duty/"' in text
    assert "您在值班" in card(world, "duty") and "接着是您" in card(world, "deputy")


def test_the_board_says_ways_in_words_and_no_number(world: World, settings: Any) -> None:
    text = card(world)
    assert "联系方式：" in text and "站内消息" in text
    assert not [number for number in PHONES.values() if number.removeprefix("+86") in text]
    settings.CHAIN_CHANNELS, settings.GATEWAY_URL = (), ""
    assert "不会响铃" in card(world)


def test_wecom_is_named_for_whom_it_has_found_and_counts_for_nobody_it_does_not_know(world: World) -> None:
    account_row("wecom", "wecom")
    template_row("wecom", "wecom")
    duty = world.members["duty"]
    assert "企业微信" not in card(world), "a number is no proof that they are there"

    def counts() -> bool:
        facts = facts_of(world.school, chain_now())
        return any("wecom" in one.channels for one in facts.layers[1])

    assert counts(), "nobody has been asked for yet"
    leg = leg_that_pages()
    over = {"state": "closed", "closed_at": chain_now(), "next_event": "", "next_at": None}
    Incident.objects.filter(pk=leg.incident_id).update(**over)  # it stands on no board
    page = page_row(leg, PHONES["duty"], channel="wecom", member=duty, state="sent", member_hash=b"z" * 32)
    Delivery.objects.filter(pk=page.pk).update(tried_at=chain_now() - timedelta(hours=1))
    assert "企业微信" in card(world) and counts()
    later = page_row(page.leg, PHONES["duty"], channel="wecom", member=duty, state="failed", error="not_reached")
    Delivery.objects.filter(pk=later.pk).update(tried_at=chain_now())
    assert "企业微信" not in card(world) and not counts(), "they are there no more"
    Delivery.objects.filter(pk=later.pk).update(error="timed_out")
    assert "企业微信" in card(world) and counts(), "that says nothing of them"


def test_who_has_no_number_is_in_no_wecom(world: World) -> None:
    assert ways_of_member(world.members["duty"], in_wecom=True) >= {"wecom", "sms"}
    duty = world.members["duty"]
    duty.keep_phone("")
    assert not ways_of_member(duty, in_wecom=True) & {"wecom", "sms", "voice"}


def test_gaps_of_fourteen_days_are_red_and_lead_to_whoever_can_be_found(world: World) -> None:
    text = card(world)
    assert "没有人值班" in text and 'class="gap' in text
    assert 'href="/centre/emergency/duty/new/?day=' in text
    since = DutyShift.objects.get(layer=1).ends_at
    shift_row(starts_at=since, ends_at=preview_end(chain_now(), world.school.time_zone))
    text = card(world)
    assert "没有人值班" not in text and 'class="gap' not in text


def test_with_nobody_on_duty_the_card_says_who_is_called_instead(world: World) -> None:
    DutyShift.objects.filter(layer=1).update(ends_at=chain_now())
    text = card(world)
    assert "现在没有人值班" in text


def test_an_empty_board_says_that_there_is_none_and_what_to_do(world: World) -> None:
    text = get(world, "duty", BOARD)
    assert "每条线都有人" not in text
    assert "<h1>现在没有事件</h1>" in text and "系统马上叫值班的人" in text
    Chain.objects.update(state="rehearsal")
    forget()
    assert "系统马上叫值班的人" not in get(world, "duty", BOARD)


def test_every_line_has_somebody_is_said_of_incidents_alone(world: World) -> None:
    incident = world.open(grade="general")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    assert Incident.objects.filter(state="open").count() == 1
    assert "<h1>每条线都有人</h1>" in get(world, "duty", BOARD)


def test_no_number_of_the_operator_stands_on_the_card(world: World) -> None:
    assert OPERATOR_LINE.removeprefix("+86") not in card(world)

"""What a message of the chain says behind its fixed words: of which incident, where to call back, which key to press."""

from typing import Any

import pytest

from notifications.models import InboxMessage
from notifications.texts import render
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.kinds import KINDS
from referrals.emergency.engine.letters import MOST_COUNTED, SMS_ALONE, message_for, parts_of
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Incident, LegStep
from referrals.emergency.outside.taking import KEYS
from referrals.emergency.rules.folding import WANTS, Wants
from referrals.emergency.rules.sending import ALARM, CARD_CODE
from referrals.emergency.workflow.receiving import Told, send_report
from tests.emergency.incident_rows import delivery_row, incident_row, leg_row, recipient_row
from tests.emergency.sending_steps import leg_that_pages, page_row
from tests.emergency.world import PHONES, World
from tests.gateway import open_gateway

pytestmark = pytest.mark.django_db

OVER = sorted(text for text, wants in WANTS.items() if wants is Wants.OVER)
ONE = "+8613900000031"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.mark.parametrize("text", OVER)
@pytest.mark.parametrize("channel", ["sms", "wecom", "email"])
def test_a_colleague_reads_which_incident_is_over(world: World, text: str, channel: str) -> None:
    said = []
    for number in ("E-0412", "E-0413"):
        leg = leg_row(incident_row(number=number))
        page = page_row(leg, PHONES["duty"], member=world.members["duty"], text=text, channel=channel)
        said.append(message_for(page, world.school).text)
        assert said[-1].endswith(f"编号：{number}")
    assert said[0] != said[1]


def test_in_the_house_as_well(world: World) -> None:
    leg = leg_row(incident_row(number="E-0412"))
    page = page_row(leg, PHONES["duty"], member=world.members["duty"], text="emergency_stood_down", channel="in_app")
    call = page_row(leg, PHONES["second"], member=world.members["second"], channel="in_app")
    assert send_due("in_app") == 2
    row = InboxMessage.objects.get(key=page.key)
    assert render(row.template, row.context, "zh-hans").body.endswith("编号：E-0412")
    assert InboxMessage.objects.get(key=call.key).context == {}


def test_somebody_outside_reads_the_digits_they_have_seen_and_never_the_incidents_number(world: World) -> None:
    leg = leg_row(incident_row(number="E-0412"), kind="family")
    told = page_row(leg, PHONES["wife"], text="emergency_stood_down")
    assert message_for(told, world.school).text.endswith("编号：0427")
    alarm = LegStep.objects.create(leg=leg, purpose="alarm", position=1, rule={}, channels=[])
    operator = recipient_row(leg, step=alarm, shown_number="0931", role="operator", target_hash=b"o" * 32)
    never_seen = message_for(delivery_row(operator, channel="sms", text="emergency_stood_down"), world.school).text
    assert "编号" not in never_seen and "0931" not in never_seen
    for text in (message_for(told, world.school).text, never_seen):
        assert "E-0412" not in text


CALLS = sorted(
    text for text in KINDS if text.startswith("emergency_") and WANTS[text] is not Wants.OVER and text != CARD_CODE
)
DUTY = "0571-88001234"


def said_to(world: World, text: str, channel: str, *, is_colleague: bool = True) -> str:
    """What the duty psychologist, or somebody outside, gets."""
    number, member = (PHONES["duty"], world.members["duty"]) if is_colleague else (ONE, None)
    leg = leg_row(incident_row(number=f"2026-{10_000 + Incident.objects.count()}"))
    return message_for(page_row(leg, number, member=member, text=text, channel=channel), world.school).text


@pytest.mark.parametrize("text", CALLS)
def test_whoever_is_called_reads_where_to_call_back(world: World, text: str) -> None:
    for channel in ("sms", "voice", "wecom", "email"):
        assert "回电 0" not in said_to(world, text, channel), "there is none"
    world.school.duty_phone = DUTY
    for channel in ("voice", "wecom", "email"):
        assert said_to(world, text, channel).count(f"回电 {DUTY}") == 1
    assert DUTY not in said_to(world, text, "in_app"), "what is read inside needs none"
    assert DUTY in said_to(world, text, "voice", is_colleague=False), "a line outside that has nothing to type as well"


CALLED_BY_TEXT = sorted(WANTS.keys() - {CARD_CODE})
"""A code that was asked for is rung through alone."""


def test_how_many_parts_a_text_message_has() -> None:
    assert [parts_of(length) for length in (1, 70, 71, 134, 135)] == [1, 1, 2, 2, 3]


@pytest.mark.parametrize("host", ["yc.xinqiao.cn", "a-school-with-a-long-name.xinqiao.example"])
@pytest.mark.parametrize("text", sorted(WANTS))
def test_a_text_message_becomes_no_part_longer(world: World, text: str, host: str, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    world.school.host = host
    page = page_row(leg_that_pages(), PHONES["duty"], member=world.members["duty"], text=text)
    without = message_for(page, world.school).text
    world.school.duty_phone = DUTY
    said = message_for(page, world.school).text
    assert parts_of(len(said)) == parts_of(len(without)) <= 2
    assert parts_of(len(said + f"，或回电 {DUTY}")) > parts_of(len(without)) or DUTY in said or text in OVER


def test_how_long_each_text_message_was_and_is(world: World, settings: Any) -> None:
    """Words of one part: who changes a text looks at this."""
    settings.SECURE_SSL_REDIRECT = True
    world.school.host, world.school.duty_phone = "yc.xinqiao.cn", DUTY
    one_part = {text for text in CALLED_BY_TEXT if len(said_to(world, text, "sms")) <= SMS_ALONE}
    assert one_part == {
        *OVER, "emergency_page_family", "emergency_page_team", "emergency_ask_review", "emergency_ask_still_there", "emergency_ask_handed_over",
        "emergency_ask_hold", "emergency_ask_grade", "emergency_ask_contact", "emergency_ask_assessment",
        "emergency_ask_watch", "emergency_report_new",
    }  # fmt: skip


@pytest.mark.parametrize("text", sorted(WANTS))
def test_a_call_says_its_keys_and_only_what_a_key_answers_has_any(world: World, text: str) -> None:
    inside, outside = said_to(world, text, "voice"), said_to(world, text, "voice", is_colleague=False)
    if text.startswith("emergency_page_"):
        assert "我来处理请按 1，不是我请按 2。" in inside
        assert "我来处理请按 1，不是我请按 2，打错了请按 9。" in outside
    elif text == ALARM:
        assert "请按 " not in inside, "a colleague opens the page and takes the leg"
        assert "听到了请按 1。请打电话找到能接手的老师。" in outside
    else:
        assert "请按 " not in inside + outside
    assert "请按 " not in said_to(world, text, "sms"), "what is read has buttons, an address, or a code"


def test_every_key_that_is_offered_is_understood(world: World) -> None:
    leg = leg_that_pages()
    for member, keys in ((world.members["duty"], "12"), (None, "129")):
        page = page_row(leg, PHONES["duty"] if member else ONE, member=member, channel="voice")
        offered = [choice.key for choice in message_for(page, world.school).choices]
        assert offered == list(keys)
        assert set(offered) <= KEYS.keys()


def test_a_card_of_wecom_without_buttons_says_where_to_open_it(world: World) -> None:
    assert f"{world.school.host}" in said_to(world, "emergency_alarm", "wecom")
    assert "/my/messages/" not in said_to(world, "emergency_page_school", "wecom"), "it is a card that is tapped"


def test_a_call_says_how_many_reports_there_are_up_to_what_is_counted(world: World, settings: Any) -> None:
    for _ in range(3):
        send_report(told=Told(words="他在天台上"), danger_now=True)
    decide_school()
    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        send_due("sms")
        said = {body["to"]: body["body"] for body in gateway.taken}
    assert "已收到 3 份报告。" in said[PHONES["duty"]]
    page = page_row(leg_that_pages(), PHONES["second"], member=world.members["second"])
    assert "份报告" not in message_for(page, world.school, reports=1).text, "one is what a call is about anyway"
    assert "超过 99 份" in message_for(page, world.school, reports=MOST_COUNTED).text
    over = page_row(page.leg, PHONES["second"], member=world.members["second"], text="emergency_stood_down")
    assert "份报告" not in message_for(over, world.school, reports=3).text

"""What a channel may carry decides how a page leaves: with the approved template of its kind, or another way (chain §5)."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import translation

from kernel.clock import now
from kernel.errors import NotFound
from notifications.answers import Answer, AnswerKind, Source, take_answer
from notifications.models import ChannelRule
from notifications.providers import mark
from notifications.providers.capability import Kind
from notifications.providers.ports import Failed
from notifications.texts import texts
from referrals.emergency import secrets
from referrals.emergency.engine import phonebook
from referrals.emergency.engine.alarms import Alarms
from referrals.emergency.engine.claiming import claim
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.kinds import KINDS, kind_of
from referrals.emergency.engine.letters import message_for
from referrals.emergency.engine.queue import Tried, settle
from referrals.emergency.engine.send import send_due
from referrals.emergency.incident_texts import happened_text
from referrals.emergency.models import Delivery, Leg, Timeline
from referrals.emergency.plan_facts import facts_of
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.plan_check import Fault, check
from referrals.emergency.rules.plan_steps import drafted
from referrals.emergency.rules.watching import Alarm
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import no_scope
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
from tests.emergency.test_watchdog import Here
from tests.emergency.world import PHONES, World
from tests.providers.marked import marked

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
ONE = "+8613900000001"


@pytest.fixture
def cloud(settings: Any, open_school: Any) -> Iterator[Cloud]:
    settings.CHAIN_CHANNELS = ()
    with marked(), open_cloud(settings) as cloud:
        cloud.aliyun.templates |= {"SMS_out", "SMS_done", "TTS_out"}
        yield cloud


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


ORDINARY = {
    "emergency_duties", "emergency_duties_over", "emergency_duties_arranged", "emergency_taken_over", "emergency_told",
    "emergency_task_overdue",
    # afterwards
    "emergency_change_due", "emergency_companion", "emergency_companion_gap", "emergency_companion_over", "emergency_follow_up_due", "emergency_follow_up_word",
    "emergency_grant",
}  # fmt: skip
"""Words about an incident that nobody is called by: they leave by the outbox, as every message does."""


def test_every_text_of_the_chain_is_of_a_kind_and_an_unknown_one_is_a_call() -> None:
    of_chain = {name for name in texts() if name.startswith(("emergency_", "watchdog_"))} - ORDINARY
    assert of_chain - KINDS.keys() == set(), "say in engine.kinds by which template it goes"
    assert KINDS.keys() - of_chain == set()
    assert kind_of("one_of_a_newer_version") is Kind.PAGE


def test_a_colleague_is_called_by_the_template_for_calls_and_somebody_outside_by_one_with_a_code(
    world: World, cloud: Cloud
) -> None:
    account_row("aliyun")
    template_row("aliyun", "sms", "page", template="SMS_1")
    template_row("aliyun", "sms", "outside", template="SMS_out")
    template_row("aliyun", "sms", "stand_down", template="SMS_done")
    leg = leg_that_pages()
    page_row(leg, PHONES["duty"], member=world.members["duty"])
    out = page_row(leg, PHONES["wife"], text="emergency_page_family")
    page_row(leg, PHONES["brother"], text="emergency_stood_down")
    send_due("sms")
    sent = {row["PhoneNumbers"]: (row["TemplateCode"], json.loads(row["TemplateParam"])) for row in cloud.aliyun.taken}
    assert sent == {
        PHONES["duty"][3:]: ("SMS_1", {}),
        PHONES["wife"][3:]: ("SMS_out", {"code": secrets.code_of(out.recipient_id), "number": "0427"}),
        PHONES["brother"][3:]: ("SMS_done", {}),
    }
    assert state(out) == ("sent", "aliyun", "")
    assert out.template == "SMS_out"


def test_a_colleague_gets_the_incident_at_their_school_and_somebody_outside_a_code_at_the_platform(
    world: World, settings: Any
) -> None:
    leg = leg_that_pages()
    inside = page_row(leg, PHONES["duty"], member=world.members["duty"])
    out = page_row(leg, PHONES["wife"], text="emergency_page_family")
    over = page_row(leg, PHONES["brother"], text="emergency_stood_down")
    own, outside, calm = (message_for(page, world.school) for page in (inside, out, over))
    assert urlsplit(own.link).hostname == world.school.host
    assert urlsplit(own.link).path == f"/centre/emergency/{leg.incident_id}/"
    assert "/a/" not in own.text and own.choices, "a colleague answers in the house, or by a key"
    assert urlsplit(outside.link).hostname == settings.PLATFORM_HOST and urlsplit(outside.link).path == "/a/"
    assert secrets.code_of(out.recipient_id) in outside.text.replace(" ", "") and outside.choices
    assert str(leg.incident_id) not in outside.text + outside.link
    assert not calm.choices and "/a/" not in calm.text, "what is over asks for no answer"


def test_a_call_by_telephone_reads_its_template_and_hears_a_key(cloud: Cloud) -> None:
    account_row("aliyun", "voice")
    template_row("aliyun", "voice", "outside", template="TTS_out")
    page = page_row(leg_that_pages(), ONE, channel="voice", text="emergency_page_family")
    send_due("voice")
    (taken,) = cloud.aliyun.taken
    assert (taken["StartCode"], taken["OutId"]) == ("TTS_out", secrets.reference_of(page.pk))
    assert state(page)[0] == "sent"


@pytest.mark.parametrize(
    ("rule", "why"),
    [(None, "no_approved_template"), ((True, ""), "no_approved_template"), ((False, "SMS_1"), "forbidden_by_school")],
)
def test_a_channel_that_may_not_carry_it_is_no_way_and_the_incident_says_so(
    rule: tuple[bool, str] | None, why: str, cloud: Cloud
) -> None:
    account_row("aliyun")
    if rule is not None:
        ChannelRule.objects.create(
            provider="aliyun", channel="sms", kind="page", is_allowed=rule[0], template_id=rule[1]
        )
    leg = leg_that_pages()
    text = page_row(leg, ONE, member=None, text="emergency_alarm")
    call = page_row(leg, ONE, channel="voice", text="emergency_alarm", due_at=now() + timedelta(seconds=60))
    send_due("sms")
    assert state(text) == ("failed", "", why)
    assert cloud.servers["aliyun_sms"].calls == [], "it was never asked"
    assert is_due_now(call)
    assert told(leg) == [("delivery.failed", why)]
    facts = Timeline.objects.get(leg=leg).facts
    with translation.override("zh-hans"):
        said = happened_text("delivery.failed", facts)
    assert "没有通过审核的模板" in said
    assert "短信" in said


def test_the_account_that_has_a_template_takes_it_though_it_stands_second(cloud: Cloud) -> None:
    account_row("aliyun")
    account_row("tencent")
    template_row("tencent")
    page = page_row(leg_that_pages(), ONE, text="emergency_page_family")
    send_due("sms")
    assert state(page) == ("sent", "tencent", "")
    assert cloud.tencent.taken[0]["TemplateParamSet"] == [secrets.code_of(page.recipient_id), "0427"]


def test_wecom_is_told_by_the_number_and_knows_the_member(world: World, cloud: Cloud) -> None:
    """In-app, WeCom and text together at the first moment, for a school that has WeCom; its card opens the whole address."""
    account_row("wecom", "wecom")
    cloud.wecom.members["zhou"] = PHONES["duty"][3:]
    world.open()
    decide_school()
    page = Delivery.objects.get(channel="wecom", leg__kind="school")
    first = Delivery.objects.get(channel="in_app", recipient=page.recipient_id, leg=page.leg_id)
    assert page.due_at == first.due_at
    send_due("wecom")
    assert state(page)[:2] == ("sent", "wecom")
    card = next(sent for sent in cloud.wecom.taken if sent["touser"] == "zhou")["template_card"]
    assert card["task_id"] == secrets.reference_of(page.pk)
    assert card["card_action"]["url"].startswith(("http://", "https://"))
    assert world.school.host in card["card_action"]["url"]


def press_in_wecom(world: World, page: Delivery, member: str) -> None:
    reference = secrets.reference_of(page.pk)
    answer = Answer(reference, AnswerKind.BUTTON, "1", now(), Source.WECOM, member=member)
    take_answer(answer, host=world.school)


@pytest.mark.parametrize("member", ["li", "", "wang", "老师"])
def test_a_press_of_another_member_counts_for_nobody(member: str, world: World, cloud: Cloud) -> None:
    """A card that was forwarded, or a screen that somebody else holds: whoever it was sent to has not answered."""
    account_row("wecom", "wecom")
    cloud.wecom.members |= {"zhou": PHONES["duty"][3:], "li": PHONES["second"][3:]}
    incident = world.open()
    decide_school()
    send_due("wecom")
    page = Delivery.objects.get(channel="wecom", leg__kind="school")
    before = Timeline.objects.count()
    with pytest.raises(NotFound):
        press_in_wecom(world, page, member)
    leg = Leg.objects.get(incident=incident, kind="school")
    assert (leg.state, leg.owner_id, page.recipient.answer) == ("paging", None, "")
    assert Timeline.objects.count() == before
    press_in_wecom(world, page, "Zhou")
    leg.refresh_from_db()
    assert (leg.state, leg.owner_id) == ("acknowledged", world.members["duty"].pk)


def test_a_card_of_which_nobody_knows_whether_it_was_shown_can_still_be_pressed_by_its_member(
    world: World, cloud: Cloud
) -> None:
    account_row("wecom", "wecom")
    cloud.wecom.members["zhou"] = PHONES["duty"][3:]
    incident = world.open()
    decide_school()
    page = Delivery.objects.get(channel="wecom", leg__kind="school")
    claim([page.pk])
    page.refresh_from_db()
    with pytest.raises(NotFound):
        press_in_wecom(world, page, "zhou")  # as far as is known it went to nobody yet
    settle(page, Tried(Failed("timed_out"), "wecom", member="zhou"))
    press_in_wecom(world, page, "zhou")
    assert Leg.objects.get(incident=incident, kind="school").state == "acknowledged"


def test_whom_wecom_does_not_know_is_reached_another_way_at_once(cloud: Cloud) -> None:
    account_row("wecom", "wecom")
    leg = leg_that_pages()
    page = page_row(leg, ONE, channel="wecom")
    call = page_row(leg, ONE, channel="voice", due_at=now() + timedelta(seconds=60))
    send_due("wecom")
    assert state(page) == ("failed", "wecom", "not_reached")
    assert is_due_now(call)


def test_who_has_another_id_at_wecom_now_is_asked_for_anew(cloud: Cloud) -> None:
    account_row("wecom", "wecom")
    cloud.wecom.members["old"] = ONE[3:]
    leg = leg_that_pages()
    first = page_row(leg, ONE, channel="wecom")
    send_due("wecom")
    del cloud.wecom.members["old"]
    cloud.wecom.members["new"] = ONE[3:]
    second = page_row(leg, ONE, channel="wecom")
    send_due("wecom")
    assert [state(page)[0] for page in (first, second)] == ["sent", "sent"], "the page that met the old id is not lost"
    assert cloud.wecom.taken[-1]["touser"] == "new"


def test_a_school_without_wecom_writes_no_page_for_it(world: World, cloud: Cloud) -> None:
    world.open()
    decide_school()
    assert not Delivery.objects.filter(channel="wecom").exists()


def faults_of(world: World, leg: LegKind) -> set[tuple[str, str]]:
    steps = drafted(IncidentKind.PSYCHOLOGICAL, Grade.EXTREME, [])
    found = check(IncidentKind.PSYCHOLOGICAL, Grade.EXTREME, steps, facts_of(world.school, chain_now(), [steps]))
    return {(one.fault.value, one.about) for one in found if one.leg is leg}


def test_the_check_of_a_plan_says_beforehand_what_a_channel_may_not_carry(world: World, cloud: Cloud) -> None:
    account_row("aliyun")
    account_row("aliyun", "voice")
    assert {("not_carried", "sms"), ("not_carried", "voice"), ("no_channel", "")} <= faults_of(world, LegKind.FAMILY)
    template_row("aliyun", "sms", "page")
    assert ("not_carried", "sms") not in faults_of(world, LegKind.SCHOOL)
    assert ("not_carried", "sms") in faults_of(world, LegKind.FAMILY), "to the family it carries a code"
    template_row("aliyun", "sms", "outside")
    template_row("aliyun", "voice", "outside", "page")
    assert faults_of(world, LegKind.FAMILY) == set()
    assert Fault.NOT_CARRIED.value not in {fault for fault, _about in faults_of(world, LegKind.SCHOOL)}


def test_the_check_of_a_plan_knows_the_accounts_own_limits(world: World, cloud: Cloud, settings: Any) -> None:
    account_row("aliyun", "voice", per_hour=50, per_day=40, per_minute=1)
    template_row("aliyun", "voice")
    account_row("aliyun", per_hour=50)
    account_row("tencent")
    for provider in ("aliyun", "tencent"):
        template_row(provider)
    assert dict(facts_of(world.school, chain_now()).an_hour) == {"voice": 40}, "of texts one account has no limit"
    settings.GATEWAY_URL = "http://127.0.0.1:1/send"
    assert dict(facts_of(world.school, chain_now()).an_hour) == {}


def test_an_alarm_of_the_watchdog_goes_by_the_schools_template_and_by_the_account_that_has_one(
    world: World, cloud: Cloud, settings: Any
) -> None:
    settings.OPERATOR_PHONE = "+8613911112222"
    account_row("aliyun")
    account_row("tencent")
    template_row("tencent", "sms", "page")
    with no_scope():
        mark.is_open()  # as each look of the watchdog asks
        book = phonebook.read()
        Alarms(Here()).give(Alarm(world.school.pk, ("overdue",)), book, chain_now())
        Alarms(Here()).give(Alarm(None, ("engine",)), book, chain_now())
    assert {row["TemplateId"] for row in cloud.tencent.taken} == {"1110"}
    called = {row["PhoneNumberSet"][0] for row in cloud.tencent.taken}
    assert {PHONES["duty"], PHONES["principal"], "+8613911112222"} <= called
    assert cloud.servers["aliyun_sms"].calls == []

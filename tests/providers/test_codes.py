"""A person's code leaves by an account of the school, else by the gateway; where neither is, no number is asked for."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from notifications.codes import is_offered, send_code
from notifications.models import ChannelRule
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.sending_steps import Cloud, account_row, open_cloud, template_row
from tests.gateway import open_gateway
from tests.providers.marked import marked

pytestmark = pytest.mark.django_db
NUMBER = "+8613800138000"
PATH = "/accounts/profile/"


@pytest.fixture
def cloud(settings: Any, school: Any) -> Iterator[Cloud]:
    cache.clear()
    settings.SIGN_IN_SMS = "notifications.codes.send_code"
    settings.SIGN_IN_SMS_OFFERED = "notifications.codes.is_offered"
    with marked(), use_tenant(school.pk), open_cloud(settings) as cloud:
        yield cloud


def test_a_number_is_proved_by_a_code_that_the_schools_own_account_sent(
    cloud: Cloud, school: Any, settings: Any
) -> None:
    person = make_person(school)
    client = Client(HTTP_HOST=school.host)
    client.force_login(person.user)
    ask = {"phone": "138 0013 8000", "password": settings.DEMO_PASSWORD}
    assert 'name="phone"' not in client.get(PATH).content.decode(), "nothing to send a code by"
    assert client.post(PATH, ask).status_code == 422
    account_row("aliyun")
    template_row("aliyun", "sms", "code")
    assert client.post(PATH, ask).status_code == 302
    (taken,) = cloud.aliyun.taken
    assert (taken["PhoneNumbers"], taken["TemplateCode"]) == (NUMBER[3:], "SMS_1")
    code = json.loads(taken["TemplateParam"])["code"]
    assert client.post(f"{PATH}phone/", {"code": code}).status_code == 302
    person.user.refresh_from_db()
    assert person.user.phone == NUMBER


def test_what_one_account_does_not_take_the_next_and_then_the_gateway_takes(cloud: Cloud, settings: Any) -> None:
    for provider in ("aliyun", "tencent"):
        account_row(provider)
        template_row(provider, "sms", "code")
    cloud.servers["aliyun_sms"].fault = "500"
    send_code(phone=NUMBER, code="123456")
    assert cloud.tencent.taken[0]["TemplateParamSet"] == ["123456"]
    cloud.servers["tencent_sms"].fault = "500"
    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        send_code(phone=NUMBER, code="654321")
    (message,) = gateway.taken
    assert (message["kind"], message["to"]) == ("code", NUMBER)
    assert "654321" in message["body"]


def test_an_account_that_the_school_forbids_codes_carries_none(cloud: Cloud, settings: Any) -> None:
    account_row("aliyun")
    ChannelRule.objects.create(provider="aliyun", channel="sms", kind="code", is_allowed=False, template_id="SMS_1")
    assert not is_offered()
    send_code(phone=NUMBER, code="123456")
    assert cloud.servers["aliyun_sms"].calls == []
    with open_gateway() as gateway:
        settings.GATEWAY_URL = gateway.url
        assert is_offered()
        send_code(phone=NUMBER, code="123456")
    assert len(gateway.taken) == 1


def test_a_code_stands_in_no_log(cloud: Cloud, caplog: pytest.LogCaptureFixture) -> None:
    account_row("aliyun")
    template_row("aliyun", "sms", "code")
    cloud.servers["aliyun_sms"].fault = "500"
    send_code(phone=NUMBER, code="271828")
    assert "was not taken" in caplog.text
    assert "271828" not in caplog.text
    assert "13800138000" not in caplog.text

""" "Send me a test" of a channel: to whom, what proves it, what is said when it fails."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Membership
from kernel.clock import as_of, now
from kernel.errors import Invalid, Refused, TooMany
from notifications import workflow
from notifications.models import ProviderAccount
from notifications.providers import mark
from notifications.providers.clock import database_moment
from notifications.providers.ports import Trouble
from notifications.providers.wecom import tokens
from notifications.results import RESULTS
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.providers.marked import marked
from tests.providers.servers import open_stand_in
from tests.providers.stand_ins import AliyunStandIn, WecomStandIn
from tests.providers.test_channel_pages import SMS, acts, allow_codes, prove_number, save, test

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(school: Tenant) -> Iterator[Membership]:
    with use_tenant(school.pk):
        yield make_person(school, "admin")


@pytest.fixture
def actor(admin: Membership) -> Actor:
    return actor_of(admin)


@pytest.fixture
def cloud(settings: Any) -> Iterator[AliyunStandIn]:
    cloud = AliyunStandIn(now=database_moment())
    with open_stand_in(cloud) as server:
        settings.PROVIDER_ADDRESSES = {
            **settings.PROVIDER_ADDRESSES, "aliyun_sms": server.url, "aliyun_voice": server.url,
        }  # fmt: skip
        yield cloud


def test_a_test_goes_to_ones_own_proven_number_and_to_nobody_else(
    actor: Actor, admin: Membership, school: Tenant, cloud: AliyunStandIn
) -> None:
    save(actor)
    allow_codes(actor)
    with marked():
        with pytest.raises(Refused, match="channel_no_number"):
            test(actor, school)
        assert cloud.taken == []
        prove_number(admin)
        account = test(actor, school)
    ((taken),) = cloud.taken
    assert (taken["PhoneNumbers"], json.loads(taken["TemplateParam"])) == ("13800138000", {"code": account.test_code})
    assert re.fullmatch(r"\d{4}", account.test_code)
    assert (account.test_result, account.proven_at) == ("", None), "taken is not proven"
    assert acts("channel.test") == [{"provider": "aliyun", "channel": "sms", "outcome": "taken"}]


def test_only_the_digits_that_arrived_prove_it(
    actor: Actor, admin: Membership, school: Tenant, cloud: AliyunStandIn
) -> None:
    save(actor)
    allow_codes(actor)
    prove_number(admin)
    with marked():
        code = test(actor, school).test_code
    wrong = "0000" if code != "0000" else "1111"
    for typed in (wrong, "", f"{code}0"):
        with pytest.raises(Invalid, match="channel_code_wrong"):
            workflow.prove(actor=actor, provider="aliyun", channel="sms", code=typed)
    proven = workflow.prove(actor=actor, provider="aliyun", channel="sms", code=f" {code} ")
    assert proven.proven_at is not None
    assert (proven.test_code, proven.test_tries) == ("", 0)
    with pytest.raises(Invalid, match="channel_code_wrong"):
        workflow.prove(actor=actor, provider="aliyun", channel="sms", code=code)
    assert len(acts("channel.prove")) == 1


def test_after_five_wrong_tries_or_half_an_hour_the_right_digits_prove_nothing(
    actor: Actor, admin: Membership, school: Tenant, cloud: AliyunStandIn
) -> None:
    save(actor)
    allow_codes(actor)
    prove_number(admin)

    def prove(code: str) -> ProviderAccount:
        return workflow.prove(actor=actor, provider="aliyun", channel="sms", code=code)

    with marked():
        code = test(actor, school).test_code
    with as_of(now() + workflow.CODE_LASTS), pytest.raises(Invalid, match="channel_code_wrong"):
        prove(code)
    for _ in range(workflow.MOST_TRIES):
        with pytest.raises(Invalid, match="channel_code_wrong"):
            prove("no")
    with pytest.raises(Invalid, match="channel_code_wrong"):
        prove(code)
    assert ProviderAccount.objects.get().proven_at is None


def test_one_test_a_minute(actor: Actor, admin: Membership, school: Tenant, cloud: AliyunStandIn) -> None:
    save(actor)
    allow_codes(actor)
    prove_number(admin)
    with marked():
        test(actor, school)
        with pytest.raises(TooMany, match="channel_test_soon"):
            test(actor, school)
        assert len(cloud.taken) == 1
        with as_of(now() + timedelta(minutes=1)):
            assert test(actor, school).test_result == "limit", "the provider counts too"


@pytest.mark.parametrize(
    ("spoil", "result"),
    [
        ("mark", "no_mark"), ("template", "no_template"), ("keys", "signature"), ("balance", "balance"), ("down", "down"),
    ],
)  # fmt: skip
def test_the_result_is_kept_with_its_moment_and_told_in_words(
    actor: Actor, admin: Membership, school: Tenant, cloud: AliyunStandIn, spoil: str, result: str
) -> None:
    save(actor, credentials={**SMS, "key_secret": "wrong"} if spoil == "keys" else SMS)
    allow_codes(actor, template="" if spoil == "template" else "SMS_1")
    prove_number(admin)
    if spoil == "balance":
        cloud.code = {"SendSms": (200, "isv.AMOUNT_NOT_ENOUGH", "")}
    if spoil == "down":
        cloud.code = {"SendSms": (503, "ServiceUnavailable", "")}
    with marked("another" if spoil == "mark" else None):
        account = test(actor, school)
        assert account.test_result == result
        client = Client(HTTP_HOST=school.host)
        client.force_login(admin.user)
        mark.forget()
        for path in ("", "aliyun/sms/"):
            assert str(RESULTS[result]) in client.get(f"/school/channels/{path}").content.decode()
    assert account.tested_at is not None
    assert account.proven_at is None
    assert cloud.taken == []
    assert acts("channel.test")[0]["outcome"] == result


def test_every_trouble_is_said_in_words() -> None:
    assert RESULTS.keys() == {"", "taken", "under_way", *(trouble.value for trouble in Trouble)}


def test_wecom_finds_the_member_by_the_proven_number(
    actor: Actor, admin: Membership, school: Tenant, settings: Any
) -> None:
    tokens.forget()
    cloud = WecomStandIn()
    prove_number(admin)
    with open_stand_in(cloud) as server, marked():
        settings.PROVIDER_ADDRESSES = {"wecom": server.url}
        save(actor, "wecom", "wecom", credentials={"corp_id": "ww1", "agent_id": "1000002", "secret": "app-secret"})
        account = test(actor, school, "wecom", "wecom")
        assert account.test_result == ""
        assert cloud.taken[0]["touser"] == "wang"
        assert account.test_code in cloud.taken[0]["text"]["content"]
        cloud.members = {"li": "13900139000"}
        with as_of(now() + timedelta(minutes=2)):
            assert test(actor, school, "wecom", "wecom").test_result == "not_reached"

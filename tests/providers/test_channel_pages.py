"""``/school/channels/``: an account goes in and its secrets never come out; a test proves only what arrived."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.actor import Actor
from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Forbidden, Invalid, NotFound
from notifications import workflow
from notifications.models import ChannelRule, ProviderAccount
from notifications.providers.capability import Kind, may_carry
from notifications.providers.catalogue import CATALOGUE, provider_of
from notifications.providers.clock import database_moment
from notifications.selectors import open_ways, rules_of, ways
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.providers.marked import marked
from tests.providers.servers import open_stand_in
from tests.providers.stand_ins import AliyunStandIn

pytestmark = pytest.mark.django_db
SECRET = "s3cr3t-of-one"
SMS = {"key_id": "LTAI-one", "key_secret": SECRET, "name": "育才中学"}
NUMBER = "+8613800138000"


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


def save(actor: Actor, provider: str = "aliyun", channel: str = "sms", **values: Any) -> ProviderAccount:
    known = {
        "credentials": SMS, "callback_number": "0571-88886666", "is_active": True,
        "limits": {"per_minute": 1, "per_hour": 5, "per_day": 10},
    }  # fmt: skip
    return workflow.save_account(actor=actor, provider=provider, channel=channel, **{**known, **values})


def prove_number(person: Membership) -> None:
    assert person.user is not None
    person.user.keep_proved_phone(NUMBER)
    person.user.save()


def allow_codes(actor: Actor, channel: str = "sms", template: str = "SMS_1") -> None:
    workflow.save_rules(actor=actor, provider="aliyun", channel=channel, rules={"code": (True, template)})


def test(actor: Actor, school: Tenant, provider: str = "aliyun", channel: str = "sms") -> ProviderAccount:
    return workflow.send_test(actor=actor, tenant=school, provider=provider, channel=channel)


test.__test__ = False  # type: ignore[attr-defined]


def acts(name: str) -> list[dict[str, Any]]:
    return list(AuditEntry.objects.filter(action=name).order_by("seq").values_list("facts", flat=True))


def test_every_entry_of_the_catalogue_becomes_a_provider_of_its_channel(actor: Actor) -> None:
    for (provider, channel), entry in CATALOGUE.items():
        sample = {"agent_id": "1000002", "app_id": "1400006666", "name": "057188886666", "callback_key": "a" * 43}
        credentials = {item.name: sample.get(item.name, "abc") for item in entry.credentials}
        account = save(actor, provider, channel, credentials=credentials)
        carrier = provider_of(account)
        assert (carrier.name, carrier.channels) == (provider, frozenset({channel}))
        assert carrier.is_real


def test_credentials_lie_sealed_and_no_page_record_or_repr_shows_a_secret(
    actor: Actor, admin: Membership, school: Tenant
) -> None:
    account = save(actor)
    assert SECRET.encode() not in bytes(account.credentials_sealed)
    client = Client(HTTP_HOST=school.host)
    client.force_login(admin.user)
    page = client.get("/school/channels/aliyun/sms/").content.decode()
    assert "LTAI-one" in page
    assert "育才中学" in page
    assert SECRET not in page
    assert "已保存，不再显示" in page
    wrong = client.post("/school/channels/aliyun/sms/", {"key_id": "", "key_secret": "another-s3cr3t", "name": "育才"})
    assert wrong.status_code == 422
    assert "another-s3cr3t" not in wrong.content.decode()
    assert SECRET not in json.dumps(acts("channel.save"))
    assert acts("channel.save") == [{"provider": "aliyun", "channel": "sms", "is_active": True}]


def test_an_empty_secret_is_kept_and_another_makes_the_channel_unproven(actor: Actor) -> None:
    account = save(actor)
    ProviderAccount.objects.update(tested_at=now(), proven_at=now())
    same = save(actor, credentials={**SMS, "key_secret": ""}, is_active=False)
    assert json.loads(same.credentials)["key_secret"] == SECRET
    assert (same.pk, same.proven_at is None, same.is_active) == (account.pk, False, False)
    for change in ({"credentials": {**SMS, "key_secret": "new"}}, {"callback_number": "4008001234"}):
        ProviderAccount.objects.update(tested_at=now(), proven_at=now(), test_result="limit")
        changed = save(actor, **change)
        assert (changed.proven_at, changed.tested_at, changed.test_result) == (None, None, "")
    assert ProviderAccount.objects.count() == 1


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"credentials": {}}, ("key_id", "required")),
        ({"credentials": {**SMS, "key_secret": ""}}, ("key_secret", "required")),
        ({"credentials": {**SMS, "key_id": "with blanks"}}, ("key_id", "credential_wrong")),
        ({"credentials": {**SMS, "name": "x" * 21}}, ("name", "credential_wrong")),
        ({"callback_number": "13800138000"}, ("callback_number", "callback_number_wrong")),
        ({"callback_number": "12356"}, ("callback_number", "callback_number_wrong")),
        ({"callback_number": "110"}, ("callback_number", "callback_number_wrong")),
        ({"callback_number": "95588\n"}, None),
        ({"callback_number": "057188886666x"}, ("callback_number", "callback_number_wrong")),
        ({"limits": {"per_minute": -1, "per_hour": 0, "per_day": 0}}, ("per_minute", "out_of_range")),
        ({"limits": {"per_minute": 0, "per_hour": 0, "per_day": 100_001}}, ("per_day", "out_of_range")),
    ],
)
def test_what_is_no_account_is_refused_and_nothing_moves(actor: Actor, values: dict[str, Any], fault: Any) -> None:
    if fault is None:
        assert save(actor, **values).callback_number == "95588"
        return
    with pytest.raises(Invalid, match="out_of_range") as refused:
        save(actor, **values)
    assert fault in [row[:2] for row in refused.value.fields]
    assert not ProviderAccount.objects.exists()
    assert acts("channel.save") == []


def test_token_and_key_of_the_callback_belong_together(actor: Actor) -> None:
    known = {"corp_id": "ww1", "agent_id": "1000002", "secret": "s"}
    with pytest.raises(Invalid) as refused:
        save(actor, "wecom", "wecom", credentials={**known, "callback_token": "t"})
    assert [row[:2] for row in refused.value.fields] == [("callback_key", "callback_pair")]
    save(actor, "wecom", "wecom", credentials=known)


def test_the_database_itself_refuses_what_the_writer_does(actor: Actor) -> None:
    save(actor)
    for change in (
        {"callback_number": "12345"},
        {"channel": "email"},
        {"provider": "pigeon"},
        {"proven_at": now(), "tested_at": None},
        {"test_tries": 6},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            ProviderAccount.objects.update(**change)


def test_what_stands_in_no_catalogue_is_not_found(actor: Actor, school: Tenant) -> None:
    for provider, channel in (("tencent", "voice"), ("wecom", "sms"), ("pigeon", "sms"), ("aliyun", "email")):
        with pytest.raises(NotFound):
            save(actor, provider, channel)
    for act in (
        lambda: workflow.save_rules(actor=actor, provider="aliyun", channel="sms", rules={}),
        lambda: test(actor, school),
        lambda: workflow.prove(actor=actor, provider="aliyun", channel="sms", code="1"),
    ):
        with pytest.raises(NotFound):
            act()


def test_nobody_but_the_administration_opens_a_way_out(school: Tenant, actor: Actor) -> None:
    save(actor)
    with use_tenant(school.pk):
        for role in ("staff", "head", "centre", "finance", "principal", "union", "editor"):
            other = make_person(school, role)
            with pytest.raises(Forbidden):
                save(actor_of(other))
            with pytest.raises(Forbidden):
                test(actor_of(other), school)
            client = Client(HTTP_HOST=school.host)
            client.force_login(other.user)
            for path in ("", "aliyun/sms/"):
                assert client.get(f"/school/channels/{path}").status_code in (403, 404)
            for path in ("", "rules/", "test/", "prove/"):
                assert client.post(f"/school/channels/aliyun/sms/{path}").status_code in (403, 404)
    assert acts("channel.test") == []


# What it may carry ---------------------------------------------------------------------------------------------------


def test_the_table_is_the_schools_and_the_trades_no_cannot_be_written(actor: Actor) -> None:
    save(actor)
    rules = {"page": (True, "SMS_7"), "duty": (False, ""), "code": (True, "")}
    assert workflow.save_rules(actor=actor, provider="aliyun", channel="sms", rules=rules) == ["page", "duty"]
    kept = rules_of("aliyun", "sms")
    assert may_carry(kept, Kind.PAGE, "sms").template_id == "SMS_7"
    assert not may_carry(kept, Kind.DUTY, "sms").is_carried
    assert workflow.save_rules(actor=actor, provider="aliyun", channel="sms", rules=rules) == []
    for wrong, code in (({"survey": (True, "SMS_9")}, "never_carried"), ({"page": (True, "SMS 7")}, "template_wrong")):
        with pytest.raises(Invalid) as refused:
            workflow.save_rules(actor=actor, provider="aliyun", channel="sms", rules=wrong)
        assert [row[1] for row in refused.value.fields] == [code]
    assert ChannelRule.objects.count() == 2
    assert acts("channel.rules") == [{"provider": "aliyun", "channel": "sms", "kinds": ["page", "duty"]}]


def test_rules_of_one_provider_say_nothing_of_another(actor: Actor) -> None:
    save(actor)
    workflow.save_rules(actor=actor, provider="aliyun", channel="sms", rules={"page": (True, "SMS_7")})
    assert rules_of("tencent", "sms") == []


# How they stand --------------------------------------------------------------------------------------------------------


def test_ways_stand_as_they_were_proven_and_the_proven_come_first(actor: Actor) -> None:
    assert {way.state for way in ways()} == {"unset"}
    save(actor)
    save(actor, "tencent", "sms", credentials={"secret_id": "a", "secret_key": "b", "app_id": "14000", "name": "育才"})
    assert [way.entry.provider for way in open_ways("sms")] == ["aliyun", "tencent"]
    rows = ProviderAccount.objects
    rows.filter(provider="tencent").update(tested_at=now(), proven_at=now())
    assert [(way.entry.provider, way.state) for way in open_ways("sms")] == [
        ("tencent", "proven"),
        ("aliyun", "unproven"),
    ]
    with as_of(now() + timedelta(days=90)):
        assert open_ways("sms")[0].state == "old"
    rows.filter(provider="tencent").update(is_active=False)
    assert [way.entry.provider for way in open_ways("sms")] == ["aliyun"]
    assert next(way.state for way in ways() if way.entry.provider == "tencent") == "off"


# Pages ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(admin: Membership, school: Tenant) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.force_login(admin.user)
    return client


FORM = {
    "key_id": "LTAI-one",
    "key_secret": SECRET,
    "name": "育才中学",
    "callback_number": "０５７１-88886666",
    "is_active": "on",
}


def test_an_account_is_entered_on_its_page(desk: Client) -> None:
    answer = desk.post("/school/channels/aliyun/sms/", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/school/channels/aliyun/sms/")
    account = ProviderAccount.objects.get()
    assert (account.callback_number, account.per_minute) == ("0571-88886666", 0)
    listed = desk.get("/school/channels/").content.decode()
    assert "未验证" in listed
    assert "消息暂时不会发出" in listed
    page = desk.get("/school/channels/aliyun/sms/").content.decode()
    assert "运营商不放行" in page
    assert "您还没有验证过号码" in page


def test_a_fault_stands_at_its_field_and_the_title_says_so(desk: Client) -> None:
    answer = desk.post("/school/channels/aliyun/sms/", {**FORM, "callback_number": "13800138000"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "模板里只能用座机、400 或 95 开头的号码" in page
    assert "有误：" in page
    assert not ProviderAccount.objects.exists()


def test_rules_are_entered_in_the_table(desk: Client) -> None:
    desk.post("/school/channels/aliyun/sms/", FORM)
    kinds = ("code", "page", "outside", "stand_down", "duty", "consent", "appointment")
    good = {**{f"{kind}_allowed": "on" for kind in kinds}, "page_template": "SMS_7"}
    assert desk.post("/school/channels/aliyun/sms/rules/", good).status_code == 302
    assert ChannelRule.objects.get().template_id == "SMS_7"
    wrong = desk.post("/school/channels/aliyun/sms/rules/", {**good, "duty_template": "SMS 8"})
    assert wrong.status_code == 422
    assert "模板编号只含字母" in wrong.content.decode()
    assert ChannelRule.objects.count() == 1


def test_a_test_is_sent_and_proven_from_the_page(desk: Client, admin: Membership, cloud: AliyunStandIn) -> None:
    desk.post("/school/channels/aliyun/sms/", FORM)
    desk.post("/school/channels/aliyun/sms/rules/", {"code_allowed": "on", "code_template": "SMS_1"})
    prove_number(admin)
    with marked():
        assert "138****8000" in desk.get("/school/channels/aliyun/sms/").content.decode()
        assert desk.post("/school/channels/aliyun/sms/test/").status_code == 302
        code = ProviderAccount.objects.get().test_code
        page = desk.get("/school/channels/aliyun/sms/").content.decode()
        assert f">{code}<" not in page
        wrong = desk.post("/school/channels/aliyun/sms/prove/", {"code": "12"})
        assert wrong.status_code == 422
        assert desk.post("/school/channels/aliyun/sms/prove/", {"code": code}).status_code == 302
        assert "已验证" in desk.get("/school/channels/").content.decode()


def test_the_address_for_the_provider_stands_on_the_page(desk: Client) -> None:
    known = {"corp_id": "ww1", "agent_id": "1000002", "secret": "s", "is_active": "on"}
    desk.post("/school/channels/wecom/wecom/", known)
    account = ProviderAccount.objects.get()
    assert f"/api/v1/gateway/wecom/{account.pk}/" in desk.get("/school/channels/wecom/wecom/").content.decode()


def test_another_schools_accounts_are_not_there(desk: Client, other_school: Tenant) -> None:
    with use_tenant(other_school.pk):
        other = make_person(other_school, "admin")
        save(actor_of(other))
    assert "未设置" in desk.get("/school/channels/").content.decode()
    assert desk.post("/school/channels/aliyun/sms/test/").status_code == 404
    for path in ("pigeon/sms/", "aliyun/email/"):
        assert desk.get(f"/school/channels/{path}").status_code == 404

"""Answers by key, reply and button: verified, parsed, bounded, handed over; whatever is wrong looks alike."""

import base64
import hashlib
import hmac
import json
import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from audit.models import AuditEntry
from kernel.clock import now
from notifications.answers import MOST, Answer, AnswerKind, Source
from notifications.api import MAX_BYTES
from notifications.models import ProviderAccount
from notifications.providers.wecom_callback import CallbackKeys, NotTheirs, encrypted_of, opened, press_of
from schools.workflow import platform_tenant
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.providers import takers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]
SECRET = "shared-between-the-two-and-nobody-else"
PATH = "/api/v1/gateway/answers/"
AT = "2026-09-01T08:30:00+08:00"
BODY = {"key": "t:leg:1:sms", "kind": "key", "value": "1", "at": AT}
AES = base64.b64encode(bytes(range(32))).decode().rstrip("=")
KEYS = CallbackKeys(corp_id="ww1", token="t0ken", aes_key=AES)


@pytest.fixture(autouse=True)
def taker(settings: Any) -> Iterator[None]:
    settings.GATEWAY_SECRET = SECRET
    settings.ANSWERS_TAKER = "tests.providers.takers.take"
    takers.taken.clear()
    yield
    takers.taken.clear()


def send(host: Tenant, body: object, *, secret: str = SECRET, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    seconds = str(int(now().timestamp()))
    signed = hmac.new(secret.encode(), f"{seconds}.".encode() + raw, hashlib.sha256).hexdigest()
    sent = {"X-Xinqiao-Timestamp": seconds, "X-Xinqiao-Signature": f"v1={signed}", **headers}
    return Client(HTTP_HOST=host.host).post(PATH, raw, content_type="application/json", headers=sent)


def test_a_pressed_key_is_handed_over_once_for_each_call(school: Tenant) -> None:
    assert reverse("api-gateway-answers") == PATH
    assert send(school, BODY).status_code == 204
    assert send(platform_tenant(), {**BODY, "kind": "reply", "value": "收到"}).status_code == 204
    at = datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
    assert [answer for answer, _host in takers.taken] == [
        Answer("t:leg:1:sms", AnswerKind.KEY, "1", at, Source.GATEWAY),
        Answer("t:leg:1:sms", AnswerKind.REPLY, "收到", at, Source.GATEWAY),
    ]
    assert [host for _answer, host in takers.taken] == [school.slug, "platform"]


def test_nobody_there_and_nothing_known_look_alike(school: Tenant, settings: Any) -> None:
    unknown = send(school, {**BODY, "key": "another"})
    settings.ANSWERS_TAKER = ""
    nobody = send(school, BODY)
    assert (unknown.status_code, nobody.status_code) == (404, 404)
    assert unknown.content == nobody.content
    assert takers.taken == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": ""}, {"value": "a"}, {"value": "123456789"}, {"value": "1 "}, {"value": "１"}, {"value": 1}, {"kind": "button"},
        {"kind": "delivered"}, {"at": "2026-09-01T08:30:00"}, {"at": None}, {"key": "k" * 221}, {"more": 1},
        {"kind": "reply", "value": "x" * (MOST + 1)}, {"value": "1\n"},
    ],
)  # fmt: skip
def test_what_is_not_exactly_an_answer_is_refused(school: Tenant, wrong: dict[str, Any]) -> None:
    answer = send(school, {**BODY, **wrong})
    assert answer.status_code in (400, 204)
    assert (answer.status_code == 204) == (wrong.get("value") in ("1 ", "1\n")), "blanks at the ends do not count"
    assert len(takers.taken) == (answer.status_code == 204)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"key": "\xff"}', b"x" * (MAX_BYTES + 1)])
def test_what_is_no_body_is_refused(school: Tenant, body: bytes) -> None:
    assert send(school, body).status_code in (400, 413)
    assert takers.taken == []


def test_what_is_forged_moves_nothing_and_leaves_no_row(school: Tenant) -> None:
    for answer in (
        send(school, BODY, secret="another"),
        send(school, BODY, **{"X-Xinqiao-Signature": ""}),
        send(school, BODY, **{"X-Xinqiao-Timestamp": "1"}),
    ):
        assert answer.status_code == 401
    assert takers.taken == []
    with use_tenant(school.pk):
        assert not AuditEntry.objects.exists()


def test_an_answer_shows_nothing_of_what_was_said() -> None:
    shown = repr(Answer("k", AnswerKind.REPLY, "我在路上", now(), Source.WECOM, member="wang", card="c"))
    assert not any(secret in shown for secret in ("我在路上", "wang"))


# WeCom: an account of its own of how it is signed and encrypted -------------------------------------------------------


def encrypt(
    message: bytes, *, key: str = AES, company: bytes = b"ww1", length: int | None = None, padding: int = 0
) -> str:
    """As the document of WeCom says."""
    secret = base64.b64decode(key + "=")
    plain = os.urandom(16) + struct.pack(">I", len(message) if length is None else length) + message + company
    missing = padding or 32 - len(plain) % 32
    plain += bytes([missing]) * missing if not padding else b""
    plain += bytes(-len(plain) % 16) if padding else b""
    sealer = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    return base64.b64encode(sealer.update(plain) + sealer.finalize()).decode()


def query(sealed: str, *, token: str = "t0ken", seconds: int | None = None, **more: str) -> dict[str, str]:
    timestamp = str(int(now().timestamp()) if seconds is None else seconds)
    signature = hashlib.sha1("".join(sorted([token, timestamp, "n0nce", sealed])).encode()).hexdigest()
    return {"msg_signature": signature, "timestamp": timestamp, "nonce": "n0nce", **more}


def event(**values: str) -> bytes:
    known = {
        "ToUserName": "ww1", "FromUserName": "wang", "CreateTime": "1756686600", "MsgType": "event",
        "Event": "template_card_event", "EventKey": "acknowledge", "TaskId": "f" * 32, "CardType": "button_interaction",
        "ResponseCode": "card-9", "AgentID": "1000002",
    }  # fmt: skip
    return (
        "<xml>" + "".join(f"<{k}><![CDATA[{v}]]></{k}>" for k, v in {**known, **values}.items()) + "</xml>"
    ).encode()


def enter(school: Tenant, **values: Any) -> ProviderAccount:
    with use_tenant(school.pk):
        account = ProviderAccount(provider="wecom", channel="wecom", **values)
        account.credentials = json.dumps(
            {"corp_id": "ww1", "agent_id": "1000002", "secret": "s", "callback_token": "t0ken", "callback_key": AES}
        )
        account.save()
    return account


def post(host: Tenant, account_id: object, message: bytes, *, path: str = "wecom", **more: Any) -> Any:
    sealed = encrypt(message, **more.pop("sealing", {}))
    body = f"<xml><ToUserName>ww1</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    address = f"/api/v1/gateway/{path}/{account_id}/"
    return Client(HTTP_HOST=host.host).post(
        address, more.pop("body", body), content_type="text/xml", query_params=query(sealed, **more)
    )


def test_wecom_asks_whether_the_address_is_ours(school: Tenant) -> None:
    account = enter(school)
    sealed = encrypt(b"4821")
    client = Client(HTTP_HOST=school.host)
    address = f"/api/v1/gateway/wecom/{account.pk}/"
    answer = client.get(address, query(sealed, echostr=sealed))
    assert (answer.status_code, answer.content) == (200, b"4821")
    assert client.get(address, query(sealed, token="x", echostr=sealed)).status_code == 404
    assert client.get(address).status_code == 404


def test_a_pressed_button_is_handed_over(school: Tenant) -> None:
    assert post(school, enter(school).pk, event()).status_code == 200
    ((answer, host),) = takers.taken
    assert host == school.slug
    assert (answer.key, answer.kind, answer.value) == ("f" * 32, AnswerKind.BUTTON, "acknowledge")
    assert (answer.member, answer.card, answer.is_signed) == ("wang", "card-9", True)
    assert answer.at == datetime(2025, 9, 1, 0, 30, tzinfo=UTC)


def test_what_else_wecom_tells_is_passed_over(school: Tenant) -> None:
    account = enter(school)
    assert post(school, account.pk, event(Event="enter_agent")).status_code == 200
    assert post(school, account.pk, event(MsgType="text")).status_code == 200
    assert takers.taken == []


def test_every_wrong_call_looks_alike(school: Tenant, other_school: Tenant) -> None:
    account = enter(school)
    off = enter(other_school, is_active=False)
    seconds = int(now().timestamp())
    wrong = [
        post(school, uuid4(), event()),
        post(other_school, account.pk, event()),
        post(other_school, off.pk, event()),
        post(platform_tenant(), account.pk, event()),
        post(school, account.pk, event(), token="another"),
        post(school, account.pk, event(), seconds=seconds - 302),
        # Two seconds beyond the window may pass on a busy machine before the call is read; half a minute does not.
        post(school, account.pk, event(), seconds=int(now().timestamp()) + 330),
        post(school, account.pk, event(), sealing={"key": AES[::-1]}),
        post(school, account.pk, event(), sealing={"company": b"ww2"}),
        post(school, account.pk, event(), sealing={"length": 9_999}),
        post(school, account.pk, event(), sealing={"padding": 33}),
        post(school, account.pk, event(), body=b"<xml/>"),
        post(school, account.pk, event(), body=b"<xml>" + b"x" * 30_000 + b"</xml>"),
        post(school, account.pk, b"no xml"),
        post(school, account.pk, event(TaskId="unknown")),
        post(school, account.pk, event(AgentID="7")),
        post(school, account.pk, event(CreateTime="now")),
        post(school, account.pk, event(), path="aliyun"),
    ]
    assert {answer.status_code for answer in wrong} == {404}
    assert takers.taken == []


def test_an_account_without_token_and_key_opens_nothing(school: Tenant) -> None:
    account = enter(school)
    with use_tenant(school.pk):
        account.credentials = json.dumps({"corp_id": "ww1", "agent_id": "1000002", "secret": "s"})
        account.save()
    assert post(school, account.pk, event(), token="").status_code == 404
    assert takers.taken == []


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><xml><Encrypt>&a;</Encrypt></xml>',
        b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><Encrypt>x</Encrypt></xml>',
        b"<xml>", b"", b"\xff\xfe", b"<xml encoding='nonsense'>",
    ],
)  # fmt: skip
def test_no_document_type_and_no_entity_is_read(body: bytes) -> None:
    with pytest.raises(NotTheirs):
        encrypted_of(body)


@given(st.binary(max_size=200))
def test_whatever_is_sealed_with_another_key_is_not_theirs(noise: bytes) -> None:
    sealed = base64.b64encode(noise).decode()
    told = query(sealed)
    with pytest.raises(NotTheirs):
        opened(KEYS, sealed, signature=told["msg_signature"], timestamp=told["timestamp"], nonce="n0nce", at=now())


@given(st.binary(max_size=500))
def test_what_was_sealed_is_opened(message: bytes) -> None:
    sealed = encrypt(message)
    told = query(sealed)
    assert message == opened(
        KEYS, sealed, signature=told["msg_signature"], timestamp=told["timestamp"], nonce="n0nce", at=now()
    )


@given(st.binary(max_size=300))
def test_any_message_is_a_press_or_nothing_or_not_theirs(message: bytes) -> None:
    try:
        press = press_of(message)
    except NotTheirs:
        return
    assert press is None


# Alibaba Cloud: not signed, so it counts by the reference of the call alone -------------------------------------------


def report(**values: Any) -> dict[str, Any]:
    return {
        "call_id": "1^2",
        "status_code": "200000",
        "out_id": "f" * 32,
        "dtmf": "1",
        "end_time": "2026-09-01 08:30:00",
        **values,
    }


def push(host: Tenant, account_id: object, body: object) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client(HTTP_HOST=host.host).post(
        f"/api/v1/gateway/aliyun/{account_id}/", raw, content_type="application/json"
    )


@pytest.fixture
def caller(school: Tenant) -> ProviderAccount:
    with use_tenant(school.pk):
        account = ProviderAccount(provider="aliyun", channel="voice")
        account.credentials = json.dumps({"key_id": "a", "key_secret": "b", "name": "057188886666"})
        account.save()
    return account


def test_a_key_comes_with_the_reference_and_is_told_as_unsigned(school: Tenant, caller: ProviderAccount) -> None:
    answer = push(school, caller.pk, [report(), report(out_id="e" * 32), report(dtmf="")])
    assert (answer.status_code, answer.json()) == (200, {"code": 0, "msg": "ok"})
    ((taken, _host),) = takers.taken
    assert (taken.key, taken.value, taken.source, taken.is_signed) == ("f" * 32, "1", Source.ALIYUN, False)
    assert taken.at == datetime(2026, 9, 1, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "wrong",
    [{"out_id": "F" * 32}, {"out_id": "f" * 31}, {"out_id": None}, {"dtmf": "1" * 9}, {"dtmf": {}}, {"dtmf": "a"}],
)
def test_a_report_without_reference_or_key_is_passed_over(
    school: Tenant, caller: ProviderAccount, wrong: dict[str, Any]
) -> None:
    assert push(school, caller.pk, [report(**wrong), 7, None]).status_code == 200
    assert takers.taken == []


def test_the_time_of_a_report_may_be_missing(school: Tenant, caller: ProviderAccount) -> None:
    push(school, caller.pk, [report(end_time="yesterday")])
    assert abs((takers.taken[0][0].at - now()).total_seconds()) < 60


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"\xff", [report()] * 101, b"[" * 15_000, b" " * 30_000])
def test_what_is_no_list_of_reports_is_not_found(school: Tenant, caller: ProviderAccount, body: object) -> None:
    assert push(school, caller.pk, body).status_code == 404
    assert takers.taken == []


def test_only_on_the_schools_own_host_and_while_it_is_in_use(
    school: Tenant, other_school: Tenant, caller: ProviderAccount
) -> None:
    assert push(other_school, caller.pk, [report()]).status_code == 404
    assert push(platform_tenant(), caller.pk, [report()]).status_code == 404
    with use_tenant(school.pk):
        ProviderAccount.objects.update(is_active=False)
    assert push(school, caller.pk, [report()]).status_code == 404
    assert takers.taken == []

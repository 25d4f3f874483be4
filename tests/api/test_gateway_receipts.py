"""Receipts of the message gateway: only what it signed moves anything, and only the message it was given."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from audit.models import AuditEntry
from kernel.clock import begun_at, now
from notifications import outbox
from notifications.api import MAX_BYTES
from notifications.drain import drain
from notifications.models import OutboxMessage
from schools.workflow import platform_tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.gateway import Gateway, open_gateway

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("real_clock")]

SECRET = "shared-between-the-two-and-nobody-else"
PATH = "/api/v1/gateway/receipts/"
AT = "2026-09-01T08:30:00+08:00"


def signature(secret: str, seconds: int | str, body: bytes) -> str:
    """As the gateway's makers write it from docs/notifications.md."""
    return "v1=" + hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    settings.GATEWAY_SECRET = SECRET
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def key(school: Any, gateway: Gateway) -> str:
    """The key under which the gateway took a message."""
    with use_tenant(school.id):
        person = make_person(school)
        with transaction.atomic():
            outbox.enqueue(key="booking:7:confirmed", template="booking_confirmed", to=person, channels=["gateway"])
    drain()
    return str(gateway.taken[0]["key"])


def send(host: Any, body: object, *, secret: str = SECRET, seconds: int | str | None = None, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    moment = int(now().timestamp()) if seconds is None else seconds
    sent = {"X-Xinqiao-Timestamp": str(moment), "X-Xinqiao-Signature": signature(secret, moment, raw), **headers}
    return Client(HTTP_HOST=host.host).post(PATH, raw, content_type="application/json", headers=sent)


def row(school: Any) -> OutboxMessage:
    with use_tenant(school.id):
        return OutboxMessage.objects.get(key="booking:7:confirmed")


def untouched(school: Any) -> bool:
    message = row(school)
    with use_tenant(school.id):
        written = AuditEntry.objects.filter(action__contains="receipt").count()
    return (message.state, message.delivery, message.delivery_at, written) == ("sent", "", None, 0)


def test_what_goes_out_is_signed_over_its_very_bytes(key: str, gateway: Gateway) -> None:
    (headers, body) = gateway.posted[0]
    seconds = headers["X-Xinqiao-Timestamp"]
    assert headers["X-Xinqiao-Signature"] == signature(SECRET, seconds, body)
    assert abs(int(seconds) - now().timestamp()) < 60


def test_without_a_secret_nothing_is_signed_and_no_receipt_is_taken(school: Any, key: str, settings: Any) -> None:
    settings.GATEWAY_SECRET = ""
    assert send(school, {"key": key, "state": "delivered", "at": AT}, secret="").status_code == 401
    assert untouched(school)


def test_a_receipt_says_that_it_arrived_then_that_it_was_read(school: Any, key: str) -> None:
    assert reverse("api-gateway-receipts") == PATH
    answer = send(school, {"key": key, "state": "delivered", "at": AT})
    assert (answer.status_code, answer.content) == (204, b"")
    message = row(school)
    assert (message.state, message.delivery) == ("sent", "delivered")
    assert message.delivery_at == datetime(2026, 9, 1, 0, 30, tzinfo=UTC)
    assert send(school, {"key": key, "state": "read", "at": "2026-09-01T00:45:00Z"}).status_code == 204
    message = row(school)
    assert (message.state, message.delivery) == ("sent", "read")


def test_the_platforms_host_takes_receipts_of_every_school(school: Any, key: str) -> None:
    assert send(platform_tenant(), {"key": key, "state": "failed", "at": AT}).status_code == 204
    assert (row(school).state, row(school).delivery) == ("sent", "failed")


@pytest.mark.parametrize(
    ("order", "known"),
    [
        (["delivered", "delivered"], "delivered"),
        (["read", "delivered"], "read"),
        (["delivered", "failed"], "delivered"),
        (["read", "failed"], "read"),
        (["failed", "delivered"], "delivered"),
        (["failed", "read"], "read"),
    ],
)
def test_receipts_that_overtake_each_other_never_take_back(school: Any, key: str, order: list[str], known: str) -> None:
    for said in order:
        assert send(school, {"key": key, "state": said, "at": AT}).status_code == 204
    assert row(school).delivery == known


def test_the_same_call_again_has_the_same_effect(school: Any, key: str) -> None:
    body, seconds = {"key": key, "state": "delivered", "at": AT}, int(now().timestamp())
    answers = [send(school, body, seconds=seconds) for _ in range(3)]
    assert {(answer.status_code, answer.content) for answer in answers} == {(204, b"")}
    first = row(school).delivery_at
    send(school, {**body, "at": "2026-09-02T08:30:00+08:00"})
    assert row(school).delivery_at == first, "what is known is not told anew"


@pytest.mark.parametrize("off", [timedelta(hours=1), -timedelta(hours=1), timedelta(days=1), -timedelta(days=1)])
def test_e5_a_machine_whose_clock_is_wrong_refuses_no_signature(off: timedelta, school: Any, key: str) -> None:
    """The age of a signature is counted by the database's clock; what is old by that one stays refused."""
    moment = int(now().timestamp())
    with begun_at(now() + off):
        assert send(school, {"key": key, "state": "read", "at": AT}, seconds=moment).status_code == 204
        wrong = send(school, {"key": key, "state": "failed", "at": AT}, seconds=int(now().timestamp()))
    assert wrong.status_code == 401
    assert row(school).delivery == "read"


def test_what_is_forged_or_stale_moves_nothing(school: Any, key: str) -> None:
    body = {"key": key, "state": "read", "at": AT}
    raw, seconds = json.dumps(body).encode(), int(now().timestamp())
    good = signature(SECRET, seconds, raw)
    wrong = [
        send(school, body, secret="another"),
        send(school, body, seconds=seconds - 301),
        send(school, body, seconds=seconds + 303),
        send(school, body, seconds="now"),
        send(school, body, seconds=f"+{seconds}"),
        send(school, body, seconds="9" * 400),
        send(school, body, **{"X-Xinqiao-Timestamp": str(seconds - 1), "X-Xinqiao-Signature": good}),
        send(school, {**body, "state": "failed"}, **{"X-Xinqiao-Signature": good}),
        send(school, body, **{"X-Xinqiao-Signature": good.removeprefix("v1=")}),
        send(school, body, **{"X-Xinqiao-Signature": good.upper()}),
        send(school, body, **{"X-Xinqiao-Signature": "é" * 67}),
        send(school, body, **{"X-Xinqiao-Signature": ""}),
        Client(HTTP_HOST=school.host).post(PATH, raw, content_type="application/json"),
    ]
    for number, answer in enumerate(wrong):
        assert (answer.status_code, answer["content-type"]) == (401, "application/problem+json"), number
        assert answer.json()["code"] == "bad_signature", number
    assert len({answer.content for answer in wrong}) == 1, "a stranger learns nothing from the words"
    assert untouched(school)


def test_the_window_is_five_minutes(school: Any, key: str) -> None:
    seconds = int(now().timestamp())
    assert send(school, {"key": key, "state": "delivered", "at": AT}, seconds=seconds - 290).status_code == 204
    assert send(school, {"key": key, "state": "read", "at": AT}, seconds=seconds + 290).status_code == 204


def test_a_key_nobody_was_given_is_not_found(school: Any, other_school: Any, key: str) -> None:
    with use_tenant(school.id), transaction.atomic():
        person = make_person(school)
        outbox.enqueue(key="waiting", template="booking_confirmed", to=person, channels=["gateway"])
        outbox.enqueue(key="inside", template="booking_confirmed", to=person, channels=["in_app"])
    unknown = [
        key.replace("booking:7", "booking:8"),
        key.replace(":gateway", ":sms"),
        key.replace(":gateway", ":email"),
        key.replace(str(school.id), str(other_school.id)),
        key.replace(str(school.id), str(school.id).upper()),
        key.replace(str(school.id), "00000000-0000-0000-0000-000000000000"),
        f"{school.id}:waiting:gateway",
        f"{school.id}:inside:in_app",
        "booking", "::", " ",
    ]  # fmt: skip
    for host in (school, platform_tenant()):
        for wrong in unknown:
            answer = send(host, {"key": wrong, "state": "delivered", "at": AT})
            assert answer.status_code == (400 if wrong == " " else 404), wrong
            assert answer["content-type"] == "application/problem+json"
            assert str(other_school.name) not in answer.content.decode()
    assert untouched(school)
    with use_tenant(school.id):
        assert set(OutboxMessage.objects.values_list("delivery", flat=True)) == {""}


def test_a_schools_host_takes_no_receipt_of_another(school: Any, other_school: Any, key: str) -> None:
    answer = send(other_school, {"key": key, "state": "delivered", "at": AT})
    unknown = send(other_school, {"key": f"{other_school.id}:x:gateway", "state": "delivered", "at": AT})
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert untouched(school)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"state": "sent"}, "state", "invalid_choice"),
        ({"state": ["read"]}, "state", "invalid_choice"),
        ({"state": None}, "state", "null"),
        ({"at": "2026-09-01T08:30:00"}, "at", "naive_time"),
        ({"at": 1_788_222_600}, "at", "bad_time"),
        ({"at": "yesterday"}, "at", "bad_time"),
        ({"key": 7}, "key", "not_a_string"),
        ({"key": "k" * 221}, "key", "max_length"),
        ({"tenant": "yucai"}, "tenant", "unknown_field"),
    ],
)
def test_the_body_is_read_strictly(school: Any, key: str, change: dict[str, Any], field: str, code: str) -> None:
    answer = send(school, {"key": key, "state": "read", "at": AT, **change})
    assert answer.status_code == 400
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert untouched(school)


@pytest.mark.parametrize(
    ("raw", "status"),
    [(b"", 400), (b"[]", 400), (b'{"key": NaN}', 400), (b"\xff", 400), (b"{}", 400), (b" " * (MAX_BYTES + 1), 413)],
)
def test_a_signed_body_that_is_none_moves_nothing(school: Any, key: str, raw: bytes, status: int) -> None:
    answer = send(school, raw)
    assert (answer.status_code, answer["content-type"]) == (status, "application/problem+json")
    assert untouched(school)


def test_what_this_house_sent_cannot_be_sent_back_as_a_receipt(school: Any, key: str, gateway: Gateway) -> None:
    headers, body = gateway.posted[0]
    answer = send(school, body, **{name: headers[name] for name in ("X-Xinqiao-Timestamp", "X-Xinqiao-Signature")})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert untouched(school)


def test_asking_changes_and_tells_nothing(school: Any, key: str) -> None:
    for host in (school, platform_tenant()):
        for method in ("get", "put", "delete"):
            assert getattr(Client(HTTP_HOST=host.host), method)(PATH).status_code == 405
    assert untouched(school)


def test_the_moment_may_lie_before_the_message(school: Any, key: str) -> None:
    """The gateway's clock is not ours: its time is noted as it is, and decides nothing."""
    early = (now() - timedelta(days=400)).isoformat()
    assert send(school, {"key": key, "state": "delivered", "at": early}).status_code == 204
    assert row(school).delivery == "delivered"

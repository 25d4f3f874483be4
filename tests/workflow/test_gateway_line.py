"""The line to the gateway, on a real server: it goes to one address, is not held up, and listens to a status only."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Membership
from notifications import channels, outbox
from notifications.channels import SendFailed, send_gateway
from notifications.models import OutboxMessage
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.gateway import Gateway, open_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def elsewhere() -> Iterator[Gateway]:
    """Another server that nobody is meant to write to."""
    with open_gateway() as server:
        yield server


@pytest.fixture
def message(school: Any) -> Iterator[OutboxMessage]:
    with use_tenant(school.id):
        person: Membership = make_person(school)
        with transaction.atomic():
            outbox.enqueue(key="k1", template="booking_confirmed", to=person, channels=["gateway"])
        yield OutboxMessage.objects.get()


def why(message: OutboxMessage, school: Any) -> SendFailed:
    with pytest.raises(SendFailed) as failed:
        send_gateway(message, school)
    return failed.value


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_message_is_sent_on(
    school: Any, gateway: Gateway, elsewhere: Gateway, message: OutboxMessage, status: int
) -> None:
    gateway.status, gateway.moved_to = status, elsewhere.url
    assert why(message, school).code == f"http_{status}"
    assert len(gateway.taken) == 1
    assert elsewhere.asked == []


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_every_good_status_is_taken(school: Any, gateway: Gateway, message: OutboxMessage, status: int) -> None:
    gateway.status = status
    send_gateway(message, school)
    assert gateway.keys(school.slug) == [channels.gateway_key(message)]


@pytest.mark.parametrize("status", [300, 304, 400, 401, 404, 429, 500, 503, 599])
def test_any_other_status_is_told_and_may_be_tried_again(
    school: Any, gateway: Gateway, message: OutboxMessage, status: int
) -> None:
    gateway.status = status
    failed = why(message, school)
    assert (failed.code, failed.final) == (f"http_{status}", False)


def test_a_proxy_of_the_environment_never_sees_a_message(
    school: Any, gateway: Gateway, elsewhere: Gateway, message: OutboxMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, elsewhere.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    send_gateway(message, school)
    assert len(gateway.taken) == 1
    assert elsewhere.asked == []


def test_the_proxy_that_is_wanted_is_used(
    school: Any, gateway: Gateway, elsewhere: Gateway, message: OutboxMessage, settings: Any
) -> None:
    settings.GATEWAY_PROXY = elsewhere.url
    send_gateway(message, school)
    assert elsewhere.asked == [gateway.url]
    assert gateway.taken == []


def test_credentials_of_the_machine_are_not_sent_along(
    school: Any, gateway: Gateway, message: OutboxMessage, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    """Some libraries read ``~/.netrc`` by themselves."""
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password something\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    send_gateway(message, school)
    ((headers, _body),) = gateway.posted
    assert "authorization" not in {name.lower() for name in headers}


def test_a_gateway_that_does_not_answer_is_not_waited_for(
    school: Any, gateway: Gateway, message: OutboxMessage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "TIMEOUT_SECONDS", 0.2)
    gateway.pause = 1.5
    assert why(message, school).code == "gateway_silent"


def test_an_answer_without_an_end_is_not_read(school: Any, gateway: Gateway, message: OutboxMessage) -> None:
    gateway.status, gateway.flood = 200, True
    send_gateway(message, school)
    assert gateway.flood_ended.wait(10)
    assert gateway.flooded < 20_000_000  # what the two systems hold between them


@pytest.mark.parametrize(
    "address", ["http://", "http://[::1", "http://127.0.0.1:99999/", "https://127.0.0.1:1/", "http:///x"]
)
def test_an_address_that_leads_nowhere_is_a_failure_like_any_other(
    school: Any, message: OutboxMessage, settings: Any, address: str
) -> None:
    settings.GATEWAY_URL = address
    assert why(message, school).code == "gateway_unreachable"


@pytest.mark.parametrize("address", ["", "ftp://x/", "file:///etc/passwd"])
def test_only_the_web_is_a_line(school: Any, message: OutboxMessage, settings: Any, address: str) -> None:
    settings.GATEWAY_URL = address
    assert why(message, school).code == "no_gateway"

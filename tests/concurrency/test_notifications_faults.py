"""What breaks must not lose a message: the broker, a worker between claim and settle, two drainers at once."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from notifications import outbox
from notifications.channels import send_gateway
from notifications.drain import claim, drain
from notifications.models import OutboxMessage
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school
from tests.gateway import Gateway, open_gateway


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        yield server


@pytest.fixture
def school(committed: None) -> Any:
    return make_school()


def write(school: Any, count: int = 1) -> None:
    person = make_person(school)
    with use_tenant(school.id), transaction.atomic():
        for n in range(count):
            outbox.enqueue(key=f"k{n}", template="booking_confirmed", to=person, channels=["gateway"])


def test_outside_a_transaction_nothing_can_be_written(school: Any) -> None:
    person = make_person(school)
    with use_tenant(school.id), pytest.raises(RuntimeError):
        outbox.enqueue(key="k", template="booking_confirmed", to=person)


def test_with_the_broker_down_the_writer_neither_fails_nor_waits_and_nothing_is_lost(
    school: Any, gateway: Gateway
) -> None:
    outbox.wake.quiet_until = 0.0
    started = time.monotonic()
    write(school, 3)  # settings.test points the broker at a closed port
    assert time.monotonic() - started < 5
    assert outbox.wake.quiet_until > started
    drain()
    assert len(set(gateway.keys(school.slug))) == len(gateway.keys(school.slug)) == 3


def test_the_gateway_gets_the_contracts_shape(school: Any, gateway: Gateway) -> None:
    write(school)
    drain()
    (message,) = [taken for taken in gateway.taken if taken["tenant"] == school.slug]
    assert set(message) == {"key", "tenant", "kind", "channel", "to", "body", "drill", "at"}
    assert (message["kind"], message["channel"], message["drill"]) == ("booking_confirmed", "gateway", False)


def test_a_worker_that_dies_after_sending_sends_once_more_with_the_same_key(school: Any, gateway: Gateway) -> None:
    write(school)

    def dies_before_it_settles() -> None:
        try:
            with use_tenant(school.id):
                (message,) = claim([OutboxMessage.objects.get().pk], timedelta(seconds=1))
                send_gateway(message, school)
        finally:
            connection.close()

    worker = threading.Thread(target=dies_before_it_settles)
    worker.start()
    worker.join()
    assert len(gateway.keys(school.slug)) == 1
    drain()
    assert len(gateway.keys(school.slug)) == 1  # the lease still holds
    time.sleep(1.2)
    drain()
    drain()
    first, second = gateway.keys(school.slug)
    assert first == second
    with use_tenant(school.id):
        row = OutboxMessage.objects.get()
        assert (row.state, row.attempts) == ("sent", 2)


def test_a_gateway_in_trouble_is_asked_again_later(school: Any, gateway: Gateway) -> None:
    gateway.status = 503
    write(school)
    drain()
    with use_tenant(school.id):
        row = OutboxMessage.objects.get()
        assert (row.state, row.last_error) == ("failed", "http_503")


def test_many_drainers_at_once_send_each_message_once(school: Any, gateway: Gateway) -> None:
    write(school, 60)

    def work(_: int) -> None:
        try:
            drain()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    drain()
    assert sorted(set(gateway.keys(school.slug))) == sorted(gateway.keys(school.slug))
    assert len(gateway.keys(school.slug)) == 60


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_gateway_that_sends_on_elsewhere_is_not_followed(school: Any, gateway: Gateway, status: int) -> None:
    """A message, and the signature that vouches for it, goes to the configured address only."""
    write(school)
    with open_gateway() as elsewhere:
        gateway.status, gateway.moved_to = status, elsewhere.url
        drain()
        assert elsewhere.posted == []
    with use_tenant(school.id):
        row = OutboxMessage.objects.get()
    assert (row.state, row.last_error) == ("failed", f"http_{status}")

"""The port: what every provider does alike, whatever stands behind it."""

import hashlib
import hmac
import json
import socket
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from hypothesis import given
from hypothesis import strategies as st

from notifications.models import Channel
from notifications.providers import ports
from notifications.providers.clock import FRESH, SigningClock, database_moment
from notifications.providers.gateway import Gateway, message_of
from notifications.providers.mail import Mail
from notifications.providers.ports import MEANINGS, Failed, Page, Provider, Sent, Trouble
from tests.gateway import open_gateway
from tests.providers.servers import no_exchange_is_left

NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


def a_page(channel: str = "sms", **values: Any) -> Page:
    known = {
        "key": "t:leg:1:sms", "channel": channel, "to": "+8613800138000", "school": "yucai", "kind": "page",
        "params": {"number": "YC-7"}, "subject": "紧急", "text": "请尽快回电 0571-88886666", "call_reference": "f" * 32,
        "link": "/a/", "own": {"incident": "i1", "track": "school", "leg": "l1", "step": "2", "name": "王"},
    }  # fmt: skip
    return Page(**{**known, **values})


def test_a_page_shows_nothing_personal_when_it_is_written_down() -> None:
    shown = repr(a_page())
    for secret in ("138", "YC-7", "紧急", "请尽快", "ffff", "/a/", "i1", "王"):
        assert secret not in shown


def test_every_trouble_has_its_meaning_and_every_provider_its_channels() -> None:
    assert MEANINGS.keys() == set(Trouble)
    for provider in Provider.__subclasses__():
        assert provider.send is Provider.send, "the mark and the time in all stand there"
        if provider.__module__.startswith("notifications."):
            assert getattr(provider, "channels", frozenset()) <= set(Channel.values)


def test_mistakes_of_the_caller_are_no_outcomes() -> None:
    with pytest.raises(ValueError, match="does not carry"):
        Gateway().send(a_page("email"), at=NOON)
    with pytest.raises(ValueError, match="offset"):
        Gateway().send(a_page(), at=datetime(2026, 11, 28))  # noqa: DTZ001


@pytest.mark.parametrize("is_own", [True, False])
def test_which_incident_it_is_about_goes_to_a_gateway_of_the_schools_own_only(settings: Any, is_own: bool) -> None:
    settings.GATEWAY_IS_OWN = is_own
    body = message_of(a_page(written_at=NOON), NOON + timedelta(hours=1))
    own = {"incident": "i1", "track": "school", "leg": "l1", "step": "2"} if is_own else {}
    assert body == {
        "key": "t:leg:1:sms", "tenant": "yucai", "kind": "page", **own, "channel": "sms", "to": "+8613800138000",
        "body": "请尽快回电 0571-88886666", "drill": False, "at": "2026-11-28T12:00:00+00:00",
    }  # fmt: skip


def test_the_gateway_is_signed_with_the_time_that_is_handed_in(settings: Any) -> None:
    settings.GATEWAY_SECRET = "shared-between-the-two-and-nobody-else"
    with open_gateway() as server:
        settings.GATEWAY_URL = server.url
        assert Gateway().send(a_page(), at=NOON) == Sent("t:leg:1:sms")
        ((headers, body),) = server.posted
    seconds = str(int(NOON.timestamp()))
    signed = hmac.new(settings.GATEWAY_SECRET.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    assert (headers["X-Xinqiao-Timestamp"], headers["X-Xinqiao-Signature"]) == (seconds, f"v1={signed}")
    assert json.loads(body)["drill"] is False


def test_a_mail_server_that_drips_is_cut_at_the_deadline(settings: Any, mark_is_put: None) -> None:
    """Its greeting comes a byte each tenth of a second."""
    released = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            taken, _address = listener.accept()
            with taken, suppress(OSError):
                for byte in b"220-" + b"x" * 200:
                    taken.sendall(bytes([byte]))
                    if released.wait(0.1):
                        return

        threading.Thread(target=drip, daemon=True).start()
        settings.MAILERS = {
            "default": {
                "BACKEND": "notifications.providers.mail.EmailBackend",
                "OPTIONS": {"host": "127.0.0.1", "port": listener.getsockname()[1], "timeout": 5},
            }
        }
        begun = time.monotonic()
        assert Mail().send(a_page("email", to="a@example.com"), at=NOON, seconds=0.4) == Failed("no_line"), (
            "no letter was said"
        )
        assert time.monotonic() - begun < 1.5
        assert no_exchange_is_left()
        released.set()


def test_a_send_has_five_seconds_in_all() -> None:
    assert ports.SECONDS == 5.0


# The clock that is signed with ---------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_database_is_asked_for_the_time() -> None:
    assert abs(database_moment() - datetime.now(UTC)) < timedelta(seconds=5)
    assert abs(SigningClock().now() - database_moment()) < timedelta(seconds=5)


@given(
    wrong=st.timedeltas(timedelta(hours=-1), timedelta(hours=1)),
    steps=st.lists(st.floats(0, 400), max_size=30),
    loses=st.sets(st.integers(0, 30)),
)
def test_a_machine_that_is_an_hour_off_signs_with_the_databases_time(
    wrong: timedelta, steps: list[float], loses: set[int]
) -> None:
    """The wall clock of the process takes no part; a database that is away for a while changes nothing."""
    ran, asked, wall = 0.0, 0, NOON + wrong

    def ask() -> datetime:
        nonlocal asked
        asked += 1
        if asked - 1 in loses and asked > 1:
            raise DatabaseError
        return NOON + timedelta(seconds=ran)

    clock = SigningClock(ask, lambda: 1_000.0 + ran)
    assert clock.now() == NOON
    for step in steps:
        ran += step
        wall += timedelta(seconds=step)
        assert abs(clock.now() - (NOON + timedelta(seconds=ran))) < timedelta(milliseconds=1)
    assert asked <= 1 + sum(steps) // FRESH.total_seconds() + len(steps)


def test_without_any_answer_of_the_database_nothing_is_signed() -> None:
    def ask() -> datetime:
        raise DatabaseError

    with pytest.raises(DatabaseError):
        SigningClock(ask).now()


def test_a_database_that_hangs_holds_up_nobody_but_who_asks() -> None:
    ran, hangs, asked = 0.0, threading.Event(), threading.Event()

    def ask() -> datetime:
        if ran:
            asked.set()
            hangs.wait(10)
        return NOON + timedelta(seconds=ran)

    clock = SigningClock(ask, lambda: ran)
    clock.now()
    ran = 61.0
    asker = threading.Thread(target=clock.now)
    asker.start()
    assert asked.wait(5)
    begun = time.monotonic()
    assert clock.now() == NOON + timedelta(seconds=61)
    assert time.monotonic() - begun < 2
    hangs.set()
    asker.join()

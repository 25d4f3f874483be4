"""The broker is down: pages come all the same, and no limit opens."""

from collections.abc import Iterator

import pytest
from django.conf import settings as django_settings
from django.core.cache import caches
from django.test import Client

from settings.cache import LastingCache
from tests.conftest import make_person

NOBODY = {"default": {"BACKEND": "settings.cache.LastingCache", "LOCATION": "redis://127.0.0.1:1/0"}}


@pytest.fixture
def lost(settings: object) -> Iterator[LastingCache]:
    """The cache of a server that does not answer, as the process's own."""
    settings.CACHES = NOBODY  # type: ignore[attr-defined]
    LastingCache._rests_until = 0.0
    yield caches["default"]
    caches["default"].clear()
    LastingCache._rests_until = 0.0


def test_what_was_put_is_found_and_counted_while_the_server_is_away(lost: LastingCache) -> None:
    assert lost.get("a") is None
    assert lost.add("a", 1, timeout=60)
    assert not lost.add("a", 2)
    assert lost.incr("a") == 2
    lost.set_many({"b": 3, "c": 4})
    assert lost.get_many(["a", "b", "c", "d"]) == {"a": 2, "b": 3, "c": 4}
    assert (lost.has_key("b"), lost.touch("b"), lost.delete("b"), lost.has_key("b")) == (True, True, True, False)


def test_the_server_is_asked_again_after_a_rest_and_not_before(
    lost: LastingCache, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(20):
        lost.get("a")
    assert len(caplog.records) == 1
    LastingCache._rests_until = 0.000001
    lost.get("a")
    assert len(caplog.records) == 2


@pytest.mark.django_db
def test_a_person_signs_in_and_guesses_are_still_counted(lost: LastingCache, school: object) -> None:
    member = make_person(school, "staff")
    client = Client(headers={"host": school.host})  # type: ignore[attr-defined]
    assert client.get("/accounts/login/").status_code == 200
    known = {"login": member.user.email, "password": django_settings.DEMO_PASSWORD}
    assert client.post("/accounts/login/", known).status_code == 302
    assert client.get("/my/").status_code == 200
    stranger = Client(headers={"host": school.host})  # type: ignore[attr-defined]
    answers = [
        stranger.post("/accounts/login/", {"login": member.user.email, "password": f"wrong-{n}"}).content.decode()
        for n in range(12)
    ]
    assert answers[0] != answers[-1], "the limit of attempts holds without the server"

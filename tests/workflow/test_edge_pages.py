"""Pages at the edge say what happened, that nothing was lost and what to do; the help lines are on each (experience §1)."""

from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client

from tests.conftest import make_person

RESET = "/accounts/password/reset/"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def said(answer: Any) -> str:
    text: str = answer.content.decode()
    assert all(f'href="tel:{number}"' in text for number in ("12356", "120", "110"))
    assert '<a class="btn' in text  # a next step
    return text


def test_too_many_tries_is_a_page_and_sends_nothing_more(school: Any) -> None:
    member = make_person(school)
    client = Client(HTTP_HOST=school.host)
    for _ in range(20):
        client.post(RESET, {"email": "nobody@x.example"})
    answer = client.post(RESET, {"email": member.user.email})
    assert answer.status_code == 429
    assert "没有改变" in said(answer) or "没有变" in said(answer)
    assert mail.outbox == []


def test_a_stale_form_is_not_sent_and_says_so(school: Any) -> None:
    member = make_person(school)
    client = Client(HTTP_HOST=school.host, enforce_csrf_checks=True)
    answer = client.post(RESET, {"email": member.user.email})
    assert answer.status_code == 403
    assert "页面开得太久了" in said(answer)
    assert mail.outbox == []


def test_a_form_that_is_too_long_is_not_read(school: Any, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = Client(HTTP_HOST=school.host).post(
        RESET, "email=" + "a" * 2_000, content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 413
    said(answer)


def test_a_strangers_page_is_missing_and_nothing_was_lost(school: Any) -> None:
    answer = Client(HTTP_HOST=school.host).get("/nothing-here/")
    assert answer.status_code == 404
    said(answer)


@pytest.mark.parametrize(
    ("token", "given", "status"),
    [
        ("", None, 404),
        ("", "", 404),
        ("", "Bearer ", 404),
        ("right-token", None, 404),
        ("right-token", "Bearer wrong-token", 404),
        ("right-token", "Bearer right-toke", 404),
        ("right-token", "Bearer right-token", 200),
    ],
)
def test_the_figures_are_for_whoever_holds_the_token(
    db: None, settings: Any, token: str, given: str | None, status: int
) -> None:
    settings.METRICS_TOKEN = token
    answer = Client().get("/metrics", headers={"authorization": given} if given is not None else {})
    assert answer.status_code == status
    assert (b"python_info" in answer.content) == (status == 200)

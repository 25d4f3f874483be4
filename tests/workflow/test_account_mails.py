"""What sign-in sends by mail: whole in both languages, neutral outside the page, with the help lines (experience §6)."""

import re
from pathlib import Path
from typing import Any

import allauth
import pytest
from allauth.account.adapter import get_adapter
from allauth.core.context import request_context
from django.conf import settings
from django.core import mail
from django.test import Client, RequestFactory
from django.utils.translation import override

from kernel.clock import now
from tests.conftest import make_person

OURS = Path(__file__).parents[2] / "platform/accounts/templates"
THEIRS = Path(allauth.__file__).parent / "templates"
NEVER_SENT = {
    "account_already_exists": "sign-up is closed",
    "unknown_account": "an unknown address is not written to",
    "password_reset_code": "a password is reset by link",
    "email_confirmation_signup": "it only includes ours",
    "base": "a frame",
}
PREFIXES = sorted(
    str(path.relative_to(OURS)).removesuffix("_message.txt") for path in OURS.glob("*/email/*_message.txt")
)
SENT = [prefix for prefix in PREFIXES if not prefix.endswith("/base")]
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"[A-Za-z]{2,} [a-z]{2,}")


def test_every_mail_that_can_leave_is_our_own() -> None:
    theirs = {
        str(path.relative_to(THEIRS)).removesuffix("_message.txt")
        for app in ("account", "mfa")
        for path in (THEIRS / app / "email").glob("*_message.txt")
        if path.name.removesuffix("_message.txt") not in NEVER_SENT
    }
    assert theirs - set(PREFIXES) == set()


@pytest.mark.parametrize("prefix", SENT)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_mail_is_whole_neutral_and_knows_the_help_lines(school: Any, prefix: str, language: str) -> None:
    member = make_person(school, name="周慕云")
    request = RequestFactory().get("/", headers={"host": school.host})
    request.tenant, request.user = school, member.user  # type: ignore[attr-defined]
    link = f"http://{school.host}/x/"
    facts = {
        "user": member.user, "code": "AB12-CD34", "password_reset_url": link, "activate_url": link, "key": "k",
        "timestamp": now(), "ip": "10.0.0.1", "from_email": "a@x.example", "to_email": "b@x.example",
    }  # fmt: skip
    with request_context(request), override(language):
        message = get_adapter(request).render_mail(prefix, "b@x.example", facts)
    text = f"{message.subject}\n{message.body}"
    words = text.replace(school.name, "").replace(school.duty_hours, "").replace(link, "")
    assert (ENGLISH if language == "zh-hans" else CHINESE).findall(words) == []
    assert "周慕云" not in text
    assert school.name not in message.subject
    assert len(message.subject) <= 40
    assert all(number in message.body for number in ("12356", "120", "110"))
    assert "24" not in message.subject
    if prefix.endswith("login_code"):
        assert "AB12-CD34" in message.body
        assert "AB12-CD34" not in message.subject  # a locked screen shows the subject
    if prefix.endswith(("reset_key", "email_confirmation")):
        assert link in message.body


@pytest.mark.parametrize(("language", "subject"), [("zh-hans", "登录方式有变动"), ("en", "Your sign-in was changed")])
def test_a_changed_password_is_told_in_the_language_of_the_page(school: Any, language: str, subject: str) -> None:
    member = make_person(school)
    client = Client(HTTP_HOST=school.host)
    client.cookies["django_language"] = language
    client.post("/accounts/login/", {"login": member.user.email, "password": settings.DEMO_PASSWORD})
    data = {"oldpassword": settings.DEMO_PASSWORD, "password1": "heqiao-2026-lu", "password2": "heqiao-2026-lu"}
    assert client.post("/accounts/password/change/", data).status_code == 302
    assert [message.subject for message in mail.outbox] == [subject]

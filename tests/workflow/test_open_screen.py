"""A browser that was left open: how its owner signs in is changed by nobody who comes by."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiToken, User
from tests.conftest import make_person
from tests.workflow.signin_steps import code_in
from tests.workflow.test_identity import browser

pytestmark = pytest.mark.django_db


def aged(client: Client, seconds: int) -> Client:
    """The browser some time after its sign-in: left open on a desk."""
    session = client.session
    session["account_authentication_methods"] = [
        {**row, "at": row["at"] - seconds} for row in session["account_authentication_methods"]
    ]
    session.save()
    return client


def by_code(host: Any, member: Any, mailbox: list[Any]) -> Client:
    """Signed in by a code that was mailed."""
    mailbox.clear()
    cache.clear()
    client = browser(host)
    client.post("/accounts/login/code/", {"email": member.user.email})
    client.post("/accounts/login/code/confirm/", {"code": code_in(mailbox[-1].body)})
    assert client.get("/accounts/profile/").status_code == 200
    return client


SETTINGS = (
    ("/accounts/password/set/", {"password1": "一二三四五六七八九十百", "password2": "一二三四五六七八九十百"}),
    ("/accounts/email/", {"action_add": "", "email": "thief@evil.example"}),
    ("/accounts/2fa/totp/activate/", {"code": "000000"}),
    ("/accounts/2fa/webauthn/add/", {"name": "x", "credential": "{}"}),
    ("/accounts/tokens/", {"label": "passer-by", "days": "365"}),
)
LOOKED_AT = ("/accounts/email/", "/accounts/tokens/")


@pytest.mark.parametrize(("path", "sent"), SETTINGS, ids=[path for path, _sent in SETTINGS])
def test_an_open_screen_of_who_has_no_password_moves_no_account(
    school: Any, mailoutbox: list[Any], path: str, sent: dict[str, str]
) -> None:
    """allauth asks for the password once more, and of who has none it asks nothing."""
    member = make_person(school)
    member.user.set_unusable_password()
    member.user.save()
    left = aged(by_code(school, member, mailoutbox), 400)
    for answer in (left.post(path, sent), *([] if path in LOOKED_AT else [left.get(path)])):
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/logout/")
    assert not User.objects.get(pk=member.user_id).has_usable_password()
    assert not EmailAddress.objects.filter(email="thief@evil.example").exists()
    assert "请退出后重新登录" in left.get("/accounts/logout/").content.decode()
    assert not ApiToken.objects.exists()
    assert {left.get(shown).status_code for shown in LOOKED_AT} == {200}, "looking moves nothing"
    fresh = by_code(school, member, mailoutbox)
    assert fresh.post(path, sent).get("Location") != "/accounts/logout/", "in the first five minutes it is its owner"


def test_a_first_password_asks_for_the_device_that_opens_the_account(school: Any, mailoutbox: list[Any]) -> None:
    member = make_person(school)
    member.user.set_unusable_password()
    member.user.save()
    left = aged(by_code(school, member, mailoutbox), 400)
    TOTP.activate(member.user, generate_totp_secret())
    path, sent = SETTINGS[0]
    assert left.post(path, sent)["Location"] == "/accounts/2fa/reauthenticate/?next=%2Faccounts%2Fpassword%2Fset%2F"
    assert not User.objects.get(pk=member.user_id).has_usable_password()

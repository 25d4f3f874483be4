"""What guards a secret is counted in the database; a code of the app signs in once; an old password takes its keys along."""

import ast
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account import app_settings as account_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import ApiToken, Membership, TryCount, User
from accounts.tokens import issue_token
from accounts.tries import forget_old_tries, take
from audit.models import AuditEntry
from kernel.clock import as_of, now
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.tree import ROOT, modules
from tests.workflow.signin_steps import PERIOD, code_in, code_of

NEW = "heqiao-2026-lu"


@pytest.fixture(autouse=True)
def fresh_limits() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def at_second_step(school: Any, user: User) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.post("/accounts/login/", {"login": user.email, "password": settings.DEMO_PASSWORD})
    return client


def give(client: Client, code: str) -> bool:
    """Whether ``code`` signs in."""
    return client.post("/accounts/2fa/authenticate/", {"code": code}).status_code == 302


@pytest.fixture
def secret(person: Membership) -> str:
    made: str = generate_totp_secret()
    TOTP.activate(person.user, made)
    return made


@pytest.fixture
def person(school: Any) -> Membership:
    member: Membership = make_person(school, "staff")
    return member


class Later:
    """Stands for ``time`` in allauth's reckoning of steps: the clock of a telephone and of the house."""

    ahead = 0.0

    def time(self) -> float:
        return time.time() + self.ahead


@pytest.mark.parametrize("seconds", [4, 34, 59])
def test_a_code_of_the_app_signs_in_once_in_its_whole_life(
    school: Any, person: Membership, secret: str, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    clock = Later()
    monkeypatch.setattr(auth, "time", clock)
    code = code_of(secret, 1)  # the telephone runs half a minute ahead, so it lives longest
    assert give(at_second_step(school, person.user), code)
    clock.ahead = seconds
    cache.clear()  # whatever a cache may have known
    second = at_second_step(school, person.user)
    assert auth.validate_totp_code(secret, code), "the code would still be right"
    answer = second.post("/accounts/2fa/authenticate/", {"code": f" {code[:3]} {code[3:]}"})
    assert answer.status_code == 200
    assert "已经用过" in answer.content.decode()
    assert second.get("/my/").status_code == 302
    clock.ahead = seconds + 3 * PERIOD
    assert give(at_second_step(school, person.user), code_of(secret, (seconds + 3 * PERIOD) // PERIOD))


def test_the_code_that_set_the_app_up_or_confirmed_a_change_signs_nobody_in(school: Any, person: Membership) -> None:
    client = Client(HTTP_HOST=school.host)
    client.post("/accounts/login/", {"login": person.user.email, "password": settings.DEMO_PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": settings.DEMO_PASSWORD})
    client.get("/accounts/2fa/totp/activate/")
    secret = client.session["mfa.totp.secret"]
    code = code_of(secret)
    assert client.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert Authenticator.objects.filter(user=person.user, type="totp").exists()
    assert not give(at_second_step(school, person.user), code)
    again = code_of(secret, 1)
    assert client.post("/accounts/2fa/reauthenticate/", {"code": again}).status_code == 302
    assert not give(at_second_step(school, person.user), again)


def test_a_spare_code_still_signs_in_and_once(school: Any, person: Membership, secret: str) -> None:
    spare = RecoveryCodes.activate(person.user).get_unused_codes()[0]
    assert give(at_second_step(school, person.user), spare)
    assert not give(at_second_step(school, person.user), spare)


def test_ten_wrong_figures_shut_the_second_step_and_no_cache_opens_it(
    school: Any, person: Membership, secret: str
) -> None:
    client = at_second_step(school, person.user)
    for _ in range(10):
        assert not give(client, "000000")
        cache.clear()
    assert not give(client, code_of(secret))
    with as_of(now() + timedelta(minutes=6)):
        assert give(client, code_of(secret))


@pytest.mark.parametrize("known", [True, False])
def test_a_sign_in_code_is_tried_three_times_whatever_the_session_says(
    school: Any, person: Membership, known: bool
) -> None:
    asked = Client(HTTP_HOST=school.host)
    asked.post("/accounts/login/code/", {"email": person.user.email if known else "nobody@x.example"})
    session = asked.session
    kept = dict(session)
    said = []
    for _ in range(4):
        said.append(asked.post("/accounts/login/code/confirm/", {"code": "BCDF-BCDF"}).status_code)
        asked.session.flush()
        session = asked.session  # a thief kept the cookie's content of before the first try
        session.update(kept)
        session.save()
        asked.cookies["sessionid"] = session.session_key or ""
    if known:
        asked.post("/accounts/login/code/confirm/", {"code": code_in(mail.outbox[0].body)})
    assert asked.get("/my/").status_code == 302
    assert [len(row.times) for row in TryCount.objects.exclude(times=[])] == [3]
    assert said == [200] * 4


def test_the_old_password_is_not_guessed_on_an_open_screen(school: Any, person: Membership) -> None:
    client = Client(HTTP_HOST=school.host)
    client.force_login(person.user)
    sent = {"password1": NEW, "password2": NEW}
    for n in range(5):
        client.post("/accounts/password/change/", {**sent, "oldpassword": f"wrong-{n}"})
        cache.clear()
    client.post("/accounts/profile/phone/remove/", {"password": settings.DEMO_PASSWORD})
    client.post("/accounts/password/change/", {**sent, "oldpassword": settings.DEMO_PASSWORD})
    person.user.refresh_from_db()
    assert person.user.check_password(settings.DEMO_PASSWORD)
    assert client.post("/accounts/profile/phone/remove/", {"password": settings.DEMO_PASSWORD}).status_code == 429


SENT: list[str] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where notifications' channel stands in the product."""
    SENT.append(phone)


def asked_by_text(school: Any, number: str, address: str) -> int:
    """What the page that sends sign-in codes answers to ``number`` from ``address``: 302 when it says that one was sent."""
    cache.clear()  # the limit of a minute is not what bounds a day
    client = Client(HTTP_HOST=school.host, REMOTE_ADDR=address)
    status: int = client.post("/accounts/login/code/", {"phone": number}).status_code
    return status


def test_a_number_gets_few_sign_in_codes_a_day_and_an_unknown_one_is_answered_alike(
    school: Any, person: Membership, settings: Any
) -> None:
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    SENT.clear()
    person.user.keep_proved_phone("13800138000")
    person.user.save()
    start, spelt = now(), ["13800138000", "138 0013 8000", "+8613800138000"]
    for hour, most in enumerate((5, 5, 0)):
        with as_of(start + timedelta(hours=hour, minutes=hour)):
            known = [asked_by_text(school, spelt[n % 3], f"203.0.113.{n}") for n in range(6)]
            unknown = [asked_by_text(school, "13900139000", f"203.0.113.{n}") for n in range(6)]
        assert known == unknown == [302] * most + [200] * (6 - most)
    assert SENT == ["+8613800138000"] * 10
    with as_of(start + timedelta(days=1, minutes=2)):
        assert asked_by_text(school, "13800138000", "203.0.113.9") == 302
    assert len(SENT) == 11


def counted_actions() -> set[str]:
    """The names of actions that our code hands to ``accounts.tries``."""
    texts = [text for path in modules() if re.search(r"\b(?:take|clear)\(", text := path.read_text())]
    trees = [ast.parse(text) for text in texts]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id in ("take", "clear")]
    said = [call.args[1] for call in named if len(call.args) > 1]
    return {str(word.value) for word in said if isinstance(word, ast.Constant)}


def test_every_action_that_is_counted_has_a_limit_and_old_counts_go(person: Membership, rf: Any) -> None:
    with pytest.raises(LookupError):
        take(rf.post("/"), "misspelt", key="x")
    actions = counted_actions()
    assert {"login_failed", "sign_in_code", "sign_in_text", "second_step", "password_again", "phone_code"} <= actions
    table = (ROOT / "docs" / "sign-in.md").read_text()
    for action in actions:
        assert account_settings.RATE_LIMITS[action]
        assert f"`{action}`" in table
        assert take(rf.post("/"), action, key="x", user=person.user)
    assert forget_old_tries() == 0
    with as_of(now() + timedelta(days=2)):
        assert forget_old_tries() > 4
    assert not TryCount.objects.exists()


def keys_of(school: Any, other_school: Any, person: Membership) -> tuple[str, str]:
    """A key on each of two hosts."""
    elsewhere = make_person(other_school, user=person.user)
    with use_tenant(school.id):
        _token, here = issue_token(actor=actor_of(person), label="一")
    with use_tenant(other_school.id):
        _token, there = issue_token(actor=actor_of(elsewhere), label="二")
    return here, there


def works(school: Any, raw: str) -> bool:
    client = Client(HTTP_HOST=school.host, HTTP_AUTHORIZATION=f"Token {raw}")
    return client.get("/api/v1/services/").status_code == 200


def change(school: Any, person: Membership, **more: str) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.force_login(person.user)
    sent = {"oldpassword": settings.DEMO_PASSWORD, "password1": NEW, "password2": NEW, **more}
    assert client.post("/accounts/password/change/", sent).status_code == 302
    return client


def reset(school: Any, person: Membership) -> Client:
    client = Client(HTTP_HOST=school.host)
    client.post("/accounts/password/reset/", {"email": person.user.email})
    link = next(word for word in mail.outbox[-1].body.split() if "/password/reset/key/" in word)
    form = client.get(link[link.index("/accounts/") :], follow=True)
    assert "密钥" in form.content.decode()
    sent = {"password1": NEW, "password2": NEW}
    assert client.post(form.redirect_chain[-1][0], sent).status_code == 302
    return client


@pytest.mark.parametrize("way", [change, reset])
def test_a_new_password_ends_other_sessions_and_all_keys(
    school: Any, other_school: Any, person: Membership, way: Any
) -> None:
    raw_here, raw_there = keys_of(school, other_school, person)
    neighbour = make_person(school)
    with use_tenant(school.id):
        _token, raw_neighbour = issue_token(actor=actor_of(neighbour), label="三")
    other = Client(HTTP_HOST=school.host)
    other.force_login(person.user)
    assert other.get("/my/").status_code == 200
    assert works(school, raw_here)
    assert works(other_school, raw_there)
    mail.outbox.clear()
    client = way(school, person)
    assert other.get("/my/").status_code == 302
    assert not works(school, raw_here)
    assert not works(other_school, raw_there)
    assert works(school, raw_neighbour)
    assert (
        "已停用 2 个程序访问密钥"
        in client.get("/accounts/password/change/" if way is change else "/accounts/login/").content.decode()
    )
    assert "没有以您名义生效" in mail.outbox[-1].body
    for tenant in (school, other_school):
        with use_tenant(tenant.id):
            assert AuditEntry.objects.filter(action="token.revoke", actor_id=person.user_id).count() == 1


def test_who_says_so_keeps_the_keys_and_the_mail_counts_them(
    school: Any, other_school: Any, person: Membership
) -> None:
    raw_here, raw_there = keys_of(school, other_school, person)
    change(school, person, keeps_keys="on")
    assert works(school, raw_here)
    assert works(other_school, raw_there)
    assert "2 个程序访问密钥继续有效" in mail.outbox[-1].body
    assert ApiToken.objects.filter(revoked_at=None).count() == 2


def test_the_question_about_keys_is_asked_of_who_has_some(school: Any, other_school: Any, person: Membership) -> None:
    client = Client(HTTP_HOST=school.host)
    client.force_login(person.user)
    assert "keeps_keys" not in client.get("/accounts/password/change/").content.decode()
    keys_of(school, other_school, person)
    assert "keeps_keys" in client.get("/accounts/password/change/").content.decode()

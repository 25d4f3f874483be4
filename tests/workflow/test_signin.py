"""Signing in tells a stranger nothing, and a host is not a membership."""

from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.access import role_required, signed_in
from accounts.adapter import NO_ENTRY, AccountAdapter
from accounts.models import Membership, TryCount, User
from kernel.clock import local_day, now
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school

LOGIN = "/accounts/login/"


@signed_in
def whoami(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.actor.user_id} {sorted(request.actor.roles)}")


@role_required("pool.grant")
def vault(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


urlpatterns = [
    path("accounts/", include("accounts.urls")),
    path("school/", include("people.urls")),
    path("my/", whoami),
    path("pool/", vault),
    path("", include("ui.urls")),
    path("", include("manual.urls")),
]
pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def browser(school: Any) -> Client:
    return Client(HTTP_HOST=school.host)


def sign_in(client: Client, login: str, password: str = settings.DEMO_PASSWORD) -> HttpResponse:
    return client.post(LOGIN, {"login": login, "password": password})


def anonymous(client: Client) -> bool:
    return client.get("/my/").status_code == 302


def plain(response: HttpResponse, *secrets: str) -> str:
    """The page without what differs by itself: the form's own token and what was typed."""
    text = response.content.decode()
    for secret in (*secrets, response.context["csrf_token"] if response.context else ""):
        text = text.replace(str(secret), "")
    return "\n".join(line for line in text.splitlines() if "csrfmiddlewaretoken" not in line and "nonce" not in line)


def test_email_and_password_lead_to_the_desk_of_the_role(school: Any, browser: Client) -> None:
    member = make_person(school, "staff")
    response = sign_in(browser, f"  {member.user.email.upper()} ")
    assert response.headers["Location"] == "/my/"
    assert str(member.user_id) in browser.get("/my/").content.decode()
    finance = Client(HTTP_HOST=school.host)
    assert sign_in(finance, make_person(school, "finance").user.email).headers["Location"] == "/finance/"


@pytest.mark.parametrize("written", ["13800138000", "138 0013 8000", "+86-138-0013-8000"])
def test_the_telephone_number_opens_too_however_it_is_written(school: Any, browser: Client, written: str) -> None:
    member = make_person(school)
    member.user.keep_proved_phone("13800138000")
    member.user.save()
    assert sign_in(browser, written).headers["Location"] == "/my/"


def test_unknown_wrong_foreign_and_unreadable_all_look_the_same(
    school: Any, other_school: Any, browser: Client
) -> None:
    mine, foreign = make_person(school).user.email, make_person(other_school).user.email
    tries = [
        (mine, "wrong-password"),
        ("nobody@x.example", "wrong-password"),
        (foreign, settings.DEMO_PASSWORD),
        ("13900000000", "wrong-password"),
        ("no address at all", "wrong-password"),
    ]
    pages = {
        plain(response, login)
        for login, password in tries
        if (response := sign_in(browser, login, password)).status_code == 200
    }
    assert len(pages) == 1
    assert anonymous(browser)


def test_a_disabled_account_and_a_leaver_lose_their_session_at_once(school: Any) -> None:
    for end in ("disabled", "left", "removed"):
        member, client = make_person(school), Client(HTTP_HOST=school.host)
        sign_in(client, member.user.email)
        assert not anonymous(client)
        with use_tenant(school.id):
            if end == "disabled":
                User.objects.filter(pk=member.user_id).update(is_active=False)
            elif end == "left":
                Membership.objects.filter(pk=member.pk).update(left_on=local_day(now()).replace(year=2020))
            else:
                Membership.objects.filter(pk=member.pk).delete()
        assert anonymous(client), end


def test_a_session_of_one_school_is_nobody_on_the_host_of_another(
    school: Any, other_school: Any, browser: Client
) -> None:
    member = make_person(school)
    sign_in(browser, member.user.email)
    assert browser.get("/my/", headers={"host": other_school.host}).status_code == 302
    assert browser.get("/my/", headers={"host": school.host}).status_code == 200


def test_a_role_taken_away_closes_the_page_on_the_next_request(school: Any, browser: Client) -> None:
    member = make_person(school, "finance")
    sign_in(browser, member.user.email)
    assert browser.get("/pool/").status_code == 200
    with use_tenant(school.id):
        Membership.objects.filter(pk=member.pk).update(roles=["staff"])
    assert browser.get("/pool/").status_code == 404


def test_a_stranger_is_sent_to_sign_in_and_comes_back(browser: Client) -> None:
    assert browser.get("/pool/?a=1").headers["Location"] == "/accounts/login/?next=/pool/%3Fa%3D1"


def test_guessing_is_slowed_per_account_also_by_telephone_and_across_hosts(school: Any, other_school: Any) -> None:
    member = make_person(school)
    member.user.keep_proved_phone("13800138000")
    member.user.save()
    hosts = [school.host, other_school.host]
    for n in range(5):
        sign_in(Client(HTTP_HOST=hosts[n % 2], REMOTE_ADDR="10.0.1.1"), "138 0013 8000", "wrong-password")
    locked = Client(HTTP_HOST=school.host, REMOTE_ADDR="10.0.1.1")
    assert sign_in(locked, "+8613800138000").status_code == 200
    assert anonymous(locked)
    other = Client(HTTP_HOST=school.host, REMOTE_ADDR="10.0.1.1")
    neighbour = make_person(school)
    neighbour.user.keep_proved_phone("13900139000")
    neighbour.user.save()
    assert sign_in(other, "13900139000").status_code == 302


def test_sign_up_is_closed(browser: Client) -> None:
    before = User.objects.count()
    data = {"email": "new@x.example", "password1": "a-long-password-1", "password2": "a-long-password-1"}
    assert browser.post("/accounts/signup/", data).status_code in (200, 302, 403)
    assert User.objects.count() == before


def test_a_person_without_a_password_sets_one_by_link_and_a_stranger_gets_the_same_page(
    school: Any, browser: Client
) -> None:
    user = User.objects.create_user(email="new@x.example", full_name="王芳")
    make_person(school, user=user)
    known = browser.post("/accounts/password/reset/", {"email": "new@x.example"})
    assert len(mail.outbox) == 1
    unknown = browser.post("/accounts/password/reset/", {"email": "nobody@x.example"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert len(mail.outbox) == 1
    link = next(word for word in mail.outbox[0].body.split() if "/password/reset/key/" in word)
    form = browser.get(link[link.index("/accounts/") :], follow=True)
    browser.post(form.redirect_chain[-1][0], {"password1": "heqiao-2026-lu", "password2": "heqiao-2026-lu"})
    assert sign_in(browser, "new@x.example", "heqiao-2026-lu").status_code == 302


SENT: list[tuple[str, str]] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where notifications' channel stands in the product."""
    SENT.append((phone, code))


def test_a_code_by_sms_signs_in_and_an_unknown_number_looks_the_same(
    school: Any, browser: Client, settings: Any
) -> None:
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    SENT.clear()
    member = make_person(school)
    member.user.keep_proved_phone("13800138000")
    member.user.save()
    unknown = Client(HTTP_HOST=school.host).post("/accounts/login/code/", {"phone": "13900139000"})
    known = browser.post("/accounts/login/code/", {"phone": "138 0013 8000"})
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert [phone for phone, _code in SENT] == ["+8613800138000"]
    assert browser.post("/accounts/login/code/confirm/", {"code": SENT[0][1]}).headers["Location"] == "/my/"
    assert not anonymous(browser)


def test_a_right_code_on_a_foreign_host_opens_nothing(school: Any, other_school: Any, browser: Client) -> None:
    member = make_person(other_school)
    browser.post("/accounts/login/code/", {"email": member.user.email})
    code = next(
        line.strip()
        for line in mail.outbox[0].body.splitlines()
        if len(line.strip()) in (6, 7, 8, 9) and " " not in line.strip()
    )
    assert browser.post("/accounts/login/code/confirm/", {"code": code}).headers["Location"] == LOGIN
    assert anonymous(browser)


def test_a_second_factor_is_asked_for_and_its_secret_lies_sealed(school: Any, browser: Client) -> None:
    member = make_person(school, "finance")
    secret = generate_totp_secret()
    TOTP.activate(member.user, secret)
    kept = Authenticator.objects.get(user=member.user).data["secret"]
    assert secret not in kept
    assert get_adapter().decrypt(kept) == secret
    assert sign_in(browser, member.user.email).headers["Location"].startswith("/accounts/2fa/authenticate/")
    assert anonymous(browser)


def test_roles_with_power_are_led_to_a_second_factor_first(school: Any, browser: Client, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    member = make_person(school, "finance")
    sign_in(browser, member.user.email)
    assert browser.get("/pool/").headers["Location"] == "/accounts/2fa/"
    TOTP.activate(member.user, generate_totp_secret())
    assert browser.get("/pool/").status_code == 200
    staff = Client(HTTP_HOST=school.host)
    sign_in(staff, make_person(school).user.email)
    assert not anonymous(staff)


def test_on_the_platform_only_the_operator_is_somebody(school: Any, db: None, settings: Any) -> None:
    settings.INSTITUTION_OF = ""
    platform = make_school(kind="platform")
    client = Client(HTTP_HOST=platform.host)
    sign_in(client, make_person(school, "admin").user.email)
    assert anonymous(client)
    User.objects.create_user(email="op@x.example", password=settings.DEMO_PASSWORD, is_operator=True)
    assert sign_in(client, "op@x.example").headers["Location"] == "/operator/"


def test_the_queries_of_a_signed_in_request_are_few(
    school: Any, browser: Client, django_assert_max_num_queries: Any
) -> None:
    sign_in(browser, make_person(school).user.email)
    browser.get("/my/")
    with django_assert_max_num_queries(4):
        browser.get("/my/")


def visitor(school: Any, ip: str) -> Client:
    return Client(HTTP_HOST=school.host, REMOTE_ADDR=ip)


def guesses(school: Any, login: str, ip: str, count: int) -> list[str]:
    """What ``count`` wrong passwords are answered: "no" or "wait"."""
    said = []
    for _ in range(count):
        answer = sign_in(visitor(school, ip), login, "wrong-password-0")
        assert answer.status_code == 200
        text = answer.content.decode()
        said.append("no" if str(NO_ENTRY) in text else "wait")
        assert (TOO_MANY in text) == (said[-1] == "wait")
    return said


TOO_MANY = str(AccountAdapter.error_messages["too_many_login_attempts"])


def test_a_stranger_elsewhere_cannot_shut_a_colleague_out(school: Any) -> None:
    person = make_person(school)
    assert guesses(school, person.user.email, "203.0.113.9", 7) == ["no"] * 5 + ["wait"] * 2
    # Where the person sits nothing has happened: a slip of the finger, then the right password.
    assert guesses(school, person.user.email, "198.51.100.7", 1) == ["no"]
    assert sign_in(visitor(school, "198.51.100.7"), person.user.email).status_code == 302
    # The stranger has guessed enough, even with the right one.
    assert sign_in(visitor(school, "203.0.113.9"), person.user.email).status_code == 200


def test_the_limit_is_the_same_for_an_address_that_nobody_has(school: Any) -> None:
    person = make_person(school)
    known = guesses(school, person.user.email, "203.0.113.9", 7)
    TryCount.objects.all().delete()
    assert guesses(school, "nobody@nowhere.example", "203.0.113.9", 7) == known


def test_guessing_from_many_places_is_bounded_by_the_account(
    school: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert settings.ACCOUNT_RATE_LIMITS["login_failed"] == "10/m/ip,100/h/key"
    assert settings.ACCOUNT_RATE_LIMITS["login_failed_here"] == "5/5m/key,20/h/key"
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "10/m/ip,8/h/key"}
    person = make_person(school)
    for n in range(4):
        assert guesses(school, person.user.email, f"203.0.113.{n}", 2) == ["no"] * 2
    assert guesses(school, person.user.email, "203.0.113.200", 1) == ["wait"]
    assert sign_in(visitor(school, "198.51.100.7"), person.user.email).status_code == 200
    # Other accounts are not touched, and a try that was not looked at costs the person nothing here.
    assert sign_in(visitor(school, "198.51.100.7"), make_person(school).user.email).status_code == 302
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "10/m/ip,100/h/key"}
    assert guesses(school, person.user.email, "198.51.100.7", 6) == ["no"] * 5 + ["wait"]


def test_one_place_alone_never_fills_the_limit_of_an_account(school: Any, settings: Any) -> None:
    """What the narrow limit refuses is not counted against the account: else one stranger could fill it after all."""
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "login_failed": "100/m/ip,7/h/key"}
    person = make_person(school)
    assert guesses(school, person.user.email, "203.0.113.9", 15) == ["no"] * 5 + ["wait"] * 10
    assert guesses(school, person.user.email, "198.51.100.7", 1) == ["no"]
    assert sign_in(visitor(school, "198.51.100.7"), person.user.email).status_code == 302


def test_one_place_cannot_try_one_password_on_everybody(school: Any) -> None:
    said = [guesses(school, f"p{n}@school.example", "203.0.113.9", 1)[0] for n in range(12)]
    assert said == ["no"] * 10 + ["wait"] * 2


def test_right_passwords_are_never_counted(school: Any) -> None:
    person = make_person(school)
    for _ in range(12):
        assert sign_in(visitor(school, "198.51.100.7"), person.user.email).status_code == 302
    assert guesses(school, person.user.email, "198.51.100.7", 5) == ["no"] * 5


def test_a_right_password_between_does_not_open_the_limit(school: Any) -> None:
    """Whoever holds one account of a place must not be able to wash the counter of another, or of their own guesses."""
    person, helper = make_person(school), make_person(school)
    for n in range(5):
        assert guesses(school, person.user.email, "203.0.113.9", 1) == ["no"], n
        assert sign_in(visitor(school, "203.0.113.9"), helper.user.email).status_code == 302
    assert guesses(school, person.user.email, "203.0.113.9", 1) == ["wait"]


def test_the_place_of_an_ipv6_visitor_is_the_network(school: Any) -> None:
    person = make_person(school)
    said = [guesses(school, person.user.email, f"2001:db8:1:2::{n:x}", 1)[0] for n in range(1, 8)]
    assert said == ["no"] * 5 + ["wait"] * 2
    assert guesses(school, person.user.email, "2001:db8:1:3::1", 1) == ["no"]


def test_behind_a_proxy_the_place_is_the_visitors_and_cannot_be_invented(school: Any, settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # as settings.production
    person = make_person(school)

    def through(visitor: str, invented: str, password: str) -> HttpResponse:
        browser = Client(HTTP_HOST=school.host, REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=f"{invented}, {visitor}")
        return sign_in(browser, person.user.email, password)

    for n in range(5):
        assert str(NO_ENTRY) in through("203.0.113.9", f"192.0.2.{n}", "wrong-password-0").content.decode()
    assert TOO_MANY in through("203.0.113.9", "192.0.2.99", "wrong-password-0").content.decode()
    assert through("198.51.100.7", "203.0.113.9", settings.DEMO_PASSWORD).status_code == 302


def test_a_request_from_no_address_is_answered_like_any_other(school: Any) -> None:
    """Behind a socket nobody says where a request comes from."""
    member = make_person(school, "staff")
    client = Client(HTTP_HOST=school.host, REMOTE_ADDR="")
    login = {"login": member.user.email, "password": "wrong"}
    assert client.post("/accounts/login/", login).status_code != 403
    login["password"] = settings.DEMO_PASSWORD
    assert client.post("/accounts/login/", login).status_code == 302

"""A second factor in a real browser, by telephone app and by passkey, under the strict policy (rules §5 Sign-in)."""

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from playwright.sync_api import Page

from accounts.models import Membership
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.fixtures_journey import Journey
from tests.journeys.conftest import House, Opens, email_of, new_school, sign_in, watch
from tests.journeys.looking import inspect

STEP = 30
"""Seconds a code counts."""
FILLED = "main form button.btn:not(.quiet)"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture(scope="module")
def school(house: House) -> tuple[Tenant, Journey]:
    tenant, journey = new_school()
    Client(HTTP_HOST=tenant.host).get("/accounts/login/")  # the first request of a process loads every address: slow
    return tenant, journey


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    cache.clear()


def code_of(secret: str, steps: int = 0) -> str:
    """What the app shows ``steps`` steps from now: a code is taken once only, the next one is taken a step early."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // STEP + steps)))


def at(page: Page, part: str) -> None:
    """The page whose address holds ``part`` is here, and nothing about it is wrong."""
    assert part in page.url, page.url
    assert inspect(page, "phone") == []


def once_more(page: Page) -> None:
    """The password again: whoever found a screen unlocked does not get to change how it is locked."""
    at(page, "/accounts/reauthenticate/")
    page.fill("input[name=password]", settings.DEMO_PASSWORD)
    page.click(FILLED)
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def sign_out(page: Page, house: House, tenant: Tenant) -> None:
    page.goto(house.url(tenant, "/accounts/logout/"))
    page.click(FILLED)
    page.wait_for_url(lambda url: "logout" not in url)


def set_up_app(page: Page, house: House, tenant: Tenant) -> str:
    """From the page of sign-in and security to a working app. Gives the secret."""
    page.goto(house.url(tenant, "/accounts/2fa/"))
    at(page, "/accounts/2fa/")
    page.click("main a[href$='/2fa/totp/activate/']")
    once_more(page)
    at(page, "/totp/activate/")
    secret = page.inner_text("#authenticator_secret").strip()
    page.fill("input[name=code]", code_of(secret))
    page.click(FILLED)
    page.wait_for_url(lambda url: "/totp/" not in url)
    assert inspect(page, "phone") == []
    return secret


def kept(member: Membership) -> set[str]:
    return set(Authenticator.objects.filter(user=member.user).values_list("type", flat=True))


def test_the_telephone_app_is_set_up_and_asked_for(school: tuple[Tenant, Journey], house: House, device: Opens) -> None:
    tenant, journey = school
    member = journey.members["staff"]
    page = device().new_page()
    noted = watch(page)
    sign_in(page, house, tenant, email_of(member))
    secret = set_up_app(page, house, tenant)
    assert kept(member) == {"totp", "recovery_codes"}
    sign_out(page, house, tenant)

    sign_in(page, house, tenant, email_of(member))
    at(page, "/accounts/2fa/authenticate/")
    page.goto(house.url(tenant, "/my/"))
    at(page, "/accounts/2fa/authenticate/")  # the password alone opens nothing
    page.fill("input[name=code]", "000000")
    page.click(FILLED)
    page.locator("[aria-invalid=true]").wait_for()
    at(page, "/accounts/2fa/authenticate/")
    page.fill("input[name=code]", code_of(secret, 1))
    page.click(FILLED)
    page.wait_for_url(house.url(tenant, "/my/"))
    assert noted.errors == []


def test_a_passkey_is_made_and_signs_in_without_a_password(
    school: tuple[Tenant, Journey], house: House, device: Opens
) -> None:
    tenant, journey = school
    member = journey.members["staff2"]
    context = device()
    page = context.new_page()
    noted = watch(page)
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    key = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]
    sign_in(page, house, tenant, email_of(member))
    page.goto(house.url(tenant, "/accounts/2fa/webauthn/add/"))
    once_more(page)
    at(page, "/webauthn/add/")
    assert f"只能登录 {tenant.host}" in page.inner_text("main"), "another school's address is another passkey's"
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    assert "webauthn" in kept(member)
    page.goto(house.url(tenant, "/accounts/2fa/webauthn/"))
    at(page, "/accounts/2fa/webauthn/")
    sign_out(page, house, tenant)

    page.goto(house.url(tenant, "/accounts/login/"))
    page.click("#passkey_login")
    page.wait_for_url(house.url(tenant, "/my/"))
    sign_out(page, house, tenant)

    # The password, and then the same key as the second step.
    sign_in(page, house, tenant, email_of(member))
    at(page, "/accounts/2fa/authenticate/")
    page.click("#mfa_webauthn_authenticate")
    page.wait_for_url(house.url(tenant, "/my/"))
    assert noted.errors == []

    sign_out(page, house, tenant)
    cdp.send("WebAuthn.clearCredentials", {"authenticatorId": key})
    page.goto(house.url(tenant, "/accounts/login/"))
    page.click("#passkey_login")
    page.locator("#passkey_failed").wait_for()  # a device without the key opens nothing, and says so
    assert "/accounts/login/" in page.url
    assert noted.errors == []


def test_who_has_a_passkey_and_no_password_takes_a_place_that_waits(
    school: tuple[Tenant, Journey], house: House, device: Opens
) -> None:
    """A leaver who is entered anew, and whose password nobody knows any more: the device alone signs in and takes it."""
    tenant, _journey = school
    with use_tenant(tenant.id):
        member = make_person(tenant, "staff", name="李明华")
    context = device()
    page = context.new_page()
    noted = watch(page)
    cdp = context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    sign_in(page, house, tenant, email_of(member))
    page.goto(house.url(tenant, "/accounts/2fa/webauthn/add/"))
    once_more(page)
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url(lambda url: "/webauthn/add/" not in url)
    sign_out(page, house, tenant)
    account = member.user
    account.set_unusable_password()
    account.save(update_fields=["password"])
    with use_tenant(tenant.id):
        Membership.objects.filter(pk=member.pk).update(
            left_on=tenant.today() - timedelta(days=1), email="before@school.example"
        )

    def by_key() -> None:
        page.goto(house.url(tenant, "/accounts/login/"))
        with page.expect_navigation():
            page.click("#passkey_login")

    by_key()
    page.goto(house.url(tenant, "/my/"))
    assert "/accounts/login/" in page.url, "nothing waits: the key opens nothing here"
    with use_tenant(tenant.id):
        place = Membership.objects.create(name="李明华", email=account.email, roles=["staff"])
    by_key()
    page.wait_for_url(house.url(tenant, "/accounts/place/"))
    at(page, "/accounts/place/")
    page.click(FILLED)
    page.wait_for_url(house.url(tenant, "/my/"))
    with use_tenant(tenant.id):
        assert Membership.objects.get(pk=place.pk).user_id == account.pk
        assert Membership.objects.get(pk=member.pk).user_id is None
    assert noted.errors == []


def test_whoever_has_power_is_led_to_a_second_factor_and_then_to_the_desk(
    school: tuple[Tenant, Journey], house: House, device: Opens, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SECOND_FACTOR_REQUIRED", True)
    tenant, _journey = school
    with use_tenant(tenant.id):
        admin = make_person(tenant, "admin", "staff")
    page = device().new_page()
    noted = watch(page)
    sign_in(page, house, tenant, email_of(admin))
    page.wait_for_url(house.url(tenant, "/accounts/2fa/"))
    page.goto(house.url(tenant, "/school/members/"))
    assert page.url == house.url(tenant, "/accounts/2fa/")
    set_up_app(page, house, tenant)
    answer = page.goto(house.url(tenant, "/school/members/"))
    assert answer is not None and answer.status == 200
    assert page.url == house.url(tenant, "/school/members/")
    assert noted.errors == []

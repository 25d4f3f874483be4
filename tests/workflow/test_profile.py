"""A person's own page: what the school typed is read-only, a telephone number counts once its code was typed."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.invitations import waiting_for
from accounts.models import User
from accounts.phone_proof import ask_code, prove
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import DomainError
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

PATH = "/accounts/profile/"
CODE = "/accounts/profile/phone/"
NUMBER = "+8613800138000"
SENT: list[tuple[str, str]] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where a carrier stands (``SIGN_IN_SMS``)."""
    SENT.append((phone, code))


@pytest.fixture
def texting(settings: Any) -> list[tuple[str, str]]:
    SENT.clear()
    cache.clear()  # questions for the password are counted by person
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    return SENT


@pytest.fixture
def member(school: Any, client: Any) -> Any:
    person = make_person(school, name="李明华", staff_no="YC0042")
    client.force_login(person.user)
    client.defaults["HTTP_HOST"] = school.host
    return person


def account(member: Any) -> User:
    return User.objects.get(pk=member.user_id)


def changes(member: Any) -> int:
    with use_tenant(member.tenant_id):
        return AuditEntry.objects.filter(action="profile.phone").count()


def ask(client: Any, settings: Any, phone: str = "138 0013 8000") -> Any:
    return client.post(PATH, {"phone": phone, "password": settings.DEMO_PASSWORD})


def test_the_page_shows_the_schools_words_and_stands_in_the_account_menu(member: Any, client: Any) -> None:
    page = client.get(PATH).content.decode()
    assert "李明华" in page
    assert "YC0042" in page
    assert 'name="name"' not in page
    assert "/accounts/email/" in page
    assert f'href="{PATH}"' in client.get("/my/").content.decode()


def test_without_a_way_to_send_codes_no_number_is_asked_for_and_none_is_kept(
    member: Any, client: Any, settings: Any
) -> None:
    page = client.get(PATH).content.decode()
    assert "本平台暂时不能发送短信" in page
    assert 'name="phone"' not in page
    assert ask(client, settings).status_code == 422
    assert (account(member).phone, changes(member)) == ("", 0)


def test_a_number_counts_once_its_code_was_typed_and_signs_in(
    member: Any, client: Any, settings: Any, texting: Any
) -> None:
    assert ask(client, settings)["Location"] == CODE
    ((number, code),) = texting
    assert number == NUMBER
    assert (account(member).phone, changes(member)) == ("", 0), "asking proves nothing"
    assert client.get(CODE).status_code == 200
    assert client.post(CODE, {"code": code})["Location"] == PATH
    assert (account(member).phone, account(member).phone_verified) == (NUMBER, True)
    assert b"13800138000" not in bytes(account(member).phone_sealed)
    assert "138****8000" in client.get(PATH).content.decode()
    assert changes(member) == 1
    assert client.post(CODE, {"code": code}).status_code == 422, "a code proves once"
    client.logout()
    entered = client.post("/accounts/login/", {"login": "13800138000", "password": settings.DEMO_PASSWORD})
    assert entered.status_code == 302
    removal = f"{CODE}remove/"
    assert client.post(removal, {"password": "not-the-password"}).status_code == 422
    assert account(member).phone == NUMBER
    assert client.post(removal, {"password": settings.DEMO_PASSWORD}).status_code == 302
    assert (account(member).phone, account(member).phone_verified, changes(member)) == ("", False, 2)


@pytest.mark.parametrize("fault", ["tried too often", "too late", "another code", "never asked"])
def test_wrong_late_and_worn_out_codes_prove_nothing_and_say_the_same(
    member: Any, client: Any, settings: Any, texting: Any, fault: str
) -> None:
    code, late = "000000", now()
    if fault != "never asked":
        ask(client, settings)
        code = texting[0][1]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    if fault == "tried too often":
        assert [client.post(CODE, {"code": wrong}).status_code for _ in range(3)] == [422] * 3
    if fault == "too late":
        late += timedelta(minutes=11)
    with as_of(late):
        answer = client.post(CODE, {"code": wrong if fault == "another code" else code})
    assert answer.status_code == 422
    assert "验证码不正确或已失效" in answer.content.decode()
    assert (account(member).phone, changes(member)) == ("", 0)


def test_nothing_tells_that_a_number_is_somebody_elses(
    member: Any, client: Any, settings: Any, other_school: Any, texting: Any
) -> None:
    """The same answers, page by page; and asking alone, or a wrong code, takes nothing from anybody."""
    other = make_person(other_school)
    other.user.keep_proved_phone("13900139000")
    other.user.save()
    answers = {}
    for phone in ("13800138000", "13900139000"):
        with as_of(now() + timedelta(minutes=len(answers) * 2)):
            asked = ask(client, settings, phone)
            shown = client.get(asked["Location"]).content.decode()
            tried = client.post(CODE, {"code": "x"})
        plain = re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", shown)
        answers[phone] = (asked.status_code, asked["Location"], plain, tried.status_code)
    assert answers["13800138000"] == answers["13900139000"]
    assert [number for number, _code in texting] == [NUMBER, "+8613900139000"]
    assert account(other).phone == "+8613900139000"
    assert (account(member).phone, changes(member)) == ("", 0)


def test_a_number_given_to_somebody_else_goes_over_to_them_and_who_had_it_is_told(
    member: Any, client: Any, settings: Any, other_school: Any, texting: Any, mailoutbox: Any
) -> None:
    """The carrier gave it to a colleague: they prove it, and the account before signs in by its address."""
    before = make_person(other_school, name="前任")
    before.user.keep_proved_phone(NUMBER)
    before.user.language = "en"
    before.user.save()
    waiting = Client(HTTP_HOST=other_school.host)
    waiting.post("/accounts/login/code/", {"phone": NUMBER})
    ask(client, settings)
    (_one, sign_in_code), (_number, code) = texting
    done = client.post(CODE, {"code": code}, follow=True)
    assert done.redirect_chain[-1][0] == PATH
    assert "前任" not in done.content.decode()
    assert (account(member).phone, account(before).phone, account(before).phone_hash) == (NUMBER, "", None)
    (letter,) = mailoutbox
    assert letter.to == [before.user.email]
    assert "taken from your account" in letter.body, "in the language of who is told"
    for told in (
        member.name,
        member.user.email,
        "Li Minghua",
        "138",
        member.tenant.name,
        other_school.name,
        "127.0.0.1",
    ):
        assert told not in f"{letter.subject} {letter.body} {letter.from_email}", told
    with use_tenant(other_school.id):
        assert not AuditEntry.objects.filter(action="profile.phone").exists()
    assert waiting.post("/accounts/login/code/confirm/", {"code": sign_in_code}).status_code == 200
    assert waiting.get("/my/").status_code == 302, "a code sent for the account before opens it no more"
    fresh = Client(HTTP_HOST=other_school.host)
    assert fresh.post("/accounts/login/", {"login": NUMBER, "password": settings.DEMO_PASSWORD}).status_code == 200
    login = {"login": before.user.email, "password": settings.DEMO_PASSWORD}
    assert fresh.post("/accounts/login/", login).status_code == 302


def test_an_old_proof_gets_no_sign_in_code_and_proves_no_place_until_it_is_new(
    member: Any, client: Any, settings: Any, other_school: Any, texting: Any
) -> None:
    user = account(member)
    user.keep_proved_phone(NUMBER)
    user.save()
    place = make_person(other_school, name="李会计")
    with use_tenant(other_school.id):
        place.user, place.accepted_at, place.email = None, None, ""
        place.keep_phone(NUMBER)
        place.save()
    client.logout()
    page = "/accounts/login/code/confirm/"
    late = now() + timedelta(days=settings.PHONE_PROOF_DAYS)
    with as_of(late - timedelta(minutes=1)):
        assert waiting_for(other_school, account(member)) is not None
        assert client.post("/accounts/login/code/", {"phone": NUMBER})["Location"] == page
        assert client.post(page, {"code": texting[-1][1]})["Location"] == "/my/"
    assert account(member).phone_proved_at == late - timedelta(minutes=1), "a code that signed in proves it anew"
    with as_of(late + timedelta(days=settings.PHONE_PROOF_DAYS)):
        assert waiting_for(other_school, account(member)) is None
        cache.clear()
        stranger = Client(HTTP_HOST=member.tenant.host)
        assert stranger.post("/accounts/login/code/", {"phone": NUMBER})["Location"] == page
        assert len(texting) == 1, "no code leaves"
        assert "超过两年" in stranger.get(page).content.decode()
        login = {"login": NUMBER, "password": settings.DEMO_PASSWORD}
        stranger = Client(HTTP_HOST=member.tenant.host)
        entered = stranger.post("/accounts/login/", login)
        assert entered["Location"] == "/my/", "the password is a proof of its own"
        assert "验证已久" in stranger.get(PATH).content.decode()
        ask(stranger, settings)
        assert stranger.post(CODE, {"code": texting[-1][1]})["Location"] == PATH
        assert "验证已久" not in stranger.get(PATH).content.decode()
        assert waiting_for(other_school, account(member)) is not None


def test_a_wrong_password_or_no_number_sends_nothing_and_codes_are_not_sent_in_a_row(
    member: Any, client: Any, settings: Any, texting: Any
) -> None:
    def refused(code: str, phone: str, password: str = settings.DEMO_PASSWORD) -> None:
        assert client.post(PATH, {"phone": phone, "password": password}).status_code == 422
        with use_tenant(member.tenant_id), pytest.raises(DomainError) as refusal:
            ask_code(actor=actor_of(member), phone=phone, password=password)
        assert refusal.value.reason == code

    refused("password_wrong", "13800138000", "not-the-password")
    refused("phone_invalid", "12345")
    assert texting == []
    assert ask(client, settings).status_code == 302
    refused("phone_code_soon", "13900139000")
    assert len(texting) == 1
    with use_tenant(member.tenant_id), pytest.raises(DomainError, match="phone_code_wrong"):
        prove(actor=actor_of(member), code="x")
    settings.SIGN_IN_SMS = ""
    refused("phone_not_offered", "13900139000")


def test_guessing_the_password_here_is_throttled(member: Any, client: Any, texting: Any) -> None:
    told = [client.post(PATH, {"phone": "13800138000", "password": f"wrong-{n}"}).status_code for n in range(12)]
    assert set(told) == {422, 429}
    assert told[-1] == 429
    assert texting == []


def test_the_database_keeps_no_number_that_nobody_proved(member: Any) -> None:
    user = account(member)
    user.keep_proved_phone(NUMBER)
    user.phone_verified = False
    with pytest.raises(IntegrityError, match="user_phone_is_proved"), transaction.atomic():
        user.save()
    assert account(member).phone == ""


def test_the_address_changes_with_the_password_and_by_the_link_alone(
    member: Any, client: Any, settings: Any, mailoutbox: Any
) -> None:
    before = User.objects.get(pk=member.user_id).email
    body = {"action_add": "", "email": "new@profile.example"}
    asked = client.post("/accounts/email/", body)
    assert asked.status_code == 302
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert (User.objects.get(pk=member.user_id).email, mailoutbox) == (before, [])
    client.post(asked["Location"], {"password": settings.DEMO_PASSWORD})
    client.post("/accounts/email/", body)
    assert User.objects.get(pk=member.user_id).email == before, "the link has not been opened"
    (letter,) = [mail for mail in mailoutbox if mail.to == ["new@profile.example"]]
    found = re.search(r"(/accounts/confirm-email/[^/\s]+/)", letter.body)
    assert found
    client.get(found[1])
    assert User.objects.get(pk=member.user_id).email == before, "looking changes nothing"
    client.post(found[1])
    assert User.objects.get(pk=member.user_id).email == "new@profile.example"


def test_nobody_signed_in_is_led_to_the_sign_in(client: Any, school: Any) -> None:
    for path in (PATH, CODE, f"{CODE}remove/"):
        assert client.get(path, headers={"host": school.host}).status_code == 302

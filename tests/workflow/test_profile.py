"""One's own page: the school's words are read, the telephone number is changed with the password."""

import re
from typing import Any

import pytest

from accounts.members import MemberFields, add_member
from accounts.models import Membership, User
from accounts.profile import change_phone
from accounts.roster.workflow import apply_roster, preview_roster
from audit.models import AuditEntry
from kernel.errors import DomainError
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

PATH = "/accounts/profile/"


@pytest.fixture
def member(school: Any, client: Any) -> Any:
    person = make_person(school, name="李明华", staff_no="YC0042")
    client.force_login(person.user)
    client.defaults["HTTP_HOST"] = school.host
    return person


def phone_of(member: Any) -> str:
    return str(User.objects.get(pk=member.user_id).phone)


def changes(member: Any) -> int:
    with use_tenant(member.tenant_id):
        return AuditEntry.objects.filter(action="profile.phone").count()


def test_the_page_shows_the_schools_words_and_stands_in_the_account_menu(member: Any, client: Any) -> None:
    page = client.get(PATH).content.decode()
    assert "李明华" in page
    assert "YC0042" in page
    assert 'name="name"' not in page
    assert "/accounts/email/" in page
    assert f'href="{PATH}"' in client.get("/my/").content.decode()


def test_a_number_is_kept_sealed_with_the_password_and_signs_in(
    member: Any, client: Any, settings: Any, school: Any
) -> None:
    answer = client.post(PATH, {"phone": "138 0013 8000", "password": settings.DEMO_PASSWORD})
    assert answer.status_code == 302
    assert phone_of(member) == "+8613800138000"
    assert b"13800138000" not in bytes(User.objects.get(pk=member.user_id).phone_sealed)
    assert changes(member) == 1
    client.logout()
    entered = client.post("/accounts/login/", {"login": "13800138000", "password": settings.DEMO_PASSWORD})
    assert entered.status_code == 302
    assert client.post(PATH, {"phone": "", "password": settings.DEMO_PASSWORD}).status_code == 302
    assert phone_of(member) == ""


def test_a_wrong_password_a_wrong_or_a_taken_number_change_nothing(
    member: Any, client: Any, settings: Any, other_school: Any
) -> None:
    other = make_person(other_school)
    other.user.keep_phone("13900139000")
    other.user.save()
    for phone, password, code in (
        ("13800138000", "not-the-password", "password_wrong"),
        ("12345", settings.DEMO_PASSWORD, "phone_invalid"),
        ("13900139000", settings.DEMO_PASSWORD, "phone_taken"),
    ):
        assert client.post(PATH, {"phone": phone, "password": password}).status_code == 422
        with use_tenant(member.tenant_id), pytest.raises(DomainError, match=code):
            change_phone(actor=actor_of(member), phone=phone, password=password)
        assert phone_of(member) == ""
    assert phone_of(other) == "+8613900139000"
    assert changes(member) == 0


def test_guessing_the_password_here_is_throttled(member: Any, client: Any) -> None:
    told = [client.post(PATH, {"phone": "", "password": f"wrong-{n}"}).status_code for n in range(12)]
    assert set(told) == {422, 429}
    assert told[-1] == 429


def test_a_number_that_somebody_typed_hands_no_school_their_account(
    member: Any, client: Any, settings: Any, other_school: Any
) -> None:
    """Else whoever claims a colleague's number first would be given the colleague's membership elsewhere."""
    client.post(PATH, {"phone": "13800138000", "password": settings.DEMO_PASSWORD})
    boss = make_person(other_school, "admin")
    with use_tenant(other_school.id):
        content = "工号,姓名,手机号\nT1,王校长,13800138000\n".encode()
        roster = preview_roster(actor=actor_of(boss), content=content, file_name="list.csv")
        apply_roster(actor=actor_of(boss), import_id=roster.pk)
        fields = MemberFields(name="王校长", roles=frozenset({"admin"}))
        by_hand = add_member(actor=actor_of(boss), email="", phone="13800138000", fields=fields)
        assert Membership.objects.filter(user_id=member.user_id).count() == 0
        assert by_hand.user_id != member.user_id
    assert phone_of(member) == "+8613800138000"


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
    assert client.get(PATH, headers={"host": school.host}).status_code == 302

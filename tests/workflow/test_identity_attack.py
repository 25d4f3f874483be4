"""Attempts to take another's account or place: an unproved address, a forwarded link, a session that was left open."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.core.cache import cache
from django.test import Client

from accounts.adapter import AccountAdapter
from accounts.invitations import accept_signed_in, waiting_for
from accounts.models import Membership, PhoneCode, User
from accounts.places import actor_at
from accounts.tokens import issue_token
from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import NotFound
from partners.models import InstitutionMember
from partners.workflow import add_member, end_member
from people.administrators import appoint_administrator
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import make_operator, make_partner, make_platform
from tests.workflow.test_identity import browser, enrol, letter_link, sign_in, take, typed

pytestmark = pytest.mark.usefixtures("platform_stands")

ALIEN = "typing-error@elsewhere.example"
SENT: list[tuple[str, str]] = []


def keep_code(*, phone: str, code: str) -> None:
    """Stands where a carrier stands (``SIGN_IN_SMS``)."""
    SENT.append((phone, code))


@pytest.fixture(autouse=True)
def _no_earlier_sign_ins() -> Iterator[None]:
    """An attacker signs in often; allauth's brake counts all tests as one address of the net."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def texting(settings: Any) -> list[tuple[str, str]]:
    SENT.clear()
    settings.SIGN_IN_SMS = f"{__name__}.keep_code"
    return SENT


@pytest.fixture
def bosses(school: Any, other_school: Any) -> tuple[Any, Any]:
    return make_person(school, "admin", name="甲校管理员"), make_person(other_school, "admin", name="乙校管理员")


def entered(host: Any, member: Any) -> Client:
    """Signed in with the password, which was given a moment ago."""
    client, answer = sign_in(host, member.user.email, django_settings.DEMO_PASSWORD)
    assert answer.status_code == 302
    client.post("/accounts/reauthenticate/", {"password": django_settings.DEMO_PASSWORD})
    return client


def asking(host: Any, member: Any, address: str) -> Client:
    """Signed in, with ``address`` waiting for its link."""
    client = entered(host, member)
    assert client.post("/accounts/email/", {"action_add": "", "email": address})["Location"] == "/accounts/email/"
    assert EmailAddress.objects.filter(user=member.user, email=address, verified=False).exists()
    return client


def confirmation(mailbox: list[Any], address: str) -> str:
    (letter,) = [letter for letter in mailbox if letter.to == [address]]
    found = re.search(r"(/accounts/confirm-email/[^/\s]+/)", letter.body)
    assert found
    return found[1]


def test_an_address_that_waits_for_its_link_opens_nothing(school: Any, mailoutbox: list[Any]) -> None:
    """A typing error belongs to somebody: no new password, no sign-in code and no sign-in goes by way of it."""
    member = make_person(school)
    asking(school, member, ALIEN)
    mailoutbox.clear()
    for path in ("/accounts/password/reset/", "/accounts/login/code/"):
        known = browser(school).post(path, {"email": ALIEN})
        unknown = browser(school).post(path, {"email": f"nobody-{ALIEN}"})
        assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert mailoutbox == []
    assert sign_in(school, ALIEN, django_settings.DEMO_PASSWORD)[1].status_code != 302
    for path in ("/accounts/password/reset/", "/accounts/login/code/"):
        browser(school).post(path, {"email": member.user.email.upper()})
    assert [letter.to for letter in mailoutbox] == [[member.user.email]] * 2, "the proved one still works"


def test_somebody_who_asks_for_anothers_address_gets_none_of_their_letters(
    school: Any, other_school: Any, mailoutbox: list[Any]
) -> None:
    """Also when the owner's address stands in the account alone, as the operator's own people are made."""
    owner, thief = make_person(other_school), make_person(school)
    asking(school, thief, owner.user.email)
    mailoutbox.clear()
    client = browser(other_school)
    client.post("/accounts/login/code/", {"email": owner.user.email})
    (letter,) = mailoutbox
    code = re.search(r"\b\w{4}-\w{4}\b", letter.body)
    assert code
    assert client.post("/accounts/login/code/confirm/", {"code": code[0]}).status_code == 302
    assert client.get("/accounts/profile/").status_code == 200
    assert client.session["_auth_user_id"] == str(owner.user_id)


def test_a_link_that_proves_an_address_serves_only_the_account_that_asked(
    school: Any, other_school: Any, bosses: Any, mailoutbox: list[Any]
) -> None:
    """The owner of the mailbox, who expects an invitation, opens the letter of a stranger: nothing changes hands."""
    thief, bystander = make_person(school), make_person(school)
    before = thief.user.email
    asked = asking(school, thief, "victim@b.example")
    place = enrol(other_school, bosses[1], name="新财务", email="victim@b.example", roles=["finance"])
    path = confirmation(mailoutbox, "victim@b.example")
    for client in (browser(school), browser(other_school)):
        for answer in (client.get(path), client.post(path)):
            assert answer["Location"].startswith("/accounts/login/")
    other = entered(school, bystander)
    assert "<form" not in re.search(r"<main.*</main>", other.get(path).content.decode(), re.DOTALL)[0]  # type: ignore[index]
    assert other.post(path).status_code == 404
    assert other.get("/accounts/profile/").status_code == 200, "and nobody is signed out by it"
    assert User.objects.get(pk=thief.user_id).email == before
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None
    assert take(other_school, letter_link(other_school, "victim@b.example")).status_code == 302
    assert asked.post(path).status_code == 404, "proved by its owner meanwhile"
    assert User.objects.get(pk=thief.user_id).email == before


def test_the_own_address_is_never_removed_and_an_unproved_one_never_counts(school: Any) -> None:
    """Neither by a button, nor by two requests at once: with the proved one gone, the waiting one took its place."""
    member = make_person(school)
    address = member.user.email
    client = entered(school, member)
    client.get("/accounts/email/")
    client.post("/accounts/email/", {"action_remove": "", "email": address})
    asking(school, member, "victim@b.example")
    EmailAddress.objects.filter(email=address).update(verified=False, primary=False)
    client.post("/accounts/email/", {"action_remove": "", "email": address})
    client.post("/accounts/email/", {"action_primary": "", "email": "victim@b.example"})
    assert User.objects.get(pk=member.user_id).email == address
    assert EmailAddress.objects.filter(user=member.user, email=address).exists()
    client.post("/accounts/email/", {"action_remove": "", "email": "victim@b.example"})
    assert not EmailAddress.objects.filter(email="victim@b.example").exists(), "one's mind may change"


def test_whoever_awaits_a_place_can_sign_out(school: Any, other_school: Any, bosses: Any) -> None:
    """On a shared machine the next person finds no session with which to take the place."""
    known = make_person(school)
    place = enrol(other_school, bosses[1], name="李老师", email=known.user.email, roles=["finance"])
    client = entered(other_school, known)
    page = client.get("/accounts/place/").content.decode()
    assert "/accounts/logout/?next=/accounts/login/" in page
    assert client.get("/accounts/logout/").status_code == 200
    assert client.post("/accounts/logout/", {"next": "/accounts/login/"})["Location"] == "/accounts/login/"
    for answer in (client.get("/accounts/place/"), client.post("/accounts/place/")):
        assert answer["Location"].startswith("/accounts/login/")
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None


def test_only_the_place_that_was_shown_is_taken(school: Any) -> None:
    """It ends while the person reads: the other one that waits is shown before it is taken."""
    platform = make_platform()
    operator = make_operator(platform)
    known = make_person(school)
    address = known.user.email
    rows = []
    with use_tenant(platform.id):
        for where in (make_partner(operator, platform), make_partner(operator, platform)):
            rows.append(
                add_member(actor=operator, institution_id=where.pk, name="陈", email=address, role="partner_office")
            )
    client = entered(platform, known)
    key = re.search(r'name="place" value="([^"]+)"', client.get("/accounts/place/").content.decode())
    assert key
    with use_tenant(platform.id):
        end_member(actor=operator, member_id=key[1])  # type: ignore[arg-type]
    assert client.post("/accounts/place/", {"place": key[1]})["Location"] == "/accounts/place/"
    assert not InstitutionMember.objects.accepted().filter(email=address).exists()
    (left,) = [row for row in rows if str(row.pk) != key[1]]
    assert f'value="{left.pk}"' in client.get("/accounts/place/").content.decode()
    assert client.post("/accounts/place/", {"place": str(left.pk)})["Location"] == "/partner/"


def test_nobody_is_flooded_with_codes(school: Any, other_school: Any, texting: Any) -> None:
    """One account sends ten messages a day, and one number gets ten, from however many accounts; taken or not."""
    owner = make_person(other_school)
    owner.user.keep_proved_phone("13922220000")
    owner.user.save()
    told = {}
    for number in ("13922221111", "13922220000"):
        people = [make_person(school), make_person(school)]
        clients = [browser(school) for _person in people]
        for client, person in zip(clients, people, strict=True):
            client.force_login(person.user)
        answers = []
        for step in range(30):
            with as_of(now() + timedelta(minutes=20 * step)):
                asked = {"phone": number, "password": django_settings.DEMO_PASSWORD}
                answers.append(clients[step % 2].post("/accounts/profile/", asked).status_code)
        told[number] = answers
    assert told["13922221111"] == told["13922220000"]
    assert told["13922221111"].count(302) == 10
    assert [number for number, _code in texting] == ["+8613922221111"] * 10 + ["+8613922220000"] * 10
    with use_tenant(school.id):
        assert not AuditEntry.objects.filter(action="profile.phone").exists()


def test_one_account_cannot_write_to_many_numbers(school: Any, texting: Any) -> None:
    member = make_person(school)
    client = browser(school)
    client.force_login(member.user)
    for step in range(30):
        with as_of(now() + timedelta(minutes=20 * step)):
            asked = {"phone": f"139444400{step:02d}", "password": django_settings.DEMO_PASSWORD}
            client.post("/accounts/profile/", asked)
    assert len(texting) == 10


def test_a_code_proves_only_the_number_it_was_sent_to(school: Any, texting: Any) -> None:
    member = make_person(school)
    client = browser(school)
    client.force_login(member.user)
    for minutes, number in ((0, "13933331111"), (2, "13933332222")):
        with as_of(now() + timedelta(minutes=minutes)):
            client.post("/accounts/profile/", {"phone": number, "password": django_settings.DEMO_PASSWORD})
    (_first, early), (_second, late) = texting
    with as_of(now() + timedelta(minutes=3)):
        if early != late:
            assert client.post("/accounts/profile/phone/", {"code": early}).status_code == 422
        assert User.objects.get(pk=member.user_id).phone == ""
        assert client.post("/accounts/profile/phone/", {"code": late}).status_code == 302
    assert User.objects.get(pk=member.user_id).phone == "+8613933332222"
    assert not PhoneCode.objects.exists()


@pytest.mark.parametrize(
    "spelling",
    ["VICTIM@B.EXAMPLE", "ｖｉｃｔｉｍ@b.example", "victim@b。example", "vic\u200btim@b.example", "\u212aim@b.example"],
)
def test_another_spelling_of_an_address_is_the_same_place(
    school: Any, other_school: Any, bosses: Any, spelling: str
) -> None:
    """The letter goes to the one spelling that is kept, and a second place of the same school is refused."""
    kept = "kim@b.example" if "im@" in spelling and "\u212a" in spelling else "victim@b.example"
    assert enrol(school, bosses[0], email=spelling).email == kept
    client = browser(school)
    client.force_login(bosses[0].user)
    assert client.post("/school/members/new/", typed(email=kept)).status_code == 422
    assert take(school, letter_link(school, kept)).status_code == 302
    account = User.objects.get(email=kept)
    place = enrol(other_school, bosses[1], email=kept)
    assert sign_in(other_school, spelling)[1]["Location"] == "/accounts/place/"
    with use_tenant(other_school.id):
        assert (Membership.objects.get(pk=place.pk).user_id, account.pk) == (None, User.objects.get(email=kept).pk)


@pytest.mark.parametrize(
    "near", ["vic.tim@b.example", "victim+a@b.example", "victim@b.example.evil.example", "victím@b.example"]
)
def test_an_address_that_is_near_is_another(school: Any, other_school: Any, bosses: Any, near: str) -> None:
    thief = make_person(school)
    User.objects.filter(pk=thief.user_id).update(email=near)
    place = enrol(other_school, bosses[1], name="V", email="victim@b.example", roles=["finance"])
    assert sign_in(other_school, near, django_settings.DEMO_PASSWORD)[1].status_code != 302
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None


def test_a_key_made_at_one_institution_opens_nothing_at_the_next(school: Any) -> None:
    """The program that holds it belongs to the institution that was left; the person's new place is not its business."""
    platform = make_platform()
    operator = make_operator(platform)
    known = make_person(school)
    key = {"host": platform.host}
    for at_first in (True, False):
        with use_tenant(platform.id):
            where = make_partner(operator, platform)
            place = add_member(
                actor=operator, institution_id=where.pk, name="陈", email=known.user.email, role="partner_office"
            )
        client = entered(platform, known)
        assert client.post("/accounts/place/")["Location"] == "/partner/"
        if at_first:
            with use_tenant(platform.id):
                actor = actor_at(platform, known.user)
                assert actor is not None
                token, raw = issue_token(actor=actor, label="预约系统")
                key["authorization"] = f"Token {raw}"
                assert Client(headers=key).get("/api/v1/people/").status_code == 403, "known, without the permission"
                end_member(actor=operator, member_id=place.pk)
    assert entered(platform, known).get("/partner/").status_code == 200, (
        "on the day of a move one more sign-in is asked"
    )
    assert Client(headers=key).get("/api/v1/people/").status_code == 401
    with use_tenant(platform.id):
        assert AuditEntry.objects.filter(action="token.revoke", object_id=str(token.pk)).count() == 1


def test_a_key_and_a_session_end_with_the_place(school: Any) -> None:
    """From the day after the last one, on the next request; a place elsewhere gives neither back."""
    member = make_person(school, "staff", "finance", "centre")
    with use_tenant(school.id):
        _row, raw = issue_token(actor=actor_of(member), label="表")
    client = browser(school)
    client.force_login(member.user)
    key = {"authorization": f"Token {raw}", "host": school.host}
    assert Client(headers=key).get("/api/v1/people/").status_code == 200
    with use_tenant(school.id):
        Membership.objects.filter(pk=member.pk).update(left_on=local_day(now()) - timedelta(days=1))
    assert Client(headers=key).get("/api/v1/people/").status_code == 401
    assert client.get("/api/v1/people/").status_code in (401, 403)
    assert client.get("/finance/")["Location"].startswith("/accounts/login/")


def test_an_address_rewritten_in_a_taken_place_lets_nobody_in(school: Any, other_school: Any) -> None:
    """Whoever owns the address that the school now writes is nobody there; whoever took the place keeps it."""
    owner, other = make_person(school, "finance"), make_person(other_school)
    with use_tenant(school.id):
        Membership.objects.filter(pk=owner.pk).update(email=other.user.email)
    assert sign_in(school, other.user.email, django_settings.DEMO_PASSWORD)[1].status_code != 302
    assert entered(school, owner).get("/finance/").status_code == 200


def test_an_administrator_named_by_the_operator_waits_like_everybody(school: Any, other_school: Any) -> None:
    known = make_person(other_school)
    with use_tenant(school.id):
        place = appoint_administrator(actor=make_operator(make_platform()), name="新", email=known.user.email)
        assert place.user_id is None
    assert entered(school, known).get("/school/members/")["Location"] == "/accounts/place/"


def test_a_link_from_before_an_account_was_disabled_sets_no_password(school: Any, mailoutbox: list[Any]) -> None:
    member = make_person(school)
    browser(school).post("/accounts/password/reset/", {"email": member.user.email})
    found = re.search(r"(/accounts/password/reset/key/\S+/)", mailoutbox[-1].body)
    assert found
    new = "一二三四五六七八九十百"

    def choose() -> bool:
        client = browser(school)
        answer = client.get(found[1])
        client.post(answer.headers.get("Location", found[1]), {"password1": new, "password2": new})
        return User.objects.get(pk=member.user_id).check_password(new)

    User.objects.filter(pk=member.user_id).update(is_active=False)
    assert not choose()
    User.objects.filter(pk=member.user_id).update(is_active=True)
    assert choose(), "the same link serves whoever is somebody"


@pytest.mark.parametrize("weak", [" " * 12, "a" * 12, "一" * 10, "ab ab ab ab ab", "\u3000" * 11])
def test_one_sign_held_down_is_no_password(school: Any, bosses: Any, weak: str) -> None:
    enrol(school, bosses[0], name="新人", email="new@x.example")
    link = letter_link(school, "new@x.example")
    assert take(school, link, weak).status_code == 422
    assert not User.objects.filter(email="new@x.example").exists()
    assert take(school, link, "abc de abc de").status_code == 302


def test_a_disabled_account_takes_no_place_that_waits_for_it(school: Any, bosses: Any) -> None:
    account = User.objects.create_user(email="new@x.example", is_active=False)
    place = enrol(school, bosses[0], name="新人", email="new@x.example")
    with use_tenant(school.id):
        assert waiting_for(school, account) is None
        with pytest.raises(NotFound):
            accept_signed_in(tenant=school, user=account)
        assert Membership.objects.get(pk=place.pk).user_id is None


def test_a_number_without_a_proof_is_not_kept(school: Any) -> None:
    """allauth hands on what was typed; here only a code makes it the account's."""
    member = make_person(school)
    AccountAdapter().set_phone(member.user, "+8613511112222", verified=False)
    assert User.objects.get(pk=member.user_id).phone_hash is None
    AccountAdapter().set_phone(member.user, "+8613511112222", verified=True)
    assert User.objects.get(pk=member.user_id).phone == "+8613511112222"

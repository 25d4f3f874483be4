"""What one school typed never identifies a person in another (ADR 0010): only its owner takes a place."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core import mail
from django.test import Client

from accounts.invitations import accept_signed_in
from accounts.models import Membership, User
from audit.models import AuditEntry
from kernel.clock import local_day, now
from kernel.errors import Conflict, Invalid
from notifications.drain import drain
from notifications.models import OutboxMessage
from notifications.outbox import enqueue
from people.workflow import MemberFields, add_member
from referrals.models import Referral
from referrals.workflow.notices import tell_deciders
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

PASSWORD = "正确的马和电池和订书钉"
NUMBER = "13711112222"


def browser(school: Any) -> Client:
    return Client(headers={"host": school.host})


def signed_in(school: Any, member: Any) -> Client:
    client = browser(school)
    client.force_login(member.user)
    return client


def typed(**values: Any) -> dict[str, Any]:
    return {"name": "甲", "email": "", "phone": "", "roles": ["staff"], **values}


def enrol(school: Any, boss: Any, **values: Any) -> Membership:
    answer = signed_in(school, boss).post("/school/members/new/", typed(**values))
    assert answer.status_code == 302, answer.content.decode()[:4000]
    with use_tenant(school.id):
        found: Membership = Membership.objects.get(pk=re.search(r"members/([^/]+)/", answer["Location"])[1])  # type: ignore[index]
    return found


def letter_link(school: Any, address: str) -> str:
    """The link in the newest letter to ``address`` that leads to this school's host."""
    with use_tenant(school.id):
        drain()
    bodies = [letter.body for letter in mail.outbox if letter.to == [address] and school.host in letter.body]
    found = re.search(r"(/accounts/invitation/\S+/)", bodies[-1])
    assert found
    return found[1]


def take(school: Any, path: str, password: str = PASSWORD) -> Any:
    return browser(school).post(path, {"new_password1": password, "new_password2": password})


def sign_in(school: Any, login: str, password: str = PASSWORD) -> tuple[Client, Any]:
    client = browser(school)
    return client, client.post("/accounts/login/", {"login": login, "password": password})


@pytest.fixture
def bosses(school: Any, other_school: Any) -> tuple[Any, Any]:
    return make_person(school, "admin", name="甲校管理员"), make_person(other_school, "admin", name="乙校管理员")


def nothing_taken(school: Any, place: Membership, attacker: str) -> None:
    """The attacker neither signs in on the school's host nor sees a page behind the sign-in."""
    client, answer = sign_in(school, attacker)
    assert answer.status_code != 302, "the sign-in form comes back"
    assert client.get("/finance/").status_code == 302
    assert "/accounts/login/" in client.get("/finance/")["Location"]
    with use_tenant(school.id):
        place.refresh_from_db()
        assert (place.user_id, place.accepted_at) == (None, None)
        assert not AuditEntry.objects.filter(action="invitation.accept").exists()


@pytest.mark.parametrize("way", ["by hand", "by list"])
def test_a_number_that_another_school_typed_takes_no_place(
    school: Any, other_school: Any, bosses: Any, way: str
) -> None:
    """A's administrator types a colleague of B with an address of their own; B types the colleague by number only."""
    mine, theirs = bosses
    enrol(school, mine, email="attacker@evil.example", phone=NUMBER)
    assert take(school, letter_link(school, "attacker@evil.example")).status_code == 302
    if way == "by hand":
        place = enrol(other_school, theirs, name="王财务", phone=NUMBER, roles=["finance"])
    else:
        place = by_list(other_school, theirs, f"工号,姓名,手机\nF1,王财务,{NUMBER}\n")
        with use_tenant(other_school.id):
            Membership.objects.filter(pk=place.pk).update(roles=["finance"])
    nothing_taken(other_school, place, "attacker@evil.example")
    assert sign_in(school, "attacker@evil.example")[1].status_code == 302, "their own school still knows them"


def by_list(school: Any, boss: Any, content: str) -> Membership:
    from people.roster.workflow.applying import apply_roster
    from people.roster.workflow.previewing import preview_roster

    with use_tenant(school.id):
        roster = preview_roster(actor=actor_of(boss), content=content.encode(), file_name="list.csv")
        assert apply_roster(actor=actor_of(boss), import_id=roster.pk).counts["created"] == 1
        found: Membership = Membership.objects.get(staff_no="F1")
    return found


def sent_codes(phone: str, code: str) -> None:
    """A stand-in for the way text messages leave (``SIGN_IN_SMS``)."""
    SENT.append((phone, code))


SENT: list[tuple[str, str]] = []


@pytest.fixture
def texting(settings: Any) -> Any:
    SENT.clear()
    settings.SIGN_IN_SMS = f"{__name__}.sent_codes"
    return SENT


def test_a_newcomers_address_typed_elsewhere_with_ones_own_number_opens_nothing(
    school: Any, other_school: Any, bosses: Any, texting: Any
) -> None:
    """The reverse, with sign-in by text message switched on: A types B's newcomer with the attacker's number."""
    mine, theirs = bosses
    enrol(school, mine, email="newcomer@b.example", phone=NUMBER)
    place = enrol(other_school, theirs, name="新同事", email="newcomer@b.example", roles=["finance"])
    for host in (school, other_school):
        assert browser(host).post("/accounts/login/code/", {"phone": NUMBER}).status_code in (200, 302)
    assert texting == [], "no account has proved the number: no code leaves"
    nothing_taken(other_school, place, NUMBER)
    assert take(other_school, letter_link(other_school, "newcomer@b.example")).status_code == 302
    assert browser(other_school).post("/accounts/login/code/", {"phone": NUMBER}).status_code in (200, 302)
    assert texting == []
    client, answer = sign_in(other_school, "newcomer@b.example")
    assert (answer.status_code, client.get("/finance/").status_code) == (302, 200)


def test_a_number_buys_no_address(school: Any, other_school: Any, bosses: Any) -> None:
    """B types a name and a number; A knows the person by both. B sees nothing of what A typed."""
    mine, theirs = bosses
    enrol(school, mine, name="受害人", email="victim.canary@private-mail.example", phone=NUMBER)
    assert take(school, letter_link(school, "victim.canary@private-mail.example")).status_code == 302
    place = enrol(other_school, theirs, name="随便", phone=NUMBER)
    desk = signed_in(other_school, theirs)
    for page in (
        f"/school/members/{place.pk}/", "/school/members/", "/school/members/export.csv", "/api/v1/people/",
        "/school/members/?q=victim", "/school/members/?q=受害人",
    ):  # fmt: skip
        answer = desk.get(page)
        assert answer.status_code == 200
        shown = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert b"victim.canary" not in shown
        assert "受害人".encode() not in shown.replace("?q=受害人".encode(), b"").replace('value="受害人"'.encode(), b"")
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None, "nobody became a member without being asked"


def test_who_has_an_account_signs_in_with_it_and_takes_the_place(school: Any, other_school: Any, bosses: Any) -> None:
    """The first page is the same as for somebody new; the account's own password opens it, and only with a click."""
    known = make_person(school, name="李明华")
    fresh_place = enrol(other_school, bosses[1], name="新人", email="fresh@b.example")
    place = enrol(other_school, bosses[1], name="李老师", email=known.user.email, roles=["finance"])
    path, fresh = letter_link(other_school, known.user.email), letter_link(other_school, "fresh@b.example")
    pages = [
        browser(other_school).get(link).content.decode().replace(address, "").replace(link, "")
        for link, address in ((path, known.user.email), (fresh, "fresh@b.example"))
    ]
    plain = [re.sub(r'(csrfmiddlewaretoken" value|nonce)="[^"]+"', "", page) for page in pages]
    assert plain[0] == plain[1]
    client = browser(other_school)
    assert client.post(path, {"new_password1": PASSWORD, "new_password2": PASSWORD})["Location"].startswith(
        "/accounts/login/"
    ), "no second account, and the first one's password stays"
    assert User.objects.get(pk=known.user_id).check_password(django_settings.DEMO_PASSWORD)
    assert sign_in(other_school, known.user.email, "wrong-password")[1].status_code != 302
    client, answer = sign_in(other_school, known.user.email, django_settings.DEMO_PASSWORD)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/place/")
    assert client.get("/finance/")["Location"] == "/accounts/place/", "no right before the click"
    page = client.get("/accounts/place/").content.decode()
    assert other_school.name in page and "李老师" in page
    assert client.head("/accounts/place/").status_code == 200
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None
    assert client.post("/accounts/place/")["Location"] == "/finance/"
    assert client.get("/finance/").status_code == 200
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id == known.user_id
        assert Membership.objects.get(pk=fresh_place.pk).user_id is None
    assert browser(other_school).get(path).status_code == 404, "the link is spent"


def test_one_person_has_one_place_in_a_school(school: Any, bosses: Any) -> None:
    """Somebody who is here opens an invitation to their other row: told in words, and nothing moves."""
    here = make_person(school, name="李明华", email="typed@school.example")
    second = enrol(school, bosses[0], name="李明华", email=here.user.email)
    client = signed_in(school, here)
    path = letter_link(school, here.user.email)
    answer = client.post(path)
    assert answer.status_code == 409
    assert "You have a place here already" in client.post(path, headers={"accept-language": "en"}).content.decode()
    with use_tenant(school.id):
        with pytest.raises(Conflict) as held:
            accept_signed_in(tenant=school, user=here.user)
        assert held.value.reason == "place_held"
        assert Membership.objects.get(pk=second.pk).user_id is None
        assert not AuditEntry.objects.filter(action="invitation.accept").exists()


def test_a_leaver_entered_anew_takes_the_new_place_and_the_old_one_lets_go(school: Any, bosses: Any) -> None:
    yesterday = local_day(now()) - timedelta(days=1)
    old = make_person(school, name="李明华", email="typed@school.example", left_on=yesterday)
    second = enrol(school, bosses[0], name="李明华", email=old.user.email)
    client = Client(HTTP_HOST=school.host)
    login = {"login": old.user.email, "password": django_settings.DEMO_PASSWORD}
    assert client.post("/accounts/login/", login)["Location"] == "/accounts/place/"
    assert client.post("/accounts/place/")["Location"] == "/my/"
    with use_tenant(school.id):
        assert Membership.objects.get(pk=second.pk).user_id == old.user_id
        assert Membership.objects.get(pk=old.pk).user_id is None
    assert client.get("/my/").status_code == 200


def test_a_session_from_before_the_last_day_opens_no_new_place(school: Any, bosses: Any) -> None:
    """Left behind on a computer of the school, it may be anybody's: the new place asks for the sign-in once more."""
    left = local_day(now()) - timedelta(days=3)
    old = make_person(school, name="李明华", email="typed@school.example")
    left_behind, _answer = sign_in(school, old.user.email, django_settings.DEMO_PASSWORD)
    session = left_behind.session
    (signed,) = session["account_authentication_methods"]
    session["account_authentication_methods"] = [{**signed, "at": (now() - timedelta(days=5)).timestamp()}]
    session.save()
    assert left_behind.get("/my/").status_code == 200
    with use_tenant(school.id):
        Membership.objects.filter(pk=old.pk).update(left_on=left)
    enrol(school, bosses[0], name="李明华", email=old.user.email)
    client, answer = sign_in(school, old.user.email, django_settings.DEMO_PASSWORD)
    assert answer["Location"] == "/accounts/place/"
    assert client.post("/accounts/place/")["Location"] == "/my/"
    assert client.get("/my/").status_code == 200
    assert left_behind.get("/my/").status_code == 302, "nobody"
    assert left_behind.get("/api/v1/services/").status_code == 401


def test_a_proved_number_offers_the_place_that_waits_for_it(
    school: Any, other_school: Any, bosses: Any, texting: Any
) -> None:
    """B typed a number only. Its owner proved it at A, signs in on B's host with a code, and takes the place."""
    number = "13711113333"  # requests for a code are counted by number
    owner = make_person(school, name="李明华")
    owner.user.keep_proved_phone(number)
    owner.user.save()
    thief = make_person(school, name="别人")
    place = enrol(other_school, bosses[1], name="李会计", phone=number, roles=["finance"])
    assert sign_in(other_school, thief.user.email, django_settings.DEMO_PASSWORD)[1].status_code != 302
    client = browser(other_school)
    client.post("/accounts/login/code/", {"phone": number})
    ((sent_to, code),) = texting
    assert sent_to == f"+86{number}"
    answer = client.post("/accounts/login/code/confirm/", {"code": code})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/place/")
    assert "李会计" in client.get("/accounts/place/").content.decode()
    assert client.post("/accounts/place/")["Location"] == "/finance/"
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id == owner.user_id


def test_a_place_with_an_address_opens_to_its_owner_only_whatever_number_was_typed_beside_it(
    school: Any, other_school: Any, bosses: Any, texting: Any
) -> None:
    """B typed one person's address and, a figure wrong, somebody else's number: a slip hands nobody a place."""
    number = "13711114444"
    owner, other = make_person(school, name="李明华"), make_person(school, name="别人")
    other.user.keep_proved_phone(number)
    other.user.save()
    place = enrol(other_school, bosses[1], name="李会计", email=owner.user.email, phone=number, roles=["finance"])
    client = browser(other_school)
    client.post("/accounts/login/code/", {"phone": number})
    ((_sent_to, code),) = texting
    assert client.post("/accounts/login/code/confirm/", {"code": code})["Location"] == "/accounts/login/"
    elsewhere = browser(other_school)
    elsewhere.force_login(other.user)
    assert "李会计" not in elsewhere.get("/accounts/place/", follow=True).content.decode()
    elsewhere.post("/accounts/place/")
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id is None
    client, answer = sign_in(other_school, owner.user.email, django_settings.DEMO_PASSWORD)
    assert answer["Location"] == "/accounts/place/"
    assert client.post("/accounts/place/")["Location"] == "/finance/"
    with use_tenant(other_school.id):
        assert Membership.objects.get(pk=place.pk).user_id == owner.user_id


def test_an_address_is_one_in_every_spelling_of_its_domain_and_no_machine_has_one(
    school: Any, other_school: Any, bosses: Any
) -> None:
    owner = make_person(school)
    place = enrol(other_school, bosses[1], name="李会计", email="Wang@育才.中国", roles=["finance"])
    assert place.email == "wang@xn--mpun09d.xn--fiqs8s"
    type(owner.user).objects.filter(pk=owner.user_id).update(email=place.email)
    client, answer = sign_in(other_school, "wang＠育才。中国", django_settings.DEMO_PASSWORD)  # noqa: RUF001
    assert answer["Location"] == "/accounts/place/"
    for machine in ("wang@[127.0.0.1]", "wang@育才_.中国"):
        answer = signed_in(school, bosses[0]).post("/school/members/new/", typed(email=machine))
        assert answer.status_code == 422
        with use_tenant(school.id):
            with pytest.raises(Invalid, match="email_invalid"):
                add_member(
                    actor=actor_of(bosses[0]), email=machine, phone="",
                    fields=MemberFields(name="甲", roles=frozenset({"staff"})),
                )  # fmt: skip
            assert not Membership.objects.filter(email__startswith="wang").exists()
    page = signed_in(school, bosses[0]).post("/school/members/new/", typed(email="wang@[127.0.0.1]")).content.decode()
    assert "不能是方括号里的地址" in page


def test_a_list_never_moves_a_place_that_was_taken(school: Any, other_school: Any, bosses: Any) -> None:
    """Whatever address or number a list names, who has accepted keeps their account, and their account its address."""
    owner = make_person(school, "staff", name="李明华", staff_no="F1")
    stranger = make_person(other_school)
    from people.roster.workflow.applying import apply_roster
    from people.roster.workflow.previewing import preview_roster

    with use_tenant(school.id):
        content = f"工号,姓名,邮箱,手机\nF1,李明华,{stranger.user.email},{NUMBER}\n".encode()
        roster = preview_roster(actor=actor_of(bosses[0]), content=content, file_name="list.csv")
        apply_roster(actor=actor_of(bosses[0]), import_id=roster.pk)
        after = Membership.objects.get(pk=owner.pk)
    assert (after.user_id, after.email, after.phone) == (owner.user_id, stranger.user.email, f"+86{NUMBER}")
    account = User.objects.get(pk=owner.user_id)
    assert (account.email, account.phone) == (owner.user.email, "")


def test_deciders_of_today_are_told_and_nobody_else(school: Any) -> None:
    """Who leaves later decides today; who begins later, has left, or has not taken the place is told nothing."""
    today = local_day(now())
    here = make_person(school, "union", name="在任", left_on=today + timedelta(days=30))
    last_day = make_person(school, "union", name="最后一天", left_on=today)
    make_person(school, "union", name="未到岗", active_from=today + timedelta(days=1))
    make_person(school, "union", name="已离职", left_on=today - timedelta(days=1))
    with use_tenant(school.id):
        Membership.objects.create(name="未加入", roles=["union"], email="waits@x.example")
        told = Membership.objects.current(today).accepted().filter(roles__contains=["union"])
        assert set(told) == {here, last_day}
        tell_deciders(Referral(number="R1"), "union")
        rows = OutboxMessage.objects.filter(template="referral_needs_decision")
        assert set(rows.values_list("to_user_id", flat=True)) == {here.user_id, last_day.user_id}


def test_a_waiting_place_is_written_its_invitation_and_nothing_else(school: Any) -> None:
    with use_tenant(school.id):
        waits = Membership.objects.create(name="未加入", roles=["staff"], email="waits@x.example")
        with pytest.raises(ValueError, match="invitation only"):
            enqueue(key="k", template="referral_approved", to=waits)
        assert not OutboxMessage.objects.exists()

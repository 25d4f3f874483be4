"""A person without a password is invited by e-mail: once, neutrally, with a link that works once and ends."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import invitations
from accounts.models import Membership, User
from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, NotFound, Refused, TooMany
from notifications.drain import drain
from notifications.models import OutboxMessage
from people.invitations import invite_again, invite_all, never_invited
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import choose_invitations, preview_roster
from people.texts import account_text
from people.workflow import MemberFields, add_member, update_member
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

PASSWORD = "正确的马和电池和订书钉"
FIELDS = MemberFields(name="王小芳", roles=frozenset({"staff"}))


@pytest.fixture
def admin(school: Any) -> Any:
    with use_tenant(school.id):
        yield actor_of(make_person(school, "admin", "staff"))


def add(admin: Any, email: str = "wang@i.example", phone: str = "") -> Membership:
    return add_member(actor=admin, email=email, phone=phone, fields=FIELDS)


def letters() -> int:
    return OutboxMessage.objects.filter(template="account_created").count()


def link_of(text: str) -> str:
    found = re.search(r"http://[^/\s]+(/accounts/invitation/\S+/)", text)
    assert found, text
    return found[1]


def browser(school: Any) -> Client:
    return Client(headers={"host": school.host})


def token_of(member: Membership) -> str:
    member.refresh_from_db()
    return invitations.path_for("member", member).split("/")[-2]


def path_of(member: Membership) -> str:
    return f"/accounts/invitation/{token_of(member)}/"


def accept(school: Any, path: str, password: str = PASSWORD) -> Any:
    return browser(school).post(path, {"new_password1": password, "new_password2": password})


def test_a_new_member_gets_one_neutral_letter_and_takes_the_place_with_a_password(admin: Any, school: Any) -> None:
    member = add(admin)
    assert letters() == 1
    row = OutboxMessage.objects.get()
    assert (row.link, row.to_user_id) == ("", None), "the link stands in no table, and no account is meant"
    assert not mail.outbox, "written with the act, sent by the drainer"
    drain()
    (letter,) = mail.outbox
    assert letter.to == ["wang@i.example"]
    assert member.name not in letter.subject + letter.body
    assert school.host in letter.body
    path = link_of(letter.body)
    for answer in (browser(school).get(path), browser(school).head(path)):
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
    assert not User.objects.filter(email="wang@i.example").exists(), "looking changes nothing"
    assert school.name in browser(school).get(path).content.decode()
    on = browser(school).post(path)
    assert on["Location"] == f"{path}?choose=1", "the form has an address: Back and another language find it again"
    for _ in range(2):
        assert "new_password1" in browser(school).get(on["Location"]).content.decode()
    assert accept(school, path, "12345678").status_code == 422
    assert not User.objects.filter(email="wang@i.example").exists()
    answer = accept(school, path)
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    member.refresh_from_db()
    assert member.accepted_at is not None
    assert (member.user.email, member.user.check_password(PASSWORD)) == ("wang@i.example", True)
    signed_in = browser(school).post("/accounts/login/", {"login": "wang@i.example", "password": PASSWORD})
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/my/")
    assert AuditEntry.objects.filter(action="invitation.accept").count() == 1


def test_the_address_of_the_form_asks_no_password_of_an_account_that_has_one(admin: Any, school: Any) -> None:
    member = add(admin)
    path = path_of(member)
    User.objects.create_user(email="wang@i.example", password=PASSWORD, full_name="王")
    assert browser(school).get(f"{path}?choose=1")["Location"] == path
    assert browser(school).post(path)["Location"].startswith("/accounts/login/")


def test_used_old_wrong_and_foreign_links_look_the_same_and_set_nothing(
    admin: Any, school: Any, other_school: Any
) -> None:
    waiting = add(admin)
    path = path_of(waiting)
    used_path = path_of(add(admin, "used@i.example"))
    assert accept(school, used_path).status_code == 302
    moved = add(admin, "moved@i.example")
    moved_path = path_of(moved)
    update_member(
        actor=admin,
        membership_id=moved.pk,
        fields=MemberFields(name="王小芳", roles=frozenset({"staff"}), email="elsewhere@i.example"),
    )
    readdressed = add(admin, "before@i.example")
    readdressed_path = path_of(readdressed)
    Membership.objects.filter(pk=readdressed.pk).update(email="after@i.example")
    again = add(admin, "again@i.example")
    earlier_path = path_of(again)
    with as_of(now() + timedelta(hours=2)):
        invite_again(actor=admin, membership_id=again.pk)
    gone = add(admin, "gone@i.example")
    gone_path = path_of(gone)
    Membership.objects.filter(pk=gone.pk).update(left_on=(now() - timedelta(days=2)).date())
    accounts, bodies = User.objects.count(), set()
    body = {"new_password1": "另一个很长的密码短语", "new_password2": "另一个很长的密码短语"}
    for where, link in (
        (school, used_path),
        (school, moved_path),
        (school, readdressed_path),
        (school, earlier_path),
        (school, gone_path),
        (school, "/accounts/invitation/nonsense/"),
        (school, path[:-3] + "x/"),
        (other_school, path),
    ):
        for answer in (browser(where).get(link), browser(where).post(link, body), browser(where).post(link)):
            assert answer.status_code == 404, link
            found = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
            assert found
            bodies.add(found[0])
    assert len(bodies) == 1
    assert User.objects.count() == accounts
    assert User.objects.get(email="used@i.example").check_password(PASSWORD)
    assert not Membership.objects.accepted().filter(pk__in=[waiting.pk, moved.pk, again.pk, gone.pk]).exists()
    assert AuditEntry.objects.filter(action="invitation.accept").count() == 1
    assert accept(school, path_of(again)).status_code == 302, "the newest link opens"


def test_a_link_ends_after_its_days(admin: Any, school: Any, settings: Any) -> None:
    member = add(admin)
    token = token_of(member)
    assert invitations.invited(token, school).row == member
    settings.INVITATION_DAYS = -1
    with pytest.raises(NotFound, match="invitation_ended"):
        invitations.accept_with_password(token=token, tenant=school, password=PASSWORD)
    settings.INVITATION_DAYS = 14
    with pytest.raises(ValidationError):
        invitations.accept_with_password(token=token, tenant=school, password="short")
    assert not User.objects.filter(email=member.email).exists()


def test_who_has_an_account_elsewhere_gets_the_same_letter_and_who_has_no_address_none(
    admin: Any, other_school: Any
) -> None:
    elsewhere = make_person(other_school)
    known, new = add(admin, elsewhere.user.email), add(admin, "new@i.example")
    add(admin, "", "13800138000")
    assert letters() == 2
    for member in (known, new):
        member.refresh_from_db()
        assert (member.user_id, account_text(member)) == (None, account_text(new))
    drain()
    known_letter, new_letter = mail.outbox
    assert known_letter.subject == new_letter.subject
    assert known_letter.body.split("http")[0] == new_letter.body.split("http")[0]


def test_a_letter_that_is_no_longer_needed_is_not_sent(admin: Any, school: Any) -> None:
    assert accept(school, path_of(add(admin))).status_code == 302
    drain()
    assert [letter for letter in mail.outbox if "invitation" in letter.body] == []
    assert OutboxMessage.objects.get(template="account_created").last_error == "not_needed"


def test_again_only_after_an_hour_and_only_by_the_administration(admin: Any, school: Any) -> None:
    member = add(admin)
    with pytest.raises(TooMany, match="invitation_too_soon"):
        invite_again(actor=admin, membership_id=member.pk)
    with as_of(now() + timedelta(minutes=61)):
        with pytest.raises(Forbidden):
            invite_again(actor=actor_of(make_person(school)), membership_id=member.pk)
        assert letters() == 1
        invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 2
    assert AuditEntry.objects.filter(action="invitation.send").count() == 1
    assert accept(school, path_of(member)).status_code == 302
    with as_of(now() + timedelta(hours=9)), pytest.raises(Refused):
        invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 2


def test_another_address_is_not_invited_yet_and_may_be_at_once(admin: Any) -> None:
    """The pause between two letters is one mailbox's: who was typed wrong need not wait an hour for the right one."""
    member = add(admin, "tpyo@i.example")
    with pytest.raises(TooMany, match="invitation_too_soon"):
        invite_again(actor=admin, membership_id=member.pk)
    for email, is_invited in (("tpyo@i.example", True), (None, True), ("wang@i.example", False)):
        member = update_member(actor=admin, membership_id=member.pk, fields=replace(FIELDS, email=email))
        assert (member.invited_at is not None) is is_invited, email
    assert account_text(member) == "还没有邀请"
    invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 2


def test_a_disabled_account_is_not_opened_by_an_invitation(admin: Any, school: Any) -> None:
    User.objects.create_user("wang@i.example", PASSWORD, is_active=False)
    member = add(admin)
    assert accept(school, path_of(member))["Location"].startswith("/accounts/login/")
    client = browser(school)
    client.post("/accounts/login/", {"login": "wang@i.example", "password": PASSWORD})
    for path in ("/my/", "/accounts/place/"):
        assert client.get(path)["Location"].startswith("/accounts/login/")
    assert client.post("/accounts/place/")["Location"].startswith("/accounts/login/")
    member.refresh_from_db()
    assert (member.user_id, User.objects.get(email="wang@i.example").is_active) == (None, False)


def test_the_members_page_shows_the_state_and_sends_again_after_a_question(school: Any, client: Any) -> None:
    boss = make_person(school, "admin", "staff")
    host = {"headers": {"host": school.host}}
    client.force_login(boss.user)
    with use_tenant(school.id):
        member = add(actor_of(boss))
        Membership.objects.filter(pk=member.pk).update(invited_at=None)
    path = f"/school/members/{member.pk}/"
    assert "还没有邀请" in client.get(path, **host).content.decode()
    assert "王小芳" in client.get(f"{path}invite/", **host).content.decode()
    with use_tenant(school.id):
        assert letters() == 1, "the question sends nothing"
    assert client.post(f"{path}invite/", **host).status_code == 302
    page = client.get(path, **host).content.decode()
    assert "已邀请" in page
    assert client.post(f"{path}invite/", **host).status_code == 429
    with use_tenant(school.id):
        assert letters() == 2
    client.force_login(make_person(school).user)
    assert client.post(f"{path}invite/", **host).status_code == 404


def preview(admin: Any) -> Any:
    rows = ["工号,姓名,邮箱,手机号", "T1,李明华,li@r.example,", "T2,王芳,wang@r.example,", "T3,赵敏,,13800138001"]
    return preview_roster(actor=admin, content="\n".join(rows).encode(), file_name="list.csv")


def test_a_list_invites_those_who_are_new_once_and_only_when_ticked(admin: Any) -> None:
    roster = preview(admin)
    apply_roster(actor=admin, import_id=roster.pk)
    assert letters() == 0
    Membership.objects.filter(staff_no__startswith="T").delete()
    roster = preview(admin)
    choose_invitations(actor=admin, import_id=roster.pk, wanted=True)
    done = apply_roster(actor=admin, import_id=roster.pk)
    assert (done.counts["created"], done.counts["invited"], letters()) == (3, 2, 2)
    apply_roster(actor=admin, import_id=roster.pk)
    assert letters() == 2
    with pytest.raises(Conflict, match="roster_begun"):
        choose_invitations(actor=admin, import_id=roster.pk, wanted=False)


@pytest.mark.parametrize("ticked", [True, False])
def test_the_preview_has_the_tick_and_it_is_on(school: Any, client: Any, ticked: bool) -> None:
    boss = make_person(school, "admin", "staff")
    client.force_login(boss.user)
    host = {"headers": {"host": school.host}}
    with use_tenant(school.id):
        roster = preview(actor_of(boss))
    page = client.get(f"/school/roster/{roster.pk}/", **host).content.decode()
    assert re.search(r'name="invites"[^>]*checked', page)
    client.post(f"/school/roster/{roster.pk}/apply/", {"invites": "1"} if ticked else {}, **host)
    with use_tenant(school.id):
        apply_roster(actor=actor_of(boss), import_id=roster.pk)
        assert letters() == (2 if ticked else 0)


def test_all_who_were_never_invited_are_those_who_stay(admin: Any) -> None:
    stays, leaver = add(admin), add(admin, "gone@i.example")
    Membership.objects.update(invited_at=None)
    Membership.objects.filter(pk=leaver.pk).update(left_on=local_day(now()) - timedelta(days=1))
    OutboxMessage.objects.all().delete()
    assert [member.pk for member in never_invited()] == [stays.pk], "the button says how many it invites"
    assert invite_all(actor=admin) == 1
    assert [message.to_place for message in OutboxMessage.objects.filter(template="account_created")] == [stays.pk]
    leaver.refresh_from_db()
    assert leaver.invited_at is None

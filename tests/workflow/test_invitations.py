"""A person without a password is invited by e-mail: once, neutrally, with a link that works once and ends."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from accounts import invitations
from accounts.members import MemberFields, add_member
from accounts.models import Membership, User
from accounts.roster.workflow import apply_roster, choose_invitations, preview_roster
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, NotFound, Refused, TooMany
from notifications.drain import drain
from notifications.models import OutboxMessage
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


def test_a_new_member_gets_one_neutral_letter_and_chooses_a_password(admin: Any, school: Any) -> None:
    member = add(admin)
    assert letters() == 1
    assert OutboxMessage.objects.get().link == "", "the link stands in no table"
    assert not mail.outbox, "written with the act, sent by the drainer"
    drain()
    (letter,) = mail.outbox
    assert letter.to == ["wang@i.example"]
    assert member.name not in letter.subject + letter.body
    assert school.host in letter.body
    path = link_of(letter.body)
    page = browser(school).get(path)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert not User.objects.get(pk=member.user_id).has_usable_password(), "looking changes nothing"
    weak = browser(school).post(path, {"new_password1": "12345678", "new_password2": "12345678"})
    assert weak.status_code == 422
    answer = browser(school).post(path, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert User.objects.get(pk=member.user_id).check_password(PASSWORD)
    signed_in = browser(school).post("/accounts/login/", {"login": "wang@i.example", "password": PASSWORD})
    assert signed_in.status_code == 302
    assert AuditEntry.objects.filter(action="invitation.accept").count() == 1


def test_used_old_wrong_and_foreign_links_look_the_same_and_set_nothing(
    admin: Any, school: Any, other_school: Any
) -> None:
    member = add(admin)
    user = User.objects.get(pk=member.user_id)
    path = invitations.path_for(user)
    used = User.objects.get(pk=add(admin, "used@i.example").user_id)
    used_path = invitations.path_for(used)
    assert browser(school).post(used_path, {"new_password1": PASSWORD, "new_password2": PASSWORD}).status_code == 302
    moved = User.objects.get(pk=add(admin, "moved@i.example").user_id)
    moved_path = invitations.path_for(moved)
    User.objects.filter(pk=moved.pk).update(email="elsewhere@i.example")
    gone = add(admin, "gone@i.example")
    gone_path = invitations.path_for(gone.user)
    Membership.objects.filter(pk=gone.pk).update(left_on=(now() - timedelta(days=2)).date())
    bodies = set()
    body = {"new_password1": "另一个很长的密码短语", "new_password2": "另一个很长的密码短语"}
    for where, link in (
        (school, used_path),
        (school, moved_path),
        (school, gone_path),
        (school, "/accounts/invitation/nonsense/"),
        (school, path[:-3] + "x/"),
        (other_school, path),
    ):
        for answer in (browser(where).get(link), browser(where).post(link, body)):
            assert answer.status_code == 404, link
            found = re.search(r"<main.*</main>", answer.content.decode(), re.DOTALL)
            assert found
            bodies.add(found[0])
    assert len(bodies) == 1
    assert User.objects.get(pk=used.pk).check_password(PASSWORD)
    assert not User.objects.get(pk=user.pk).has_usable_password()
    assert AuditEntry.objects.filter(action="invitation.accept").count() == 1


def test_a_link_ends_after_its_days(admin: Any, school: Any, settings: Any) -> None:
    user = add(admin).user
    token = invitations.path_for(user).split("/")[-2]
    assert invitations.invited(token, school) == user
    settings.INVITATION_DAYS = -1
    with pytest.raises(NotFound, match="invitation_ended"):
        invitations.accept(token=token, tenant=school, password=PASSWORD)
    settings.INVITATION_DAYS = 14
    with pytest.raises(ValidationError):
        invitations.accept(token=token, tenant=school, password="short")
    assert not User.objects.get(pk=user.pk).has_usable_password()


def test_who_has_a_password_or_no_address_gets_none(admin: Any, other_school: Any) -> None:
    elsewhere = make_person(other_school)
    add(admin, elsewhere.user.email)
    add(admin, "", "13800138000")
    assert letters() == 0


def test_a_letter_that_is_no_longer_needed_is_not_sent(admin: Any) -> None:
    user = add(admin).user
    user.set_password(PASSWORD)
    user.save()
    drain()
    assert not mail.outbox
    assert OutboxMessage.objects.get().last_error == "not_needed"


def test_again_only_after_an_hour_and_only_by_the_administration(admin: Any, school: Any) -> None:
    member = add(admin)
    with pytest.raises(TooMany, match="invitation_too_soon"):
        invitations.invite_again(actor=admin, membership_id=member.pk)
    with as_of(now() + timedelta(minutes=61)):
        with pytest.raises(Forbidden):
            invitations.invite_again(actor=actor_of(make_person(school)), membership_id=member.pk)
        assert letters() == 1
        invitations.invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 2
    assert AuditEntry.objects.filter(action="invitation.send").count() == 1
    user = member.user
    user.set_password(PASSWORD)
    user.save()
    with as_of(now() + timedelta(hours=9)), pytest.raises(Refused):
        invitations.invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 2


def test_a_disabled_account_is_not_invited(admin: Any, school: Any) -> None:
    member = add(admin)
    path = invitations.path_for(member.user)
    User.objects.filter(pk=member.user_id).update(is_active=False)
    with as_of(now() + timedelta(hours=2)), pytest.raises(Refused, match="invitation_needless"):
        invitations.invite_again(actor=admin, membership_id=member.pk)
    assert letters() == 1
    assert browser(school).get(path).status_code == 404


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

"""Who belongs to a school and with which role is changed by its administrators alone, with care."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.models import Department, Membership, User
from audit.models import AuditEntry
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from people.workflow import (
    MemberFields,
    access_member,
    add_member,
    remove_department,
    save_department,
    search_members,
    update_member,
)
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

TODAY = local_day(now())


@pytest.fixture
def admin(school: Any) -> Any:
    membership = make_person(school, "admin", name="管理员")
    with use_tenant(school.id):
        yield actor_of(membership)


def fields(member: Any = None, **values: Any) -> MemberFields:
    base = (
        {"name": member.name, "roles": frozenset(member.roles)}
        if member
        else {"name": "王芳", "roles": frozenset({"staff"})}
    )
    return MemberFields(**{**base, **values})


def refuses(kind: type[Exception], code: str, actor: Actor, member: Any, **values: Any) -> None:
    before = Membership.objects.values().get(pk=member.pk)
    rows = AuditEntry.objects.count()
    with pytest.raises(kind) as refusal:
        update_member(actor=actor, membership_id=member.pk, fields=fields(member, **values))
    assert refusal.value.reason == code
    assert Membership.objects.values().get(pk=member.pk) == before
    assert AuditEntry.objects.count() == rows


def test_a_role_is_given_and_recorded(admin: Any, school: Any) -> None:
    member = make_person(school)
    update_member(actor=admin, membership_id=member.pk, fields=fields(member, roles=frozenset({"staff", "union"})))
    member.refresh_from_db()
    assert member.roles == ["staff", "union"]
    entry = AuditEntry.objects.get(action="member.update")
    assert entry.facts["roles_gained"] == ["union"]


def test_an_administrator_cannot_raise_themself(admin: Any) -> None:
    me = Membership.objects.get(pk=admin.membership_id)
    make = frozenset({"admin", "editor"})
    refuses(Refused, "own_roles", admin, me, roles=make)


def test_nobody_sets_or_moves_their_own_last_day(admin: Any, school: Any) -> None:
    """Not even with another administrator there: who leaves is said by somebody else."""
    make_person(school, "admin", name="第二位")
    me = Membership.objects.get(pk=admin.membership_id)
    for last_day in (TODAY, TODAY + timedelta(days=90)):
        refuses(Refused, "own_roles", admin, me, left_on=last_day)


def test_the_last_administrator_stays(admin: Any, school: Any) -> None:
    second = make_person(school, "admin", name="第二位")
    me = Membership.objects.get(pk=admin.membership_id)
    update_member(actor=actor_of(second), membership_id=me.pk, fields=fields(me, roles=frozenset({"staff"})))
    refuses(Refused, "own_roles", actor_of(second), second, roles=frozenset({"staff"}))
    third = make_person(school, "admin", name="已离职", left_on=TODAY - timedelta(days=1))
    refuses(Refused, "last_admin", actor_of(third), second, left_on=TODAY - timedelta(days=1))


def test_who_hands_out_roles_does_not_decide(admin: Any, school: Any) -> None:
    member = make_person(school)
    for role in ("centre", "duty", "union", "finance"):
        refuses(Refused, "role_conflict", admin, member, roles=frozenset({"admin", role}))


def test_nobody_else_changes_members(admin: Any, school: Any) -> None:
    member = make_person(school)
    for role in ("staff", "principal", "finance", "centre", "editor"):
        refuses(Forbidden, "forbidden", actor_of(make_person(school, role)), member, roles=frozenset({"admin"}))
        with pytest.raises(NotFound):
            access_member(actor_of(make_person(school, role)), member.pk)


def test_another_schools_member_is_not_found(admin: Any, other_school: Any) -> None:
    foreign = make_person(other_school)
    for membership_id in (foreign.pk, uuid4()):
        with pytest.raises(NotFound):
            update_member(actor=admin, membership_id=membership_id, fields=fields())
        with pytest.raises(NotFound):
            access_member(admin, membership_id)


def test_a_department_of_another_school_cannot_be_given(admin: Any, school: Any, other_school: Any) -> None:
    with use_tenant(other_school.id):
        foreign = Department.objects.create(name="语文组")
    member = make_person(school)
    refuses(NotFound, "not_found", admin, member, department_id=foreign.pk)


def test_what_a_member_cannot_be_is_refused(admin: Any, school: Any) -> None:
    make_person(school, staff_no="YC-7")
    member = make_person(school, staff_no="YC-8")
    refuses(Invalid, "before_start", admin, member, active_from=TODAY, left_on=TODAY - timedelta(days=1))
    refuses(Invalid, "member_roles", admin, member, roles=frozenset({"staff", "emperor"}))
    refuses(Invalid, "member_roles", admin, member, roles=frozenset())
    refuses(Invalid, "member_roles", admin, member, roles=frozenset({"operator"}))
    refuses(Invalid, "staff_no_taken", admin, member, staff_no="YC-7")
    refuses(Invalid, "member_name", admin, member, name="   ")
    update_member(actor=admin, membership_id=member.pk, fields=fields(member, active_from=TODAY, left_on=TODAY))
    member.refresh_from_db()
    assert (member.active_from, member.left_on) == (TODAY, TODAY), "who leaves on the first day was there for a day"


def test_adding_joins_no_account_and_never_the_same_contact_twice(admin: Any, other_school: Any) -> None:
    other = make_person(other_school, name="李明华")
    accounts = User.objects.count()
    member = add_member(
        actor=admin, email=other.user.email.upper(), phone="138 0013 8000", fields=fields(name="李老师")
    )
    assert (member.user_id, member.email, member.phone) == (None, other.user.email, "+8613800138000")
    assert User.objects.get(pk=other.user_id).full_name == "李明华"
    rows = (Membership.objects.count(), AuditEntry.objects.count(), OutboxMessage.objects.count())
    for contact, code in (
        ({"email": other.user.email, "phone": ""}, "email_held"),
        ({"email": "", "phone": "+86 138-0013-8000"}, "phone_held"),
    ):
        with pytest.raises(Conflict) as held:
            add_member(actor=admin, fields=fields(), **contact)
        assert held.value.reason == code
    for email, code in (("", "no_contact"), ("nobody", "email_invalid")):
        with pytest.raises(Invalid) as wrong:
            add_member(actor=admin, email=email, phone="", fields=fields())
        assert wrong.value.reason == code
    assert rows == (Membership.objects.count(), AuditEntry.objects.count(), OutboxMessage.objects.count())
    assert User.objects.count() == accounts


def test_a_waiting_administrator_does_not_count_as_one(admin: Any, school: Any) -> None:
    """Somebody who has not taken the place cannot open anything: the one who can stays."""
    second = make_person(school, "admin", name="第二位")
    add_member(actor=admin, email="third@x.example", phone="", fields=fields(roles=frozenset({"admin"})))
    me = Membership.objects.get(pk=admin.membership_id)
    update_member(actor=actor_of(second), membership_id=me.pk, fields=fields(me, roles=frozenset({"staff"})))
    boss = replace(actor_of(make_person(school, "editor")), roles=frozenset({"admin"}))
    refuses(Refused, "last_admin", boss, second, roles=frozenset({"staff"}))


def test_the_search_finds_by_name_number_and_role_within_the_school(admin: Any, school: Any, other_school: Any) -> None:
    wang = make_person(school, "finance", name="王芳", staff_no="F9-07")
    make_person(other_school, name="王芳", staff_no="F9-07")
    for query in ({"text": "王"}, {"text": "f9-07"}, {"role": "finance"}, {"text": wang.email[:6]}):
        assert [m.pk for m in search_members(admin, **query)] == [wang.pk]
    gone = make_person(school, name="已离职", left_on=TODAY - timedelta(days=1))
    assert gone.pk not in {m.pk for m in search_members(admin)}
    assert [m.pk for m in search_members(admin, left=True)] == [gone.pk]


def test_departments_are_named_once_and_removed_when_empty(admin: Any, school: Any) -> None:
    department = save_department(actor=admin, name=" 语文组 ")
    for name, code in (("语文组", "department_taken"), ("  ", "department_name"), ("语" * 61, "department_name")):
        with pytest.raises(Invalid, match=code):
            save_department(actor=admin, name=name)
    other = save_department(actor=admin, name="IB组")
    with pytest.raises(Invalid, match="department_taken"):
        save_department(actor=admin, name="ib组", department_id=department.pk)
    assert save_department(actor=admin, name="ib组", department_id=other.pk).name == "ib组", (
        "its own name, written anew"
    )
    make_person(school, department=department)
    with pytest.raises(Refused, match="department_in_use"):
        remove_department(actor=admin, department_id=department.pk)
    assert Department.objects.filter(pk=department.pk).exists()
    empty = save_department(actor=admin, name="数学组")
    remove_department(actor=admin, department_id=empty.pk)
    assert not Department.objects.filter(pk=empty.pk).exists()


def test_the_database_refuses_an_unknown_role_and_an_upper_case_address(school: Any) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_person(school, "emperor")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="Upper@x.example")
    assert not User.objects.filter(email__iexact="upper@x.example").exists()


def test_only_a_bureau_has_the_bureaus_role(school: Any) -> None:
    admin = actor_of(make_person(school, "admin"))
    with use_tenant(school.id):
        with pytest.raises(Refused, match="bureau_only"):
            add_member(
                actor=admin, email="ju@x.example", phone="",
                fields=MemberFields(name="局里的老师", roles=frozenset({"district"})),
            )  # fmt: skip
        assert not Membership.objects.filter(name="局里的老师").exists()
    client = client_of(school, make_person(school, "admin"))
    page = client.get("/school/members/new/").content.decode()
    assert 'value="district"' not in page
    assert "看不到谁申请了什么" in page


def test_a_school_s_list_offers_no_role_that_only_a_bureau_has(admin: Actor, school: Any) -> None:
    person = Membership.objects.get(pk=admin.membership_id)
    page = client_of(school, person).get("/school/members/").content.decode()
    assert 'value="principal"' in page and 'value="district"' not in page

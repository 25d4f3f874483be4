"""Two people at the same moment: one row, and the other is told in words. Never a fault of the database."""

import threading
from io import BytesIO
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.invitations import accept_signed_in, accept_with_password, path_for
from accounts.models import Department, Membership, RosterImport, RosterState, User
from jobs.models import Job
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from kernel.fold import name_key
from people.roster.parse import LONG_TEXT
from people.roster.people import departments
from people.roster.plan import Entry, Plan
from people.roster.workflow.previewing import upload_roster
from people.workflow import MemberFields, add_member, save_department, update_member
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school

pytestmark = pytest.mark.usefixtures("committed")
PASSWORD = "正确的马和电池和订书钉"
WAYS = 6


def fields(**values: Any) -> MemberFields:
    return MemberFields(**{"name": "王芳", "roles": frozenset({"staff"}), **values})


def one_wins(results: list[Any], code: str, kind: type[DomainError]) -> None:
    refused = [result for result in results if isinstance(result, Exception)]
    assert [(type(error), getattr(error, "reason", str(error))) for error in refused] == [(kind, code)] * (WAYS - 1)


def boss_of(school: Any) -> Any:
    return actor_of(make_person(school, "admin"))


@pytest.mark.parametrize(
    ("contact", "code"),
    [({"email": "one@x.example", "phone": ""}, "email_held"), ({"email": "", "phone": "13800138000"}, "phone_held")],
)
def test_one_contact_enrolled_by_many_at_once_is_one_member(contact: dict[str, str], code: str) -> None:
    school = make_school()
    bosses = [boss_of(school) for _ in range(WAYS)]
    acts = [lambda boss=boss: add_member(actor=boss, fields=fields(), **contact) for boss in bosses]
    one_wins(at_once(school, acts), code, Conflict)
    with use_tenant(school.id):
        assert Membership.objects.filter(user__isnull=True).count() == 1


def test_one_staff_number_given_to_many_at_once_is_given_once() -> None:
    school = make_school()
    boss = boss_of(school)
    members = [make_person(school) for _ in range(WAYS)]
    acts = [
        lambda pk=member.pk: update_member(actor=boss, membership_id=pk, fields=fields(staff_no="T1"))
        for member in members
    ]
    one_wins(at_once(school, acts), "staff_no_taken", Invalid)
    with use_tenant(school.id):
        assert Membership.objects.filter(staff_no="T1").count() == 1


def test_one_department_made_by_many_at_once_is_one() -> None:
    school = make_school()
    acts = [lambda boss=boss_of(school): save_department(actor=boss, name="语文组") for _ in range(WAYS)]
    one_wins(at_once(school, acts), "department_taken", Invalid)
    with use_tenant(school.id):
        assert Department.objects.filter(name="语文组").count() == 1


SPELLINGS = ["IB语文组", "ib语文组", "ＩＢ语文组", "IB 语文组", "Ib语文组", "ＩＢ语　文组"]  # noqa: RUF001 - full width is meant
"""Ways to write the name of one department."""


def test_one_department_spelt_in_many_ways_at_once_is_one() -> None:
    school = make_school()
    spelt = [name for name in SPELLINGS if name_key(name) == name_key(SPELLINGS[0])]
    acts = [lambda boss=boss_of(school), name=name: save_department(actor=boss, name=name) for name in spelt]
    results = at_once(school, acts)
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(spelt) > 3
    assert [getattr(error, "reason", str(error)) for error in refused] == ["department_taken"] * (len(spelt) - 1)
    with use_tenant(school.id):
        assert Department.objects.count() == 1


def test_lists_and_people_that_make_one_department_at_once_end_in_one() -> None:
    school = make_school()

    def listed(name: str) -> Any:
        entry = Entry(row=2, given=frozenset({"name", "department"}), staff_no="1", name="王芳", department=name)
        with transaction.atomic():
            return departments(Plan(create=(entry,)))[name].pk

    acts: list[Any] = [lambda name=name: listed(name) for name in SPELLINGS[:3]]
    acts += [lambda boss=boss_of(school), name=name: save_department(actor=boss, name=name) for name in SPELLINGS[:2]]
    results = at_once(school, acts)
    with use_tenant(school.id):
        (only,) = Department.objects.all()
    assert results[:3] == [only.pk] * 3
    typed = [getattr(result, "pk", None) or getattr(result, "reason", result) for result in results[3:]]
    assert set(typed) <= {only.pk, "department_taken"}, typed


def test_the_control_shows_the_race() -> None:
    """A look before the write lets all of them through; only the unique key stops them, and it ends as a fault of the
    database without the one place that turns a taken key into words.
    """
    school, looked = make_school(), threading.Barrier(3)
    let_through: list[str] = []

    def naive(name: str) -> None:
        with transaction.atomic():
            is_free = name_key(name) not in map(name_key, Department.objects.values_list("name", flat=True))
            looked.wait(10)
            if is_free:
                let_through.append(name)
                Department.objects.create(name=name)

    results = at_once(school, [lambda name=name: naive(name) for name in SPELLINGS[:3]])
    assert len(let_through) == 3
    assert sum(isinstance(result, IntegrityError) for result in results) == 2


def test_one_link_opened_by_many_at_once_makes_one_account() -> None:
    school = make_school()
    with use_tenant(school.id):
        member = add_member(actor=boss_of(school), email="two@x.example", phone="", fields=fields())
    token = path_for("member", member).split("/")[-2]
    acts = [lambda: accept_with_password(token=token, tenant=school, password=PASSWORD)] * WAYS
    one_wins(at_once(school, acts), "invitation_ended", NotFound)
    assert User.objects.filter(email="two@x.example").count() == 1


def test_links_of_two_schools_to_one_mailbox_make_one_account_and_the_other_signs_in() -> None:
    schools = [make_school() for _ in range(2)]
    acts = []
    for school in schools:
        with use_tenant(school.id):
            member = add_member(actor=boss_of(school), email="both@x.example", phone="", fields=fields())

        def accept(school: Any = school, token: str = path_for("member", member).split("/")[-2]) -> Any:
            with use_tenant(school.id):
                return accept_with_password(token=token, tenant=school, password=PASSWORD)

        acts.append(accept)
    results = at_once(schools[0], acts)
    refused = [result.reason for result in results if isinstance(result, Conflict)]
    assert refused == ["account_exists"]
    account = User.objects.get(email="both@x.example")
    other = schools[[isinstance(result, Conflict) for result in results].index(True)]
    with use_tenant(other.id):
        accept_signed_in(tenant=other, user=account)
        assert Membership.objects.get(email="both@x.example").user_id == account.pk


def test_a_place_taken_twice_at_once_by_its_signed_in_owner_is_taken_once() -> None:
    school = make_school()
    user = User.objects.create_user("owner@x.example", PASSWORD)
    with use_tenant(school.id):
        add_member(actor=boss_of(school), email="owner@x.example", phone="", fields=fields())
    acts = [lambda: accept_signed_in(tenant=school, user=user)] * WAYS
    one_wins(at_once(school, acts), "invitation_ended", NotFound)
    with use_tenant(school.id):
        assert Membership.objects.filter(user=user).count() == 1


def test_of_many_long_lists_at_once_one_is_read() -> None:
    school = make_school()
    rows = "".join(f"T{n},王芳{n},语文组\n" for n in range(LONG_TEXT // 16))
    content = f"工号,姓名,部门\n{rows}".encode()
    assert len(content) > LONG_TEXT
    acts = [
        lambda boss=boss_of(school): upload_roster(actor=boss, file=BytesIO(content), file_name="名单.csv")
        for _ in range(WAYS)
    ]
    one_wins(at_once(school, acts), "roster_one_at_a_time", Conflict)
    with use_tenant(school.id):
        assert RosterImport.objects.filter(state=RosterState.READING).count() == 1
        assert Job.objects.filter(kind="roster_read").count() == 1


def test_the_control_of_the_lists_shows_the_race() -> None:
    """Whoever only looks whether another list is being read sees none, and all of them are: the index holds it."""
    school, looked = make_school(), threading.Barrier(3)
    member = make_person(school, "admin")

    def looks_first() -> bool:
        is_free = not RosterImport.objects.filter(state=RosterState.READING).exists()
        looked.wait(timeout=30)
        if is_free:
            RosterImport.objects.create(
                state=RosterState.READING, uploaded_by_id=member.pk, file_name="名单.csv", file_hash=bytes(32)
            )
        return is_free

    results = at_once(school, [looks_first] * 3)
    assert sum(isinstance(one, IntegrityError) for one in results) == 2

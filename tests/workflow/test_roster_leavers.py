"""Marking who left is the one act of a staff list that shuts people out: it stops in doubt and asks for their number."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import Membership, RosterImport, RosterState
from audit.models import AuditEntry
from jobs.models import Job
from jobs.workflow import run_due
from kernel.clock import local_day, now
from kernel.errors import Invalid, Refused
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import confirm_leavers, preview_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db
HEADER = "工号,姓名,邮箱\n"


@pytest.fixture
def boss(school: Any) -> Any:
    return make_person(school, "admin", name="管理员")


@pytest.fixture
def office(school: Any, boss: Any) -> Client:
    return client_of(school, boss)


@pytest.fixture
def staff(school: Any) -> list[Any]:
    return [make_person(school, "staff", name=f"员工{n}", staff_no=f"T{n}") for n in range(20)]


def lines(members: list[Any], *more: str) -> bytes:
    return (
        HEADER + "".join(f"{m.staff_no},{m.name},\n" for m in members) + "".join(f"{line}\n" for line in more)
    ).encode()


def send(office: Client, content: bytes) -> str:
    file = SimpleUploadedFile("名单.csv", content)
    return str(office.post("/school/roster/", {"file": file, "marks_leavers": "on"}).headers["Location"])


def left(school: Any) -> int:
    with use_tenant(school.id):
        return Membership.objects.filter(left_on__isnull=False).count()


def test_more_than_a_tenth_needs_the_number_typed(school: Any, office: Client, staff: list[Any]) -> None:
    page = send(office, lines(staff[:2]))
    shown = office.get(page).content.decode()
    assert "21 位成员中有 18 位将标为离职。请输入 18" in shown
    assert "写入，并让 18 人离职" in shown
    for typed in ({}, {"leavers": ""}, {"leavers": "17"}, {"leavers": "18.0"}):
        answer = office.post(f"{page}apply/", typed, follow=True).content.decode()
        assert "没有写入任何内容" in answer
        with use_tenant(school.id):
            run_due()
            assert (RosterImport.objects.get().state, Job.objects.count()) == (RosterState.PREVIEWED, 0)
            assert not AuditEntry.objects.filter(action__in=["roster.apply", "roster.leave"]).exists()
        assert left(school) == 0
    office.post(f"{page}apply/", {"leavers": " １８"})
    with use_tenant(school.id):
        run_due()
        assert RosterImport.objects.get().state == RosterState.DONE
    assert left(school) == 18


def test_a_tenth_needs_no_number(school: Any, office: Client, staff: list[Any]) -> None:
    page = send(office, lines(staff[2:]))
    assert "请输入" not in office.get(page).content.decode()
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
    assert left(school) == 2


def test_no_writer_can_be_reached_without_the_number(school: Any, boss: Any, staff: list[Any]) -> None:
    with use_tenant(school.id):
        actor = actor_of(boss)
        roster = preview_roster(actor=actor, content=lines(staff[:5]), file_name="名单.csv", marks_leavers=True)
        with pytest.raises(Refused) as refusal:
            apply_roster(actor=actor, import_id=roster.pk)
        assert refusal.value.reason == "roster_leavers_unconfirmed"
        with pytest.raises(Invalid) as other:
            confirm_leavers(actor=actor, import_id=roster.pk, typed="5")
        assert other.value.reason == "roster_leavers_differ"
    assert left(school) == 0


def test_a_newcomer_with_a_leaver_s_name_stops_all_leaving(school: Any, office: Client, staff: list[Any]) -> None:
    page = send(office, lines(staff[1:], "N1,员工\u200b0,new@x.example"))
    shown = office.get(page).content.decode()
    assert "同名，所以这次不标记任何人离职" in shown
    assert "如果是同一个人，请改正工号" in shown
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
        roster = RosterImport.objects.get()
        assert (roster.state, roster.counts["created"], roster.counts["left"]) == (RosterState.DONE, 1, 0)
    assert left(school) == 0, "not at the end of the writing either, when the newcomer is a member already"


def test_a_renumbered_person_whose_row_is_refused_does_not_leave(school: Any, office: Client, staff: list[Any]) -> None:
    page = send(office, lines(staff[1:], f"N1,员工0,{staff[0].user.email}"))
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
        assert RosterImport.objects.get().counts["refused"] == 1
    assert left(school) == 0


def test_who_joined_after_the_preview_does_not_leave(school: Any, office: Client, staff: list[Any]) -> None:
    page = send(office, lines(staff[1:]))
    late = make_person(school, "staff", name="赵新", staff_no="T99")
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
        late.refresh_from_db()
        staff[0].refresh_from_db()
    assert (late.left_on, staff[0].left_on) == (None, local_day(now()))


def test_never_more_leave_than_were_shown(school: Any, office: Client, staff: list[Any]) -> None:
    """Between preview and writing a colleague gives three people other numbers: the list no longer names them."""
    page = send(office, lines(staff[1:]))
    with use_tenant(school.id):
        for member in staff[1:4]:
            Membership.objects.filter(pk=member.pk).update(staff_no=f"X{member.staff_no}", name=f"{member.name}新")
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
    assert left(school) == 0


def test_rows_that_are_hidden_make_it_unsafe_to_say_who_left(school: Any, office: Client, staff: list[Any]) -> None:
    """Somebody hid a row of last year: whoever stands in it has perhaps not left."""
    book = openpyxl.Workbook()
    for row in (["工号", "姓名"], *([member.staff_no, member.name] for member in staff)):
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    out = io.BytesIO()
    book.save(out)
    file = SimpleUploadedFile("名单.xlsx", out.getvalue())
    page = str(office.post("/school/roster/", {"file": file, "marks_leavers": "on"}).headers["Location"])
    with use_tenant(school.id):
        counts = RosterImport.objects.get().counts
    assert (counts["leave"], counts["leavers_withheld"], counts["unseen"]["rows"]) == (0, True, 1)
    office.post(f"{page}apply/")
    with use_tenant(school.id):
        run_due()
    assert left(school) == 0

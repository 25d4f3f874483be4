"""A staff list is shown first, written in batches, and may be written twice; nothing reaches another school."""

import csv
import io
import time
from typing import Any

import openpyxl
import pytest

from accounts.invitations import accept_with_password, path_for
from accounts.models import Department, Membership, RosterImport, RosterState, User, place_phone_index
from audit.models import AuditEntry
from exports import unguarded
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from people.roster.issues import issues_csv, issues_xlsx
from people.roster.workflow import applying
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import choose_invitations, confirm_leavers, discard_roster, preview_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

HEADER = "工号,姓名,邮箱,手机号,部门\n"


@pytest.fixture
def admin(school: Any) -> Any:
    """An administrator at work in the open school."""
    membership = make_person(school, "admin")
    with use_tenant(school.id):
        yield actor_of(membership)


def upload(admin: Any, *lines: str, header: str = HEADER, leavers: bool = False) -> RosterImport:
    content = (header + "".join(f"{line}\n" for line in lines)).encode()
    return preview_roster(actor=admin, content=content, file_name="名单.csv", marks_leavers=leavers)


def census() -> tuple[int, int, int]:
    return User.objects.count(), Membership.objects.count(), Department.objects.count()


def test_a_preview_counts_and_changes_nobody(admin: Any) -> None:
    before = census()
    roster = upload(admin, "T1,李明华,li@r.example,13800138000,语文组", "T2,王芳,,,语文组", 'T3,"=1",x@r.example,,')
    assert census() == before
    assert roster.state == RosterState.PREVIEWED
    assert {k: roster.counts[k] for k in ("create", "update", "leave", "refused")} == {
        "create": 1,
        "update": 0,
        "leave": 0,
        "refused": 2,
    }
    assert b"13800138000" not in bytes(roster.sealed_rows)
    assert "13800138000" not in str(roster.errors)


def test_applying_makes_places_that_wait_and_tells_the_record(admin: Any) -> None:
    roster = apply_roster(actor=admin, import_id=upload(admin, "T1,李明华,Li@R.example,138 0013 8000,语文组").pk)
    member = Membership.objects.select_related("department").get(staff_no="T1")
    assert (member.name, member.roles, member.department.name) == ("李明华", ["staff"], "语文组")
    assert (member.user_id, member.email, member.phone) == (None, "li@r.example", "+8613800138000")
    assert bytes(member.phone_hash) == place_phone_index(member.tenant_id, "+8613800138000")
    assert member.sort_key == "li3李 ming2明 hua2华"
    assert not User.objects.filter(email="li@r.example").exists()
    assert (roster.state, roster.counts["created"], roster.sealed_rows) == (RosterState.DONE, 1, None)
    assert list(AuditEntry.objects.order_by("seq").values_list("action", flat=True)) == [
        "roster.preview",
        "roster.create",
        "roster.apply",
    ]


def test_applying_again_or_uploading_the_same_list_again_changes_nothing(admin: Any) -> None:
    lines = ("T1,李明华,li@r.example,13800138000,语文组", "T2,王芳,wang@r.example,,数学组")
    first = apply_roster(actor=admin, import_id=upload(admin, *lines).pk)
    before = census()
    again = apply_roster(actor=admin, import_id=first.pk)
    assert (again.counts, census()) == (first.counts, before)
    second = upload(admin, *lines)
    assert (second.counts["create"], second.counts["update"], second.counts["unchanged"]) == (0, 0, 2)


def test_work_that_died_half_way_goes_on_where_it_stopped(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(applying, "BATCH", 2)
    roster = upload(admin, *(f"T{n},李{n},p{n}@r.example,," for n in range(5)))

    def die(done: int, total: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apply_roster(actor=admin, import_id=roster.pk, on_progress=die)
    roster.refresh_from_db()
    assert (roster.state, roster.done_rows) == (RosterState.RUNNING, 2)
    seen: list[tuple[int, int]] = []
    done = apply_roster(actor=admin, import_id=roster.pk, on_progress=lambda *at: seen.append(at))
    assert seen == [(4, 5), (5, 5)]
    assert done.counts["created"] == 5
    assert Membership.objects.filter(staff_no__startswith="T").count() == 5


def test_a_changed_row_changes_only_what_the_list_has(admin: Any, school: Any) -> None:
    member = make_person(school, "staff", "finance", name="李明华", staff_no="T1", title="李老师")
    roster = upload(admin, "T1,李明,数学组", header="工号,姓名,部门\n")
    assert roster.counts["update"] == 1
    apply_roster(actor=admin, import_id=roster.pk)
    member.refresh_from_db()
    assert (member.name, member.title, member.department.name) == ("李明", "李老师", "数学组")
    assert sorted(member.roles) == ["finance", "staff"], "a list never takes or gives a role"


def test_a_complete_list_marks_leavers_but_not_administrators(admin: Any, school: Any) -> None:
    gone = make_person(school, staff_no="T1")
    stays = make_person(school, staff_no="T2", name="王芳")
    boss = make_person(school, "admin", staff_no="T3")
    roster = upload(admin, f"T2,王芳,{stays.user.email},,", leavers=True)
    assert (roster.counts["leave"], roster.counts["staff"]) == (1, 4)
    with pytest.raises(Refused) as refusal:
        apply_roster(actor=admin, import_id=roster.pk)
    assert refusal.value.reason == "roster_leavers_unconfirmed"
    confirm_leavers(actor=admin, import_id=roster.pk, typed="１ ")
    apply_roster(actor=admin, import_id=roster.pk)
    for member in (gone, stays, boss):
        member.refresh_from_db()
    assert (gone.left_on, stays.left_on, boss.left_on) == (local_day(now()), None, None)


def test_an_unreadable_row_withholds_all_leaving(admin: Any, school: Any) -> None:
    gone = make_person(school, staff_no="T1")
    roster = upload(admin, "T2,王芳,w@r.example,,", '"=A1",李明华,li@r.example,,', leavers=True)
    assert (roster.counts["leave"], roster.counts["leavers_withheld"]) == (0, True)
    apply_roster(actor=admin, import_id=roster.pk)
    gone.refresh_from_db()
    assert gone.left_on is None


def test_an_account_of_another_school_is_neither_joined_nor_changed(admin: Any, school: Any, other_school: Any) -> None:
    other = make_person(other_school, name="李明华")
    password = other.user.password
    roster = upload(admin, f"T1,另一个名字,{other.user.email},13900139000,")
    assert roster.counts["create"] == 1
    assert roster.counts["refused"] == 0
    apply_roster(actor=admin, import_id=roster.pk)
    user = User.objects.get(pk=other.user_id)
    assert (user.full_name, user.password, user.phone, user.email) == ("李明华", password, "", other.user.email)
    place = Membership.objects.get(staff_no="T1")
    assert (place.name, place.email, place.user_id) == ("另一个名字", other.user.email, None)
    with use_tenant(other_school.id):
        assert Membership.objects.get().name == "李明华"


def test_a_list_moves_no_records_to_another_account(admin: Any, school: Any, other_school: Any) -> None:
    """The address is where the school writes to; the account stays its owner's, also when the new address has one."""
    member = make_person(school, staff_no="T1", name="李明华")
    stranger = make_person(other_school)
    before = User.objects.order_by("pk").values_list("pk", "email", "phone_hash")
    kept = list(before)
    roster = apply_roster(actor=admin, import_id=upload(admin, f"T1,李明华,{stranger.user.email},13900139000,").pk)
    member.refresh_from_db()
    assert (member.user_id, member.email, member.phone) == (member.user_id, stranger.user.email, "+8613900139000")
    assert roster.counts["updated"] == 1
    assert list(before.all()) == kept


def test_another_address_ends_the_invitation_that_went_to_the_one_before(admin: Any, school: Any) -> None:
    roster = upload(admin, "T1,李明华,wrong@r.example,,")
    choose_invitations(actor=admin, import_id=roster.pk, wanted=True)
    apply_roster(actor=admin, import_id=roster.pk)
    member = Membership.objects.get(staff_no="T1")
    link = path_for("member", member).split("/")[-2]
    apply_roster(actor=admin, import_id=upload(admin, "T1,李明华,right@r.example,,").pk)
    member.refresh_from_db()
    assert (member.email, member.invited_at) == ("right@r.example", None)
    with pytest.raises(NotFound):
        accept_with_password(token=link, tenant=school, password="正确的马和电池和订书钉")


def test_only_an_administrator_imports_and_only_their_own_schools_lists(
    admin: Any, school: Any, other_school: Any
) -> None:
    roster = upload(admin, "T1,李明华,li@r.example,,")
    before = census()
    staff = actor_of(make_person(school, "finance"))
    before = census()
    with pytest.raises(Forbidden):
        upload(staff, "T2,王芳,w@r.example,,")
    with pytest.raises(Forbidden):
        apply_roster(actor=staff, import_id=roster.pk)
    stranger = actor_of(make_person(other_school, "admin"))
    with use_tenant(other_school.id), pytest.raises(NotFound):
        apply_roster(actor=stranger, import_id=roster.pk)
    roster.refresh_from_db()
    assert roster.state == RosterState.PREVIEWED
    assert Membership.objects.count() == before[1]
    assert not AuditEntry.objects.filter(action="roster.apply").exists()


def test_a_discarded_list_is_forgotten_and_cannot_be_written(admin: Any) -> None:
    roster = upload(admin, "T1,李明华,li@r.example,,")
    discard_roster(actor=admin, import_id=roster.pk)
    roster.refresh_from_db()
    assert roster.sealed_rows is None
    with pytest.raises(Conflict, match="roster_discarded"):
        apply_roster(actor=admin, import_id=roster.pk)
    assert not Membership.objects.filter(staff_no="T1").exists()


def test_a_written_list_cannot_be_discarded(admin: Any) -> None:
    roster = apply_roster(actor=admin, import_id=upload(admin, "T1,李明华,li@r.example,,").pk)
    with pytest.raises(Conflict, match="roster_begun"):
        discard_roster(actor=admin, import_id=roster.pk)


def test_an_unreadable_file_leaves_no_row(admin: Any) -> None:
    with pytest.raises(Invalid):
        preview_roster(actor=admin, content=b"\xff\xfe\x00\x81\xff", file_name="x.csv")
    assert not RosterImport.objects.exists()


def test_refused_rows_come_back_as_a_file_without_live_formulas(admin: Any) -> None:
    """Cells that begin like a formula: a telephone may, and so may what was kept by a reader that refused less."""
    roster = upload(admin, "T1,李明华,bad-address,+8613800138000,", "T2,王芳,nonsense,+8613800138001,数学组")
    roster.rows_text = roster.rows_text.replace("数学组", "=HYPERLINK(1)").replace("nonsense", "＝1")
    text = issues_csv(roster).decode("utf-8-sig")
    assert "不是" in text or "not an e-mail" in text
    assert "王芳" in text
    lines = list(csv.reader(io.StringIO(text, newline="")))
    cells = list(openpyxl.load_workbook(io.BytesIO(issues_xlsx(roster))).active.iter_rows())
    assert len(lines) == len(cells) == 3
    assert all(cell.data_type == "s" for row in cells for cell in row if cell.value is not None)
    for shown in (lines[2], [cell.value or "" for cell in cells[2]]):
        assert {"'=HYPERLINK(1)", "'＝1", "'+8613800138001"} <= set(shown)
        assert {"=HYPERLINK(1)", "＝1", "+8613800138001"} <= {unguarded(cell) for cell in shown}


def test_five_thousand_rows_are_written_within_a_minute(admin: Any) -> None:
    roster = upload(admin, *(f"N{n:05d},教师{n},n{n}@r.example,139{n:08d},部门{n % 40}" for n in range(5_000)))
    assert roster.counts["create"] == 5_000
    choose_invitations(actor=admin, import_id=roster.pk, wanted=True)
    began = time.monotonic()
    apply_roster(actor=admin, import_id=roster.pk)
    assert time.monotonic() - began < 60
    assert Membership.objects.filter(staff_no__startswith="N").count() == 5_000
    assert OutboxMessage.objects.filter(template="account_created").count() == 5_000

"""A long staff list is read by a job: the web only takes it in, and whatever comes of it stands on the list's page."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Membership, RosterImport, RosterState, User
from audit.models import AuditEntry
from jobs.models import Job
from jobs.states import State
from jobs.workflow import request_cancel, run_due
from kernel.errors import Conflict, Forbidden
from people.roster import parse
from people.roster.kept import kept_rows
from people.roster.waiting import kept_file
from people.roster.workflow import previewing
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import choose_invitations, discard_roster, upload_roster
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def three_rows_are_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "LONG_BOOK", 6_000)
    monkeypatch.setattr(parse, "LONG_TEXT", 60)


@pytest.fixture
def member(school: Any) -> Any:
    return make_person(school, "admin")


@pytest.fixture
def admin(school: Any, member: Any) -> Any:
    with use_tenant(school.id):
        yield actor_of(member)


def book(*rows: list[object]) -> bytes:
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    for row in [["工号", "姓名", "邮箱"], *rows]:
        workbook.active.append(row)
    workbook.save(out)
    return out.getvalue()


def book_file(*rows: list[object]) -> io.BytesIO:
    return io.BytesIO(book(*rows))


def waiting_files(roster: RosterImport) -> list[Path]:
    return list((Path(settings.PRIVATE_ROOT) / "rosters" / str(roster.tenant_id)).glob(f"{roster.pk}*"))


def people(count: int) -> list[list[object]]:
    return [[f"L{n}", f"李{n}", f"l{n}@long.example"] for n in range(count)]


def actions() -> list[str]:
    return list(
        AuditEntry.objects.filter(action__startswith="roster.").order_by("seq").values_list("action", flat=True)
    )


def test_it_is_kept_sealed_then_read_then_shown_as_any_other(admin: Any) -> None:
    content = book(*people(5))
    roster = upload_roster(actor=admin, file=io.BytesIO(content), file_name="名单.xlsx")
    assert roster.state == RosterState.READING
    assert (kept_rows(roster), roster.counts, actions()) == ([], {}, [])
    [waiting] = waiting_files(roster)
    assert content[:20] not in waiting.read_bytes()
    assert "李0".encode() not in waiting.read_bytes()
    assert kept_file(roster) == content

    assert run_due() == 1
    roster.refresh_from_db()
    assert (roster.state, roster.counts["create"], roster.done_rows, roster.total_rows) == ("previewed", 5, 0, 5)
    assert len(kept_rows(roster)) == 5
    assert actions() == ["roster.preview"]
    job = Job.objects.get()
    assert (job.kind, job.state, job.done, job.stage) == (
        "roster_read",
        State.DONE,
        job.total,
        "Reading the staff list",
    )
    assert apply_roster(actor=admin, import_id=roster.pk).counts["created"] == 5


def test_a_short_list_is_read_at_once(admin: Any) -> None:
    roster = upload_roster(actor=admin, file=io.BytesIO("工号,姓名\n1,李\n".encode()), file_name="名单.csv")
    assert (roster.state, Job.objects.count()) == (RosterState.PREVIEWED, 0)


def test_a_long_text_is_read_by_a_job_too(admin: Any) -> None:
    lines = "".join(f"C{n},李{n},c{n}@long.example\n" for n in range(5))
    roster = upload_roster(actor=admin, file=io.BytesIO(f"工号,姓名,邮箱\n{lines}".encode()), file_name="名单.csv")
    run_due()
    roster.refresh_from_db()
    assert (roster.state, roster.counts["create"]) == (RosterState.PREVIEWED, 5)


def test_before_it_is_read_it_can_only_be_put_away(admin: Any) -> None:
    roster = upload_roster(actor=admin, file=book_file(*people(5)), file_name="名单.xlsx")
    for act in (apply_roster, lambda **named: choose_invitations(**named, wanted=True)):
        with pytest.raises(Conflict) as refusal:
            act(actor=admin, import_id=roster.pk)
        assert refusal.value.reason == "roster_being_read"
    discard_roster(actor=admin, import_id=roster.pk)
    run_due()
    roster.refresh_from_db()
    assert (roster.state, roster.sealed_rows, roster.counts) == (RosterState.DISCARDED, None, {})
    assert Membership.objects.filter(staff_no__startswith="L").count() == 0


def test_a_file_that_cannot_be_read_says_why_and_leaves_nothing(admin: Any) -> None:
    before = User.objects.count()
    workbook, out = openpyxl.Workbook(), io.BytesIO()
    for row in people(6):
        workbook.active.append(row)
    workbook.save(out)
    roster = upload_roster(actor=admin, file=out, file_name="名单.xlsx")
    run_due()
    roster.refresh_from_db()
    assert (roster.state, roster.sealed_rows) == (RosterState.DISCARDED, None)
    assert (roster.counts["fault"], Job.objects.get().error) == ("roster_header_missing", "roster_header_missing")
    assert actions() == ["roster.preview.refused"]
    assert User.objects.count() == before


def test_stopping_the_task_puts_the_list_away(admin: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    roster = upload_roster(actor=admin, file=book_file(*people(5)), file_name="名单.xlsx")
    read = previewing.parse_roster

    def stopped_meanwhile(*args: Any) -> Any:
        request_cancel(actor=admin, job_id=Job.objects.get().pk)
        return read(*args)

    monkeypatch.setattr(previewing, "parse_roster", stopped_meanwhile)
    run_due()
    roster.refresh_from_db()
    assert (roster.state, roster.sealed_rows, Job.objects.get().state) == ("discarded", None, State.CANCELLED)
    assert actions() == ["roster.discard"]


def test_whoever_may_not_import_keeps_no_file(school: Any) -> None:
    with use_tenant(school.id), pytest.raises(Forbidden):
        upload_roster(actor=actor_of(make_person(school, "staff")), file=book_file(*people(5)), file_name="名单.xlsx")
    with use_tenant(school.id):
        assert (RosterImport.objects.count(), Job.objects.count()) == (0, 0)


def test_the_page_shows_how_far_it_is_and_then_what_was_wrong(school: Any, member: Any) -> None:
    client = client_of(school, member)
    upload = {"file": SimpleUploadedFile("名单.xlsx", book(*people(5)))}
    page = client.post("/school/roster/", upload).headers["Location"]
    with use_tenant(school.id):
        RosterImport.objects.update(done_rows=40, total_rows=100)
    shown = client.get(page).content.decode()
    assert "正在读取" in shown
    assert "40 / 100" in shown
    assert "http-equiv" in shown, "moves without scripts too"
    assert client.get(page, headers={"HX-Request": "true"}).content.decode().count("<html") == 0
    with use_tenant(school.id):
        discard_roster(actor=actor_of(member), import_id=RosterImport.objects.get().pk)

    broken = openpyxl.Workbook()
    for row in people(6):
        broken.active.append(row)
    out = io.BytesIO()
    broken.save(out)
    page = client.post("/school/roster/", {"file": SimpleUploadedFile("名单.xlsx", out.getvalue())}).headers["Location"]
    run_due()
    shown = client.get(page).content.decode()
    assert "首行缺少" in shown
    assert "New members" not in shown

"""A file we give out to be corrected is read back, in each language; what nobody sees or a spreadsheet damaged is said."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.translation import override

from accounts.models import Department, Membership, RosterImport
from jobs.workflow import run_due
from people.roster.headings import own_headings
from people.roster.parse import HEADERS, plain_heading
from people.texts import FIELDS
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.workflow.signin_steps import client_of

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def office(school: Any) -> Client:
    return client_of(school, make_person(school, "admin", name="管理员", staff_no="A1"))


def speak(office: Client, language: str) -> None:
    """What the button below each page does."""
    office.post("/i18n/setlang/", {"language": language})
    assert f'lang="{language}"'.lower() in office.get("/school/roster/").content.decode()[:200].lower()


def send(office: Client, content: bytes, name: str = "名单.csv", **fields: Any) -> tuple[RosterImport, str]:
    """Upload over HTTP: the list as kept, and its page."""
    answer = office.post("/school/roster/", {"file": SimpleUploadedFile(name, content), **fields})
    assert answer.status_code == 302, answer.content.decode()
    page = office.get(answer.headers["Location"]).content.decode()
    pk = answer.headers["Location"].rstrip("/").split("/")[-1]
    with use_tenant(Tenant.objects.get(host=office.defaults["HTTP_HOST"]).pk):
        return RosterImport.objects.get(pk=pk), page


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_heading_that_we_write_is_read(language: str) -> None:
    with override(language):
        for field in HEADERS:
            plain = plain_heading(str(FIELDS[field]))
            assert plain in HEADERS[field] or own_headings()[plain] == field


def corrected(content: bytes, kind: str) -> bytes:
    """The file with the one wrong day set right, as a person does it in a spreadsheet: every other cell as it is."""
    if kind == "csv":
        text = content.decode("utf-8-sig")
        assert '2024年9月"' in text or "2024年9月," in text or "2024年9月\r" in text
        return text.replace("2024年9月", "2024-09-01").encode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(content))
    changed = [cell for row in book.active.iter_rows() for cell in row if cell.value == "2024年9月"]
    assert len(changed) == 1
    changed[0].value = "2024-09-01"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_refused_rows_come_back_corrected(school: Any, office: Client, language: str, kind: str) -> None:
    speak(office, language)
    rows = "T9201,王一,王老师,,+8613800001111,语文组,女,2024年9月,2030-01-31\nT9202,李二,,li@x.example,,,,,\n"
    first, _page = send(office, f"工号,姓名,称呼,邮箱,手机号,部门,性别,入职日期,离职日期\n{rows}".encode())
    assert (first.counts["refused"], first.counts["create"]) == (1, 1)
    file = office.get(f"/school/roster/{first.pk}/issues.{kind}").content

    second, _page = send(office, corrected(file, kind), f"rows.{kind}")
    assert (second.counts["create"], second.counts["refused"], second.counts["ignored"]) == (1, 0, [])
    office.post(f"/school/roster/{second.pk}/apply/")
    with use_tenant(school.id):
        run_due()
        member = Membership.objects.select_related("department", "user").get(staff_no="T9201")
    assert (member.name, member.title, member.department.name, member.gender) == ("王一", "王老师", "语文组", "female")
    assert (str(member.active_from), str(member.left_on)) == ("2024-09-01", "2030-01-31")
    assert member.phone == "+8613800001111"


def test_a_row_with_several_faults_stands_in_the_file_once_and_keeps_its_good_cells(office: Client) -> None:
    roster, _page = send(office, '工号,姓名,手机号,部门\n2.02401E+11,王一,"=1+1",语文组\nT2,赵二,12,\n'.encode())
    lines = list(
        csv.DictReader(io.StringIO(office.get(f"/school/roster/{roster.pk}/issues.csv").content.decode("utf-8-sig")))
    )
    assert [line["姓名"] for line in lines] == ["王一", "赵二"]
    assert (lines[0]["工号"], lines[0]["部门"]) == ("", "语文组")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_members_export_comes_back_unchanged(school: Any, office: Client, language: str) -> None:
    speak(office, language)
    with use_tenant(school.id):
        department = Department.objects.create(name="=语文组")
    make_person(school, "staff", name="'-王芳", staff_no="T1", department=department, title="+王老师")
    make_person(school, "staff", name="阿卜·买买提", staff_no="00136")
    exported = office.get("/school/members/export.csv").content
    roster, _page = send(office, exported)
    faulty = [row[:3] for row in roster.errors if row[4]]
    assert roster.counts["unchanged"] + len({row for row, _field, _code in faulty}) == 3
    assert {code for _row, _field, code in faulty} <= {"formula"}, "what would run in a spreadsheet is refused anyway"
    assert roster.counts["update"] == roster.counts["create"] == 0


def test_what_is_hidden_is_left_out_and_said(school: Any, office: Client) -> None:
    make_person(school, "staff", name="王芳", staff_no="T7")
    book = openpyxl.Workbook()
    book.active.append(["工号", "姓名"])
    book.active.append(["OLD1", "旧人"])
    book.active.sheet_state = "hidden"
    sheet = book.create_sheet("今年")
    book.active = 1
    for row in (["工号", "姓名", "邮箱"], ["T9101", "王一", "w@x.example"], ["T9102", "赵二", "z@x.example"]):
        sheet.append(row)
    sheet.row_dimensions[3].hidden = True
    out = io.BytesIO()
    book.save(out)
    roster, page = send(office, out.getvalue(), "名单.xlsx", marks_leavers="on")
    assert (roster.counts["create"], roster.counts["leave"]) == (1, 0)
    assert "1 张隐藏的工作表" in page
    assert "1 行是隐藏的" in page
    assert "旧人" not in page


def test_a_guessed_alphabet_is_asked_about(office: Client) -> None:
    _roster, page = send(office, "staff no,name,email\nT1,李明华,l@x.example\n".encode("gb18030"))
    assert "GB 18030" in page
    assert "李明华" in page
    _roster, page = send(office, "工号,姓名,邮箱\nT1,李明华,l@x.example\n".encode("gb18030"))
    assert "GB 18030" not in page


def test_bytes_of_big5_are_refused_in_words_and_leave_nothing(school: Any, office: Client) -> None:
    content = "staff no,name,email\nT1,李明華,l@x.example\n".encode("big5")
    answer = office.post("/school/roster/", {"file": SimpleUploadedFile("名单.csv", content)})
    assert answer.status_code == 422
    assert "UTF-8" in answer.content.decode()
    with use_tenant(school.id):
        assert RosterImport.objects.count() == 0


@pytest.mark.parametrize("cell", ["2.02401E+11", "李\ue123"])
def test_a_damaged_cell_is_told_in_words(office: Client, cell: str) -> None:
    column = "姓名" if "\ue123" in cell else "工号"
    other = "工号" if column == "姓名" else "姓名"
    _roster, page = send(office, f"{column},{other}\n{cell},T1\n".encode())
    assert ("表格软件改动了这个号码" if column == "工号" else "只在个别电脑上") in page

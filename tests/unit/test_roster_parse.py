"""A staff list is read whatever Excel made of it, and a hostile file changes nothing."""

import io
import zipfile
from datetime import datetime

import openpyxl
import pytest

from kernel.errors import Invalid
from people.roster import book as book_limits
from people.roster import parse
from people.roster.parse import parse_roster

HEADER = "工号,姓名,邮箱,手机号,部门\n"


def book(*rows: list[object]) -> bytes:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.active.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def code_of(content: bytes) -> str:
    with pytest.raises(Invalid) as refusal:
        parse_roster(content)
    return refusal.value.reason


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_chinese_csv_reads_alike_in_every_usual_encoding(encoding: str) -> None:
    roster = parse_roster((HEADER + "T001,李明华,li@yucai.example,13800138000,语文组\n").encode(encoding))
    assert roster.rows[0].values == {
        "staff_no": "T001",
        "name": "李明华",
        "email": "li@yucai.example",
        "phone": "13800138000",
        "department": "语文组",
    }
    assert roster.rows[0].number == 2
    assert roster.issues == ()


def test_english_headings_marks_and_unknown_columns_are_understood() -> None:
    roster = parse_roster("Staff_No*;Name（必填）;E-mail;星座\nT1;Li;a@b.example;狮子座\n".encode())
    assert roster.rows[0].values == {"staff_no": "T1", "name": "Li", "email": "a@b.example"}
    assert roster.ignored == ("星座",)


def test_a_workbook_gives_numbers_and_dates_as_people_write_them() -> None:
    roster = parse_roster(
        book(["工号", "姓名", "手机", "入职日期"], [1001, "李明华", 13800138000.0, datetime(2024, 9, 1)])
    )
    assert roster.rows[0].values == {
        "staff_no": "1001",
        "name": "李明华",
        "phone": "13800138000",
        "active_from": "2024-09-01",
    }


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "＝HYPERLINK", "\t=1"])
def test_a_cell_that_a_spreadsheet_would_run_refuses_its_row_only(cell: str) -> None:
    roster = parse_roster((HEADER + f'T001,"{cell}",a@b.example,,\nT002,王芳,c@d.example,,\n').encode())
    assert [(i.row, i.field, i.code) for i in roster.issues] == [(2, "name", "formula")]
    assert [row.values["staff_no"] for row in roster.rows] == ["T002"]


def test_a_formula_cell_of_a_workbook_is_refused_even_when_its_value_is_harmless() -> None:
    roster = parse_roster(book(["工号", "姓名"], ["T1", '=CONCAT("李","明")'], ["T2", "王芳"]))
    assert [(i.row, i.code) for i in roster.issues] == [(2, "formula")]
    assert [row.values["staff_no"] for row in roster.rows] == ["T2"]


def test_a_telephone_number_may_begin_with_a_plus() -> None:
    roster = parse_roster((HEADER + "T001,李明华,,+86 138 0013 8000,\n").encode())
    assert roster.rows[0].values["phone"] == "+86 138 0013 8000"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "roster_empty"),
        (b"  \n \n", "roster_empty"),
        (HEADER.encode(), "roster_empty"),
        ("姓名\n李明华\n".encode(), "roster_header_missing"),
        ("工号,工号,姓名\n1,2,李\n".encode(), "roster_header_twice"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 100, "roster_old_excel"),
        (b"%PDF-1.7\n" + b"x" * 100, "roster_no_table"),
        (b"\x89PNG\r\n\x1a\n" + b"x" * 100, "roster_no_table"),
        (b"\xff\xd8\xff\xe0" + b"x" * 100, "roster_no_table"),
        (b"GIF89a" + b"x" * 100, "roster_no_table"),
        (b"RIFF\x10\x00\x00\x00WEBPVP8 ", "roster_no_table"),
        (b"\x00\x00\x00\x18ftypheic" + b"x" * 100, "roster_no_table"),
        (b"\xff\xfe\x00\x81\xff", "roster_encoding"),
        (b"PK\x03\x04 not a zip at all", "roster_unreadable"),
        ('工号,姓名\n1,"李\n'.encode(), "roster_unreadable"),
    ],
)
def test_an_unreadable_file_says_why(content: bytes, code: str) -> None:
    assert code_of(content) == code


@pytest.mark.parametrize("mark", ["sep=,", "sep=;", "SEP=\t"])
def test_a_first_line_that_names_the_separator_is_no_heading_and_says_so(mark: str) -> None:
    """What some spreadsheets need: taken for headings it would be a list of people without names."""
    assert (
        code_of(f"{mark}\n{HEADER}T001,李明华,li@yucai.example,13800138000,语文组\n".encode())
        == "roster_header_missing"
    )


def test_a_list_that_only_begins_with_letters_of_a_picture_is_a_list() -> None:
    assert parse_roster("RIFF,工号,姓名\nGIF,1,李\n".encode()).rows[0].values["name"] == "李"


def test_merged_cells_are_refused_and_the_refusal_says_which() -> None:
    """Only the first cell of an area holds what all of them show: the others would be read as left empty."""
    made = openpyxl.Workbook()
    for row in (["工号", "姓名", "部门"], ["T1", "李", "语文组"], ["T2", "王", None], ["T3", "张", None]):
        made.active.append(row)
    made.active.merge_cells("C2:C4")
    out = io.BytesIO()
    made.save(out)
    with pytest.raises(Invalid) as refused:
        parse_roster(out.getvalue())
    assert (refused.value.reason, refused.value.params) == ("roster_merged", {"area": "C2:C4"})
    made.active.unmerge_cells("C2:C4")
    out = io.BytesIO()
    made.save(out)
    assert [row.values["department"] for row in parse_roster(out.getvalue()).rows] == ["语文组", "", ""]


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (book_limits.MAX_UNPACKED + 1))
    assert len(out.getvalue()) < 1_000_000
    assert code_of(out.getvalue()) == "roster_too_large"


def test_entities_in_a_workbook_are_not_expanded() -> None:
    out = io.BytesIO(book(["工号", "姓名"], ["T1", "李"]))
    with zipfile.ZipFile(out) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = bomb + parts[sheet].split(b"?>", 1)[-1].replace("李".encode(), b"&b;")
    evil = io.BytesIO()
    with zipfile.ZipFile(evil, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert code_of(evil.getvalue()) == "roster_unreadable"


def test_too_many_rows_and_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MAX_ROWS", 3)
    body = "".join(f"T{n},李{n},,,\n" for n in range(4))
    assert code_of((HEADER + body).encode()) == "roster_too_many_rows"
    monkeypatch.setattr(parse, "MAX_BYTES", 20)
    assert code_of((HEADER + body).encode()) == "roster_too_large"

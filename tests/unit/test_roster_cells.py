"""A cell means what the person saw; what a spreadsheet damaged, or what nobody saw, is refused in words or left out."""

import contextlib
import io
import zipfile
from datetime import date, datetime, time
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import Invalid
from people.roster.cells import BadCell, shown
from people.roster.parse import ParsedRoster, parse_roster

HEADER = ["工号", "姓名", "手机", "部门", "入职日期"]


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def book_of(*cells: tuple[str, object, str]) -> bytes:
    """A list of one person, with the cells given as (address, value, number format)."""
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["T1", "李明华"])
    for address, value, number_format in cells:
        book.active[address] = value
        book.active[address].number_format = number_format
    return saved(book)


def told(parsed: ParsedRoster) -> list[tuple[int, str, str]]:
    return [(issue.row, issue.field, issue.code) for issue in parsed.issues]


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (136, "General", "136"),
        (136, "000000", "000136"),
        (136, '"YC"0000', "YC0136"),
        (136, "\\Y\\C0000", "YC0136"),
        (136, '0000"号"', "0136号"),
        (136, '"第"General"号"', "第136号"),
        (136, "0_ ", "136"),
        (136, "0;[Red]-0", "136"),
        (136, "[Blue]0000", "0136"),
        (136, "@", "136"),
        (13800138000, "000 0000 0000", "138 0013 8000"),
        (13800138000, "[<=9999999]0;000-0000-0000", BadCell("number_format")),
        (136, "#", "136"),
        (0, "#", ""),
        (0, "000", "000"),
        (1234567, "000", "1234567"),
        (136.0, "000000", "000136"),
        (136, "0.00", BadCell("number_format")),
        (1001, "#,##0", BadCell("number_format")),
        (136, "0.00E+00", BadCell("number_format")),
        (136, "0%", BadCell("number_format")),
        (136, "[DBNum1]General", BadCell("number_format")),
        (136, ";;;", BadCell("number_format")),
        (1.5, "General", "1.5"),
        (1.5, "0", BadCell("number_format")),
        (0.1 + 0.2, "General", BadCell("number_format")),
        (10**15, "General", BadCell("damaged_number")),
        (3.30102199001011234e17, "0", BadCell("damaged_number")),
        (10**15 - 1, "0", "999999999999999"),
        ("00136", "General", "00136"),
    ],
)
def test_a_number_is_read_as_its_format_shows_it(value: object, number_format: str, text: object) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("cell", "staff_no"),
    [
        (("A2", 136, "000000"), "000136"),
        (("A2", 136, '"YC"0000'), "YC0136"),
        (("A2", "000136", "@"), "000136"),
    ],
)
def test_a_book_gives_the_number_that_is_seen(cell: tuple[str, object, str], staff_no: str) -> None:
    assert [row.values["staff_no"] for row in parse_roster(book_of(cell)).rows] == [staff_no]


@pytest.mark.parametrize(
    ("cell", "issue"),
    [
        (("A2", 330102199001011234, "General"), (2, "staff_no", "damaged_number")),
        (("A2", 330102199001011234, "0"), (2, "staff_no", "damaged_number")),
        (("A2", 3.30102199001011234e17, "0"), (2, "staff_no", "damaged_number")),
        (("A2", "2.02401E+11", "General"), (2, "staff_no", "damaged_number")),
        (("C2", "1.38e+10", "General"), (2, "phone", "damaged_number")),
        (("A2", 136, "0.00"), (2, "staff_no", "number_format")),
        (("A2", date(2026, 1, 2), "m-d"), (2, "staff_no", "date_here")),
        (("B2", datetime(2026, 1, 2), "yyyy-mm-dd"), (2, "name", "date_here")),
        (("D2", time(8, 30), "h:mm"), (2, "department", "date_here")),
        (("E2", time(8, 30), "h:mm"), (2, "active_from", "date_here")),
        (("A2", "=A1", "General"), (2, "staff_no", "formula")),
        (("B2", "李\ue123", "General"), (2, "name", "private_sign")),
    ],
)
def test_a_damaged_cell_refuses_its_row_and_the_rest_of_the_row_is_kept(
    cell: tuple[str, object, str], issue: tuple[int, str, str]
) -> None:
    parsed = parse_roster(book_of(cell))
    assert (told(parsed), parsed.rows) == ([issue], ())
    [spoilt] = parsed.spoilt
    assert spoilt.values[issue[1]] == ""
    other = "name" if issue[1] == "staff_no" else "staff_no"
    assert spoilt.values[other] == {"name": "李明华", "staff_no": "T1"}[other]


@pytest.mark.parametrize("number", ["2.02401E+11", "2E+05", "2.02401e+11", "２.０２４０１E+１１"])
def test_scientific_notation_in_a_text_file_is_refused(number: str) -> None:
    assert told(parse_roster(f"工号,姓名\n{number},李\nE2,王\n".encode())) == [(2, "staff_no", "damaged_number")]


@pytest.mark.parametrize("number", ["1E05", "330102199001011234", "'00136", "\t00136", "’00136"])
def test_a_number_that_only_looks_odd_is_read(number: str) -> None:
    [row] = parse_roster(f"工号,姓名\n{number},李\n".encode()).rows
    assert row.values["staff_no"] == number.strip("'’\t")


def hidden_book(state: str) -> openpyxl.Workbook:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    book.active.append(["OLD1", "旧人", "13800009999"])
    book.active.sheet_state = state
    sheet = book.create_sheet("今年")
    sheet.append(HEADER)
    sheet.append(["T9101", "王一"])
    book.active = 1
    return book


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_the_first_sheet_that_is_seen_is_read(state: str) -> None:
    parsed = parse_roster(saved(hidden_book(state)))
    assert [row.values["name"] for row in parsed.rows] == ["王一"]
    assert (parsed.unseen.sheets, parsed.unseen.rows, parsed.unseen.columns) == (1, 0, set())


def test_hidden_rows_and_columns_are_left_out_and_counted() -> None:
    book = openpyxl.Workbook()
    for row in (["工号", "旧工号", "姓名", "手机"], ["T1", "X1", "李", "13800138000"], ["T2", "X2", "王", ""], ["T3"]):
        book.active.append(row)
    book.active.row_dimensions[3].hidden = True
    book.active.row_dimensions[9].hidden = True
    book.active.column_dimensions["D"].hidden = True
    parsed = parse_roster(saved(book))
    assert [(row.number, row.values) for row in parsed.rows] == [
        (2, {"staff_no": "T1", "name": "李"}),
        (4, {"staff_no": "T3", "name": ""}),
    ]
    assert (parsed.unseen.rows, parsed.unseen.columns) == (1, {4})


def edited(content: bytes, part: str, before: bytes, after: bytes) -> bytes:
    """A book in which a program wrote what openpyxl does not."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(out, "w") as target:
        for info in source.infolist():
            body = source.read(info)
            if info.filename == part:
                assert before in body
                body = body.replace(before, after)
            target.writestr(info.filename, body)
    return out.getvalue()


def test_a_row_of_no_height_is_as_good_as_hidden() -> None:
    book = openpyxl.Workbook()
    for row in (["工号", "姓名"], ["T1", "李"], ["T2", "王"]):
        book.active.append(row)
    content = edited(saved(book), "xl/worksheets/sheet1.xml", b'<row r="2">', b'<row r="2" ht="0" customHeight="1">')
    assert [row.values["staff_no"] for row in parse_roster(content).rows] == ["T2"]


def test_a_book_with_nothing_to_see_is_refused() -> None:
    """Excel saves none; a program does."""
    with pytest.raises(Invalid) as refusal:
        parse_roster(edited(book_of(), "xl/workbook.xml", b'state="visible"', b'state="veryHidden"'))
    assert refusal.value.reason == "roster_all_hidden"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"name,staff no\n\xc0\xee\xfe\x59,T1\n".replace(b"\xc0\xee\xfe\x59", b"\xc0\xee\xc3\xf7\xbb\xaa"), "李明华"),
        ("姓名,工号\n李".encode("gbk") + b"\xfe\x59,T1\n", "李龴"),
        ("姓名,工号\n𠮷㛃䶮·〇,T1\n".encode("gb18030"), "𠮷㛃䶮·〇"),
        ("姓名,工号\n李\ue863,T1\n".encode(), "李䶮"),
    ],
)
def test_known_private_signs_become_the_characters_they_are(content: bytes, name: str) -> None:
    [row] = parse_roster(content).rows
    assert row.values["name"] == name


def test_an_unknown_private_sign_is_refused_in_its_row() -> None:
    assert told(parse_roster("工号,姓名\nT1,李\ue123\nT2,王\U000f0001\nT3,赵\n".encode())) == [
        (2, "name", "private_sign"),
        (3, "name", "private_sign"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "staff no,name\nT1,李明華\n".encode("big5"),
        "staff no,name\nT1,陳小姐\nT2,黃大文\nT3,林美玉\n".encode("big5"),
        "staff no,name\nT1,M\u00fcller\n".encode("cp1252"),
        "staff no,name\nT1,Fran\u00e7ois\nT2,Bj\u00f6rn\n".encode("cp1252"),
        "工號,姓名\nT1,李明華\n".encode("big5"),
        "staff no,name\nT1,山田あきら\n".encode("shift_jis"),
    ],
)
def test_bytes_of_another_alphabet_are_never_taken_for_names(content: bytes) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_roster(content)
    assert refusal.value.reason in {"roster_encoding", "roster_header_missing"}


def test_a_guessed_alphabet_is_said() -> None:
    content = "staff no,name\nT1,李明华\nT2,王芳\n".encode("gb18030")
    parsed = parse_roster(content)
    assert ([row.values["name"] for row in parsed.rows], parsed.is_guessed) == (["李明华", "王芳"], True)
    assert not parse_roster("工号,姓名\nT1,李\n".encode("gb18030")).is_guessed
    assert not parse_roster("staff no,name\nT1,李\n".encode()).is_guessed


CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
    st.dates(date(1901, 1, 1), date(2199, 1, 1)),
)
FORMAT = st.one_of(
    st.sampled_from(
        ["General", "0", "000000", '"YC"0000', "0.00", "@", "yyyy-mm-dd", "#,##0", ";;;", '"', "0E+00", "\\", "[h]:mm"]
    ),
    st.text('0#?@;\\"[]_*., -/YCe号', max_size=12),
)


@given(st.lists(st.tuples(CELL, FORMAT), min_size=5, max_size=5), st.booleans())
@settings(max_examples=60)
def test_an_odd_book_is_read_or_refused_and_never_gives_a_damaged_value(row: list[Any], is_hidden: bool) -> None:
    book = openpyxl.Workbook()
    book.active.append(HEADER)
    for column, (value, number_format) in enumerate(row, start=1):
        cell = book.active.cell(2, column)
        with contextlib.suppress(Exception):  # openpyxl refuses to write some
            cell.value = value
            cell.number_format = number_format
    book.active.row_dimensions[2].hidden = is_hidden
    with contextlib.suppress(Invalid):
        parsed = parse_roster(saved(book))
        assert not (parsed.rows and is_hidden)
        for good in parsed.rows:
            number = good.values["staff_no"]
            assert not number.startswith(("=", "+", "-", "@"))
            value = row[0][0]
            if isinstance(value, int) and not isinstance(value, bool):
                assert abs(value) < 10**15
                assert str(abs(value)) in number.replace(" ", "") or not number or value == 0 or row[0][1] != "General"


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "gb18030", "big5", "utf-16", "cp1252"]), st.booleans())
@settings(max_examples=120)
def test_any_bytes_are_a_list_or_refused_and_no_name_has_a_private_sign(
    junk: bytes, encoding: str, ascii_head: bool
) -> None:
    head = ("staff no,name\n" if ascii_head else "工号,姓名\n").encode(encoding, "replace")
    with contextlib.suppress(Invalid):
        for row in parse_roster(head + junk).rows:
            for text in row.values.values():
                assert not any(0xE000 <= ord(sign) <= 0xF8FF or ord(sign) >= 0xF0000 for sign in text)

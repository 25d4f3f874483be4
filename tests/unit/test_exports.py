"""A list as a file: read right by a spreadsheet, harmless, never too long, and counted for the record."""

import csv
import io
import sys
import unicodedata
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from django.utils.translation import gettext_lazy, override
from hypothesis import given
from hypothesis import strategies as st

from exports import cleaned, csv_answer, csv_bytes, guard, guarded, plain_yuan, unguarded, xlsx_bytes


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def sheet_of(content: bytes) -> list[Any]:
    return list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows())


FORMULAS = (
    "=1+1", "+cmd", "-cmd", "@sum(a1)", "|calc", "%x", "＝1+1", "＋1a", "－cmd", "＠sum", "﹦1", "；=1", ";=1", ",=1",
    "\u200b=1+1", "\ufeff=1+1", "\u2060\u00a0=1", " =1", "\t=1", "\r\n=1", "\u3000＝1", "\u3164=1", "\u202e=1", "-5x", "+8613800138000",
    "'=1", "''=1", "' =1", "=", "-",
)  # fmt: skip
HARMLESS = ("-5", "-90.50", "1,000", "王芳", "'quoted'", "a=1", "a;=1", "…=", "'", "", "O'Neil", "3-5 岁", "'-5")


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_never_becomes_a_formula_and_comes_back(text: str) -> None:
    ((lazily, plainly),) = lines(csv_bytes([[gettext_lazy(text), text]]))
    assert lazily[0] == plainly[0] == "'"
    assert unguarded(plainly) == cleaned(text)
    (cell,) = [cell for row in sheet_of(xlsx_bytes([[text]])) for cell in row]
    assert (cell.data_type, cell.value) == ("s", plainly)


@pytest.mark.parametrize("text", HARMLESS)
def test_a_cell_that_is_none_stays_as_it_is(text: str) -> None:
    assert guarded(text) == unguarded(text) == text


@given(
    st.text(st.sampled_from("'=＝+-@;； \t\r\n\u200b\ufeff\u202e\u3164\u3000,5.aé王𠮷|%"), max_size=8)
    | st.text(max_size=12)
)
def test_the_guard_comes_off_whatever_the_text(text: str) -> None:
    assert unguarded(guarded(text)) == cleaned(text)
    assert cleaned(cleaned(text)) == cleaned(text)
    assert guarded(unguarded(guarded(text))) == guarded(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [("王\r\n芳", "王 芳"), ("a\u202egpj.exe", "agpj.exe"), ("李\u200b明\u2060华\ufeff", "李明华"), ("a\x00\x7fb\x85c", "ab c"),
     ("葛\U000e0100", "葛\U000e0100"), ("a\u2028b\tc", "a b c")],
)  # fmt: skip
def test_a_cell_is_one_line_and_shows_all_its_signs(text: str, shown: str) -> None:
    assert lines(csv_bytes([[text, "x"]])) == [[shown, "x"]]
    assert [[cell.value for cell in row] for row in sheet_of(xlsx_bytes([[text, "x"]]))] == [[shown, "x"]]


def test_a_semicolon_begins_no_cell_of_its_own_where_it_parts_cells() -> None:
    text = csv_bytes([["a;=1", "b"]]).decode("utf-8-sig")
    assert next(csv.reader([text], delimiter=";"))[0].startswith("a;=1")


def test_a_moment_is_iso_with_year_and_offset_and_needs_one() -> None:
    moment = datetime(2026, 12, 31, 16, 5, 9, 77, tzinfo=UTC)
    assert lines(csv_bytes([[moment]])) == [["2027-01-01T00:05:09+08:00"]]
    assert lines(csv_bytes([[moment]], "UTC")) == [["2026-12-31T16:05:09+00:00"]]
    assert [[cell.value for cell in row] for row in sheet_of(xlsx_bytes([[moment]]))] == [["2027-01-01T00:05:09+08:00"]]
    with pytest.raises(ValueError, match="offset"):
        csv_bytes([[datetime(2026, 1, 1)]])  # noqa: DTZ001 - what must be refused


def test_cells_are_texts_and_numbers_stay_numbers() -> None:
    row = [None, date(2026, 9, 1), 3, -5, plain_yuan(-9050), "王,老师", '"']
    assert lines(csv_bytes([row])) == [["", "2026-09-01", "3", "-5", "-90.50", "王,老师", '"']]


def test_a_file_is_marked_for_excel_named_neutrally_and_kept_nowhere() -> None:
    answer = csv_answer(["a"], [["1"], ["2"]], name="members")
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="members-2')
    assert answer["Cache-Control"] == "no-store"
    assert answer.rows == 2


@pytest.mark.parametrize(("given", "kept", "told"), [(2, 2, False), (3, 3, False), (4, 3, True), (900, 3, True)])
def test_a_list_that_is_too_long_is_cut_and_the_file_says_so(given: int, kept: int, told: bool) -> None:
    with override("en"):
        answer = csv_answer(["a"], ([n] for n in range(given)), most=3)
    found = lines(answer.content)
    assert answer.rows == kept
    assert len(found) == 1 + kept + told
    assert ("more rows" in found[-1][0]) is told


def test_the_short_way_takes_no_sign_that_the_long_way_would_change() -> None:
    """A cell that is all printable is given as it is; with a letter or a digit no formula begins, however it is folded."""
    signs = [chr(number) for number in range(sys.maxunicode + 1)]
    assert [
        sign for sign in signs if sign.isprintable() and unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}
    ] == []
    plain = [sign for sign in signs if guard._PLAIN_START.match(sign)]
    assert len(plain) > 20_000
    assert [sign for sign in plain if unicodedata.normalize("NFKC", sign) != sign or not sign.isalnum()] == []

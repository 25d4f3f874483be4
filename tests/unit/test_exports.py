"""A list as a file: read right by a spreadsheet, harmless, never too long, and counted for the record."""

import csv
import io
from datetime import date

import pytest
from django.utils.translation import gettext_lazy, override

from exports import csv_answer, csv_bytes, plain_yuan


def lines(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-cmd", "@sum(a1)", "|calc"])
def test_a_cell_never_becomes_a_formula(text: str) -> None:
    ((lazily, plainly),) = lines(csv_bytes([[gettext_lazy(text), text]]))
    assert lazily[0] == plainly[0] == "'"


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

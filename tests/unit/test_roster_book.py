"""A book is read as the person sees it; what is no staff list is refused before it costs anything."""

import io
import tracemalloc
import zipfile

import openpyxl
import pytest

from kernel.errors import Invalid
from people.roster import parse
from people.roster.book import MAX_SHEET_ROW, rows_of
from people.roster.cells import BadCell
from people.roster.parse import parse_roster

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def part(sheet: str, shared: str = "") -> bytes:
    """A book whose first sheet and shared words are these."""
    plain = saved(openpyxl.Workbook())
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(plain)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            text = (
                sheet if "sheet1" in info.filename else shared if shared and "sharedStrings" in info.filename else None
            )
            target.writestr(info.filename, source.read(info) if text is None else text)
        if shared and "xl/sharedStrings.xml" not in source.namelist():
            target.writestr("xl/sharedStrings.xml", shared)
    return out.getvalue()


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def test_formulas_and_error_values_are_told_from_words() -> None:
    book = openpyxl.Workbook()
    book.active.append(["李明华", "=1+1", None, 5])
    book.active["E1"] = "#REF!"
    [(number, cells)] = rows_of(saved(book))
    assert (number, cells[:5]) == (1, ["李明华", BadCell("formula"), None, "5", BadCell("cell_error")])
    assert not any(cells[5:])


@pytest.mark.parametrize(
    "sheet",
    [
        f'<!DOCTYPE w [<!ENTITY a "b">]>{sheet_of("<row/>")}',
        sheet_of('<row r="x"/>'),
        sheet_of('<row><c r="1"/></row>'),
        sheet_of('<row><c t="s"><v>99</v></c></row>'),
        sheet_of(f"<row><c><v>{'9' * 5000}</v></c></row>"),
        sheet_of("<row><c>")[:-40],
    ],
)
def test_a_book_that_is_not_right_is_unreadable(sheet: str) -> None:
    with pytest.raises(Invalid) as refusal:
        list(rows_of(part(sheet)))
    assert refusal.value.reason == "roster_unreadable"


def test_a_row_far_below_is_too_far() -> None:
    with pytest.raises(Invalid) as refusal:
        list(rows_of(part(sheet_of(f'<row r="{MAX_SHEET_ROW + 1}"/>'))))
    assert refusal.value.reason == "roster_too_many_rows"


def long_list(rows: int, name: str) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("1")
    sheet.append(["工号", "姓名", "邮箱", "手机", "部门", "称呼", "性别", "入职日期", "离职日期"])
    for n in range(rows):
        sheet.append([f"T{n:06d}", name, f"t{n}@x.example", f"138{n:08d}", "语文组", "老师", "女", "2020-01-01", ""])
    return saved(book)


def test_the_longest_list_takes_little_memory() -> None:
    """A quarter of the most rows; every object that Python made is counted, at its peak."""
    content = long_list(5_000, "李明华")
    tracemalloc.start()
    parsed = parse_roster(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(parsed.rows) == 5_000
    assert peak < 20_000_000, f"{peak / 1e6:.0f} MB"


def test_it_tells_how_far_it_is() -> None:
    told: list[tuple[int, int]] = []
    book = openpyxl.Workbook()
    for number in range(1000):
        book.active.append([number])
    list(rows_of(saved(book), lambda done, total: told.append((done, total))))
    assert [total for _done, total in told] == [1000] * 11
    assert [done for done, _total in told] == [100, 200, 300, 400, 500, 600, 700, 800, 900, 999, 1000]


def test_too_much_text_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse.MAX_TEXT == 200 * parse.MAX_ROWS
    monkeypatch.setattr(parse, "MAX_TEXT", 100_000)
    content = long_list(250, "名" * 480)
    with pytest.raises(Invalid) as refusal:
        parse_roster(content)
    assert refusal.value.reason == "roster_too_much_text"

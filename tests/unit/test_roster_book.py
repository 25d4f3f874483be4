"""Our own reader of books reads what openpyxl reads, and takes nothing that openpyxl's guard would refuse."""

import io
import random
import time
import tracemalloc
import zipfile
from datetime import date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont

from accounts.roster import parse
from accounts.roster.book import MAX_CELL, MAX_COLUMNS, MAX_SHEET_ROW, BadCell, rows_of
from accounts.roster.parse import parse_roster
from kernel.errors import Invalid

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_openpyxl(content: bytes) -> dict[int, list[Any]]:
    """Rows with something in them, without the empty cells at their end."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), read_only=True).worksheets[0]
    rows: dict[int, list[Any]] = {}
    for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
        values = [BadCell("formula") if c.data_type == "f" else None if c.value == "" else c.value for c in cells]
        while values and values[-1] is None:
            values.pop()
        if values:
            rows[number] = values
    return rows


def by_us(content: bytes) -> dict[int, list[Any]]:
    return {number: cells for number, cells in rows_of(content) if cells}


def anything(pick: random.Random) -> object:
    """A cell as schools fill them in."""
    return pick.choice(
        [
            None, "", "李明华", " 王 ", "a&b <c>", "_x000D_", "=1+1", 7, 12.5, 1e20, -3, True, False, date(2026, 9, 1),
            datetime(2026, 9, 1, 8, 30), timedelta(hours=30), "0042", "x" * 480, CellRichText("李", TextBlock(InlineFont(b=True), "明")),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("write_only", [False, True])
def test_it_reads_what_openpyxl_reads(seed: int, write_only: bool) -> None:
    pick = random.Random(seed)
    book = openpyxl.Workbook(write_only=write_only)
    book.epoch = pick.choice([openpyxl.utils.datetime.WINDOWS_EPOCH, openpyxl.utils.datetime.MAC_EPOCH])
    sheet = book.create_sheet("名单", 0)
    for _ in range(30):
        sheet.append([anything(pick) for _ in range(pick.randrange(0, 70))])
    content = saved(book)
    assert by_us(content) == by_openpyxl(content)


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


def test_words_without_their_reading_aids_and_cells_without_an_address() -> None:
    content = part(
        sheet_of(
            '<row><c t="inlineStr"><is><t>李</t><rPh sb="0" eb="1"><t>LI</t></rPh><r><t>明</t></r></is></c><c/>'
            '<c><v>5</v></c></row><row r="4"><c r="C4" t="str"><f>A1</f><v>7</v></c><c r="ZZ4"><v>1</v></c></row>'
        )
    )
    assert list(rows_of(content)) == [(1, ["李明", None, 5]), (4, [None, None, BadCell("formula")])]


@pytest.mark.parametrize(
    "sheet",
    [
        f'<!DOCTYPE w [<!ENTITY a "b">]>{sheet_of("<row/>")}',
        f'<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x">{sheet_of("<row/>")}',
        sheet_of('<row r="5"/><row r="5"/>'),
        sheet_of('<row r="x"/>'),
        sheet_of('<row><c r="1"/></row>'),
        sheet_of('<row><c t="s"><v>99</v></c></row>'),
        sheet_of('<row><c t="no"><v>1</v></c></row>'),
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


def test_a_cell_is_kept_only_as_far_as_it_may_be_long() -> None:
    [(_, [cell])] = rows_of(part(sheet_of(f'<row><c t="inlineStr"><is><t>{"<![CDATA[a]]>" * 9000}</t></is></c></row>')))
    assert MAX_CELL < len(cell) <= MAX_CELL + 9000


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


def test_it_takes_a_fraction_of_the_time_of_openpyxl() -> None:
    """Both in the same moment, by the processor's clock: the machine may be busy."""
    content = long_list(3_000, "李明华")

    def seconds(read: Any) -> float:
        began = time.process_time()
        read(content)
        return time.process_time() - began

    assert seconds(by_us) < seconds(by_openpyxl) / 2


def test_too_much_text_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse.MAX_TEXT == 200 * parse.MAX_ROWS
    monkeypatch.setattr(parse, "MAX_TEXT", 100_000)
    content = long_list(250, "名" * 480)
    with pytest.raises(Invalid) as refusal:
        parse_roster(content)
    assert refusal.value.reason == "roster_too_much_text"

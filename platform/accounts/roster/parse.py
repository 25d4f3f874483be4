"""Bytes of an uploaded staff list → rows of text. Trusts nothing: sizes, encodings, formulas, compression.

Pure: no Django. What makes the whole file unreadable raises ``Invalid``; what spoils one row becomes a ``RowIssue``.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from accounts.roster.book import MAX_CELL, MAX_ROWS, BadCell, Progress, rows_of, unpacked
from kernel.errors import Invalid

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_TEXT: Final = 4_000_000  # characters in all columns that mean something: 200 a row in the longest list

LONG_BOOK: Final = 1024 * 1024
LONG_TEXT: Final = 200 * 1024
"""Bytes (of a book: unpacked) from which a list is long: about two thousand rows, a second of work."""

FORMULA_STARTS: Final = tuple("=+-@\t\r＝＋－＠")
PHONE_WITH_PLUS: Final = re.compile(r"[+＋]\d[\d \-]{5,20}")

HEADERS: Final[Mapping[str, frozenset[str]]] = {
    "staff_no": frozenset({"工号", "教工号", "职工号", "人员编号", "教职工号", "staffno", "staffnumber", "employeeid"}),
    "name": frozenset({"姓名", "名字", "name", "fullname"}),
    "email": frozenset({"邮箱", "电子邮箱", "电子邮件", "邮件", "email", "emailaddress"}),
    "phone": frozenset({"手机", "手机号", "手机号码", "电话", "联系电话", "phone", "mobile", "telephone"}),
    "department": frozenset({"部门", "科室", "院系", "教研组", "处室", "department"}),
    "title": frozenset({"称呼", "title", "formofaddress"}),
    "gender": frozenset({"性别", "gender", "sex"}),
    "active_from": frozenset({"入职日期", "到岗日期", "起始日期", "activefrom", "startdate"}),
    "left_on": frozenset({"离职日期", "离校日期", "离岗日期", "lefton", "enddate"}),
}
REQUIRED: Final = ("staff_no", "name")


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One line of the list. ``number`` counts as the spreadsheet does, the header being 1."""

    number: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RowIssue:
    """What is wrong in one row. ``detail`` never repeats a cell's content. A blocking issue refuses the whole row."""

    row: int
    field: str
    code: str
    detail: str = ""
    blocking: bool = True


@dataclass(frozen=True, slots=True)
class ParsedRoster:
    """Readable rows, refused rows, and the headings that mean nothing to us."""

    rows: tuple[RosterRow, ...]
    issues: tuple[RowIssue, ...]
    ignored: tuple[str, ...]


def is_long(content: bytes) -> bool:
    """Whether reading it takes more than about a second. Invalid as ``parse_roster`` where the outside shows it."""
    _refuse_at_sight(content)
    return unpacked(content) > LONG_BOOK if _is_book(content) else len(content) > LONG_TEXT


def parse_roster(content: bytes, on_progress: Progress | None = None) -> ParsedRoster:
    """Read a CSV or XLSX staff list, told apart by its first bytes, never by its name. ``on_progress`` hears of a book.

    Raises Invalid: ``roster_empty``, ``roster_too_large``, ``roster_too_many_rows``, ``roster_too_much_text``,
    ``roster_old_excel``, ``roster_encoding``, ``roster_unreadable``, ``roster_header_missing``, ``roster_header_twice``.
    """
    _refuse_at_sight(content)
    return _collect(rows_of(content, on_progress) if _is_book(content) else _csv_lines(content))


def _is_book(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _refuse_at_sight(content: bytes) -> None:
    if not content.strip():
        raise Invalid("roster_empty")
    if len(content) > MAX_BYTES:
        raise Invalid("roster_too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("roster_old_excel")


def _collect(lines: Iterable[tuple[int, list[Any]]]) -> ParsedRoster:
    rows: list[RosterRow] = []
    issues: list[RowIssue] = []
    columns: dict[int, str] | None = None
    ignored: tuple[str, ...] = ()
    read = text = 0
    for number, cells in lines:
        if all(cell is None or cell == "" for cell in cells):
            continue
        if columns is None:
            columns, ignored = _columns([_text(cell) for cell in cells])
            continue
        read += 1
        if read > MAX_ROWS:
            raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
        values, issue = _row(number, cells, columns)
        text += sum(map(len, values.values()))
        if text > MAX_TEXT:
            raise Invalid("roster_too_much_text")
        if issue is not None:
            issues.append(issue)
        rows.append(RosterRow(number, values)) if issue is None else None
    if columns is None or not read:
        raise Invalid("roster_empty")
    return ParsedRoster(tuple(rows), tuple(issues), ignored)


def _columns(header: list[str]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Position → field, and the headings that stand for nothing."""
    found: dict[int, str] = {}
    ignored: list[str] = []
    for position, heading in enumerate(header):
        plain = re.sub(r"[\s_\-*＊]|[(（].*?[)）]", "", heading).lower()
        field = next((name for name, words in HEADERS.items() if plain in words), None)
        if field is None:
            ignored.extend([heading[:40]] if plain else [])
        elif field in found.values():
            raise Invalid("roster_header_twice", field=field)
        else:
            found[position] = field
    for field in REQUIRED:
        if field not in found.values():
            raise Invalid("roster_header_missing", field=field)
    return found, tuple(ignored)


def _row(number: int, cells: list[Any], columns: Mapping[int, str]) -> tuple[dict[str, str], RowIssue | None]:
    values: dict[str, str] = {}
    for position, field in columns.items():
        cell = cells[position] if position < len(cells) else None
        if isinstance(cell, BadCell):
            return {}, RowIssue(number, field, cell.code)
        text = _text(cell)
        if len(text) > MAX_CELL:
            return {}, RowIssue(number, field, "too_long", str(MAX_CELL))
        if text.startswith(FORMULA_STARTS) and not (field == "phone" and PHONE_WITH_PLUS.fullmatch(text)):
            return {}, RowIssue(number, field, "formula")
        if "\x00" in text:
            return {}, RowIssue(number, field, "unreadable")
        values[field] = text.strip()
    return values, None


def _text(cell: object) -> str:
    """A cell as the person sees it: dates in ISO form, whole numbers without a point."""
    match cell:
        case None | BadCell():
            return ""
        case datetime():
            return cell.date().isoformat()
        case date():
            return cell.isoformat()
        case bool():
            return str(cell)
        case float() if cell.is_integer():
            return str(int(cell))
        case str():
            return cell.strip(" \n\u3000\u00a0")
        case _:
            return str(cell)


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    encoding = _encoding(content)
    first = content.split(b"\n", 1)[0].decode(encoding, "replace")
    delimiter = max(",;\t，", key=first.count)
    # Decoded bit by bit: a text of 20 MB as a whole would stand four times that in memory.
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except csv.Error as error:
        raise Invalid("roster_unreadable", row=number + 1) from error


def _encoding(content: bytes) -> str:
    """UTF-8 with or without mark, else GB18030: what Excel saves on a Chinese desktop."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if b"\x00" not in content:
            return encoding
    raise Invalid("roster_encoding")

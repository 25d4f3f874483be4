"""Bytes of an uploaded staff list → rows of text. Trusts nothing: sizes, encodings, formulas, compression.

Pure: no Django. What makes the whole file unreadable raises ``Invalid``; what spoils one row becomes a ``RowIssue``.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from zipfile import BadZipFile

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from kernel.errors import Invalid

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 20_000
MAX_CELL: Final = 500  # characters
MAX_COLUMNS: Final = 60
MAX_UNPACKED: Final = 60 * 1024 * 1024  # a zip that claims more is a bomb, not a staff list
MAX_TAGS: Final = 2_000_000  # of all sheets and their words; 20 000 rows of nine columns have fewer
MAX_OTHER_TAGS: Final = 50_000  # of styles and the like, which cost most of all to read
MAX_PARTS: Final = 500
MAX_SHEET_ROW: Final = 200_000  # a blank sheet this tall is not read to its end
_BLOCK: Final = 1024 * 1024
_LONG_PART: Final = re.compile(r"worksheets/|sharedStrings", re.IGNORECASE)

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


def parse_roster(content: bytes) -> ParsedRoster:
    """Read a CSV or XLSX staff list, told apart by its first bytes, never by its name.

    Raises Invalid: ``roster_empty``, ``roster_too_large``, ``roster_too_many_rows``, ``roster_old_excel``,
    ``roster_encoding``, ``roster_unreadable``, ``roster_header_missing``, ``roster_header_twice``.
    """
    if not content.strip():
        raise Invalid("roster_empty")
    if len(content) > MAX_BYTES:
        raise Invalid("roster_too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("roster_old_excel")
    lines = _xlsx_lines(content) if content.startswith(b"PK\x03\x04") else _csv_lines(content)
    return _collect(lines)


def _collect(lines: Iterable[tuple[int, list[Any]]]) -> ParsedRoster:
    rows: list[RosterRow] = []
    issues: list[RowIssue] = []
    columns: dict[int, str] | None = None
    ignored: tuple[str, ...] = ()
    read = 0
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
        if isinstance(cell, _Refused):
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


@dataclass(frozen=True, slots=True)
class _Refused:
    """A cell that must not be read: a formula, or an error value of the spreadsheet."""

    code: str


def _text(cell: object) -> str:
    """A cell as the person sees it: dates in ISO form, whole numbers without a point."""
    match cell:
        case None | _Refused():
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
    text = _decoded(content)
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t，", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except csv.Error as error:
        raise Invalid("roster_unreadable", row=number + 1) from error


def _decoded(content: bytes) -> str:
    """UTF-8 with or without mark, else GB18030: what Excel saves on a Chinese desktop."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise Invalid("roster_encoding")


def _xlsx_lines(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    _refuse_bomb(content)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            if number > MAX_SHEET_ROW:
                raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
            yield number, [_xlsx_cell(cell) for cell in cells]
    except Invalid:
        raise
    except Exception as error:  # openpyxl and defusedxml raise a dozen kinds for a broken or hostile book
        raise Invalid("roster_unreadable") from error


def _xlsx_cell(cell: Any) -> object:
    if cell.data_type == "f":
        return _Refused("formula")
    if cell.data_type == "e":
        return _Refused("cell_error")
    return cell.value


def _refuse_bomb(content: bytes) -> None:
    """Look at what the archive says of itself before a byte is unpacked; zipfile reads no more than it says.

    Then count the tags: a book of a hundred kilobytes may unpack to millions of empty rows, and each becomes an object.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        parts = archive.infolist()
        if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
            raise Invalid("roster_too_large", limit_mb=MAX_UNPACKED // 1024 // 1024)
        long = other = 0
        for part in parts:
            if _LONG_PART.search(part.filename):
                long += _tags(archive, part, MAX_TAGS)
            else:
                other += _tags(archive, part, MAX_OTHER_TAGS)
            if long > MAX_TAGS:
                raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
            if other > MAX_OTHER_TAGS:
                raise Invalid("roster_unreadable")
    except (BadZipFile, InvalidFileException, ValueError, zlib.error, EOFError, RuntimeError, OSError) as error:
        raise Invalid("roster_unreadable") from error


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How many tags a part has; not counted further than ``most``."""
    found = 0
    with archive.open(part) as stream:
        while found <= most and (block := stream.read(_BLOCK)):
            found += block.count(b"<")
    return found

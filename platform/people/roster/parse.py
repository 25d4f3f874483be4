"""Bytes of an uploaded staff list → rows of text. Trusts nothing: sizes, encodings, formulas, compression.

What makes the whole file unreadable raises ``Invalid``; what spoils one row becomes a ``RowIssue``. A file of ours comes
back: headings in the languages we write them (``headings``), cells with the guard of ``exports`` taken off.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

from exports.guard import unguarded
from kernel.errors import Invalid
from kernel.fold import fold_key, fold_text, has_private_use
from people.roster.book import MAX_CELL, MAX_ROWS, Progress, Unseen, rows_of, unpacked
from people.roster.cells import NUMBER_FIELDS, BadCell, text_of
from people.roster.encoding import GUESSED, encoding_of, is_unproved

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_TEXT: Final = 4_000_000  # characters in all columns that mean something: 200 a row in the longest list

MAX_FIRST_LINE: Final = 64 * 1024
"""Bytes. Nobody names columns at greater length: such a file is no list."""

LONG_BOOK: Final = 1024 * 1024
LONG_TEXT: Final = 200 * 1024
"""Bytes (of a book: unpacked) from which a list is long: about two thousand rows, a second of work."""

FORMULA_STARTS: Final = tuple("=+-@")
PHONE_WITH_PLUS: Final = re.compile(r"\+\d[\d ()./\u2010-\u2015\u00b7-]{5,24}")
TEXT_MARK: Final = re.compile(r"['’](?=\d)")
"""What people put before a number so that a spreadsheet keeps its zeros; a CSV shows it."""

OURS: Final = "ours"
"""A heading of a file that we gave out to be corrected, which holds nothing about the person."""

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
    """One line of the list. ``number`` counts as the spreadsheet does, the header being 1.

    ``refused``: of a spoilt row the beginning of the cell that spoilt it, to be shown and never to be read.
    """

    number: int
    values: Mapping[str, str]
    refused: str = ""


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
    """Readable rows, refused rows, and the headings that mean nothing to us.

    ``spoilt`` are what could be read of the refused rows; ``unseen`` what was hidden in a book; ``is_guessed`` says that
    nothing in the file speaks for the alphabet it was read in.
    """

    rows: tuple[RosterRow, ...]
    issues: tuple[RowIssue, ...]
    ignored: tuple[str, ...]
    spoilt: tuple[RosterRow, ...] = ()
    unseen: Unseen = field(default_factory=Unseen)
    is_guessed: bool = False


MOST_SHOWN: Final = 60
"""Characters of a refused cell that are kept, sealed, to be shown to whoever sent them."""

_NO_TABLE: Final = re.compile(
    rb"%PDF-|\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\x00{4}|II\*\x00|MM\x00\*|RIFF.{4}WEBP|\x00\x00.{2}ftyp",
    re.DOTALL,
)
"""How papers and pictures begin: PDF, PNG, JPEG, GIF, BMP, TIFF, WebP, HEIC."""


def is_long(file: BinaryIO, headings: Mapping[str, str]) -> bool:
    """Whether reading it takes more than about a second. Reads its beginning only, and what a book says of itself.

    Invalid as ``parse_roster`` where the outside shows it, and for a long text that does not begin with a list's headings.
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(0)
    beginning = file.read(MAX_FIRST_LINE + 1)
    _refuse_at_sight(beginning, size)
    if _is_book(beginning):
        return unpacked(file) > LONG_BOOK or size > LONG_BOOK
    if size <= LONG_TEXT:
        return False
    _refuse_headless(beginning, headings)
    return True


def _refuse_headless(beginning: bytes, headings: Mapping[str, str]) -> None:
    """A job and megabytes on the disk would be in vain for a text whose first line is none of a list."""
    if b"\x00" in beginning:
        raise Invalid("roster_encoding")
    try:
        text = codecs.getincrementaldecoder("utf-8-sig")().decode(beginning)
    except UnicodeDecodeError:
        text = beginning.decode(GUESSED, "replace")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    header = next((row for row in reader if any(row)), None)
    if header is None or (len(beginning) > MAX_FIRST_LINE and next(reader, None) is None):
        raise Invalid("roster_unreadable")
    columns_of([_heading(cell) for cell in header], headings)


def parse_roster(
    content: bytes, on_progress: Progress | None = None, headings: Mapping[str, str] | None = None
) -> ParsedRoster:
    """Read a CSV or XLSX staff list, told apart by its first bytes, never by its name. ``on_progress`` hears of a book.

    ``headings``: further words of a first line and the fields they mean (``people.roster.headings``).

    Raises Invalid: ``roster_empty``, ``roster_too_large``, ``roster_too_many_rows``, ``roster_too_much_text``,
    ``roster_old_excel``, ``roster_no_table``, ``roster_merged``, ``roster_encoding``, ``roster_unreadable``, ``roster_all_hidden``, ``roster_header_missing``,
    ``roster_header_twice``.
    """
    _refuse_at_sight(content, len(content))
    unseen = Unseen()
    if _is_book(content):
        return _collect(rows_of(content, on_progress, unseen), headings or {}, unseen)
    encoding = encoding_of(content)
    return _collect(_csv_lines(content, encoding), headings or {}, unseen, is_guessed=is_unproved(content, encoding))


def _is_book(content: bytes) -> bool:
    return content.startswith(b"PK\x03\x04")


def _refuse_at_sight(beginning: bytes, size: int) -> None:
    if size > MAX_BYTES:
        raise Invalid("roster_too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if not beginning or (len(beginning) == size and beginning.isspace()):
        raise Invalid("roster_empty")
    if beginning.startswith(b"\xd0\xcf\x11\xe0"):
        raise Invalid("roster_old_excel")
    if _NO_TABLE.match(beginning):
        raise Invalid("roster_no_table")


def _collect(
    lines: Iterable[tuple[int, list[Any]]], headings: Mapping[str, str], unseen: Unseen, *, is_guessed: bool = False
) -> ParsedRoster:
    rows: list[RosterRow] = []
    spoilt: list[RosterRow] = []
    issues: list[RowIssue] = []
    columns: dict[int, str] | None = None
    ignored: tuple[str, ...] = ()
    read = text = 0
    for number, cells in lines:
        if all(cell is None or cell == "" for cell in cells):
            continue
        if columns is None:
            columns, ignored = columns_of([_heading(cell) for cell in cells], headings)
            continue
        read += 1
        if read > MAX_ROWS:
            raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
        values, issue = _row(number, cells, columns)
        text += sum(map(len, values.values()))
        if text > MAX_TEXT:
            raise Invalid("roster_too_much_text")
        if issue is None:
            rows.append(RosterRow(number, values))
        else:
            issues.append(issue)
            spoilt.append(RosterRow(number, values, _as_it_stood(cells, columns, issue.field)))
    if columns is None or not read:
        raise Invalid("roster_empty")
    return ParsedRoster(tuple(rows), tuple(issues), ignored, tuple(spoilt), unseen, is_guessed)


def columns_of(header: list[str], headings: Mapping[str, str]) -> tuple[dict[int, str], tuple[str, ...]]:
    """Position → field, and the headings that stand for nothing. Invalid ``roster_header_missing``, ``…_twice``."""
    found: dict[int, str] = {}
    ignored: list[str] = []
    for position, heading in enumerate(header):
        plain = plain_heading(heading)
        field = next((name for name, words in HEADERS.items() if plain in words), headings.get(plain))
        if field is None:
            ignored.extend([heading[:40]] if plain else [])
        elif field == OURS:
            continue
        elif field in found.values():
            raise Invalid("roster_header_twice", field=field)
        else:
            found[position] = field
    for field in REQUIRED:
        if field not in found.values():
            raise Invalid("roster_header_missing", field=field)
    return found, tuple(ignored)


def plain_heading(heading: str) -> str:
    """``Staff-No. *（必填）`` → ``staffno``: one word for one column, however it is written."""
    return re.sub(r"\(.*?\)|[\s_\-*.:：]", "", fold_key(heading))


def _heading(cell: object) -> str:
    return fold_text(unguarded(cell)) if isinstance(cell, str) else ""


def _row(number: int, cells: list[Any], columns: Mapping[int, str]) -> tuple[dict[str, str], RowIssue | None]:
    """The cells that can be read, and the first fault."""
    values: dict[str, str] = {}
    issue: RowIssue | None = None
    for position, name in columns.items():
        cell = text_of(cells[position] if position < len(cells) else None, name)
        if fault := _fault(cell, name):
            issue = issue or RowIssue(number, name, *fault)
        values[name] = "" if fault or isinstance(cell, BadCell) else _kept(cell, name)
    return values, issue


def _as_it_stood(cells: list[Any], columns: Mapping[int, str], field: str) -> str:
    """What the person sees in the cell, as far as it can be shown."""
    position = next(place for place, name in columns.items() if name == field)
    cell = cells[position] if position < len(cells) else None
    shown = "" if cell is None or isinstance(cell, BadCell) else str(cell)
    return "".join(sign for sign in shown[:MOST_SHOWN] if sign.isprintable())


def _kept(text: str, field: str) -> str:
    plain = fold_text(unguarded(text))
    return TEXT_MARK.sub("", plain, count=1) if field in NUMBER_FIELDS else plain


def _fault(text: str | BadCell, field: str) -> tuple[str, str] | None:
    """Why a cell must not be taken, as code and detail."""
    if isinstance(text, BadCell):
        return text.code, ""
    if len(text) > MAX_CELL:
        return "too_long", str(MAX_CELL)
    if "\x00" in text:
        return "unreadable", ""
    if has_private_use(text):
        return "private_sign", ""
    plain = _kept(text, field)
    if plain.startswith(FORMULA_STARTS) and not (field == "phone" and PHONE_WITH_PLUS.fullmatch(plain)):
        return "formula", ""
    return None


def _csv_lines(content: bytes, encoding: str) -> Iterator[tuple[int, list[Any]]]:
    delimiter = _delimiter(content[:MAX_FIRST_LINE].decode(encoding, "replace"))
    # Decoded bit by bit: a text of 20 MB as a whole would stand four times that in memory.
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number = 0
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, list(cells)
    except csv.Error as error:
        raise Invalid("roster_unreadable", row=number + 1) from error


def _delimiter(text: str) -> str:
    """What parts the cells of the first line."""
    first = text.split("\n", 1)[0]
    return max(",;\t，", key=first.count)

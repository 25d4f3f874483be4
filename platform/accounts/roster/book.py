"""The first sheet of an XLSX book as rows of values, read as a stream in the web process: seconds and memory are bounded.

Straight from expat: behind defusedxml openpyxl builds every cell as Python objects, five times the time. What this
module promises in turn: no document type is accepted (so there are no entities at all), nothing outside is fetched, and
what is kept grows with the cells in the first columns alone. What a number means as a date is openpyxl's knowledge.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import IO, Any, Final
from xml.parsers import expat
from zipfile import BadZipFile

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel, from_ISO8601

from kernel.errors import Invalid

MAX_ROWS: Final = 20_000
MAX_CELL: Final = 500  # characters
MAX_COLUMNS: Final = 60
MAX_UNPACKED: Final = 60 * 1024 * 1024  # a zip that claims more is a bomb, not a staff list
MAX_TAGS: Final = 2_000_000  # of all sheets and their words; 20 000 rows of nine columns have fewer
MAX_OTHER_TAGS: Final = 50_000  # of styles and the like
MAX_PARTS: Final = 500
MAX_SHEET_ROW: Final = 200_000  # a blank sheet this tall is not read to its end
_BLOCK: Final = 256 * 1024
_LONG_PART: Final = re.compile(r"worksheets/|sharedStrings", re.IGNORECASE)

BROKEN: Final = (
    BadZipFile, ValueError, KeyError, IndexError, TypeError, OverflowError, zlib.error, EOFError, RuntimeError, OSError,
    expat.ExpatError,
)  # fmt: skip
"""What a broken or hostile book makes zipfile, expat and the numbers in it raise."""


Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that must not be read: a formula, or an error value of the spreadsheet."""

    code: str


def rows_of(content: bytes, on_progress: Progress | None = None) -> Iterator[tuple[int, list[Any]]]:
    """``(row number from 1, cells)`` of every row that stands in the sheet, ``None`` for an empty cell.

    ``on_progress(done, total)`` is told the bytes of the sheet, a few times a megabyte.

    Raises Invalid: ``roster_too_large``, ``roster_too_many_rows``, ``roster_unreadable``.
    """
    _refuse_bomb(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        book = _Book.of(archive)
        strings = _strings(archive, book.strings) if book.strings else []
        yield from _sheet(archive, book, strings, on_progress)
    except BROKEN as error:
        raise Invalid("roster_unreadable") from error


# ------------------------------------------------------------------------------------------------ before it is opened
def unpacked(content: bytes) -> int:
    """How many bytes it says that it holds. Invalid as ``rows_of`` for a bomb."""
    _refuse_bomb(content)
    return sum(part.file_size for part in zipfile.ZipFile(io.BytesIO(content)).infolist())


def _refuse_bomb(content: bytes) -> None:
    """Look at what the archive says of itself before a byte is unpacked; zipfile reads no more than it says.

    Then count the tags: a book of a hundred kilobytes may unpack to millions of empty rows, and each is work.
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
    except BROKEN as error:
        raise Invalid("roster_unreadable") from error


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How many tags a part has; not counted further than ``most``."""
    found = 0
    with archive.open(part) as stream:
        while found <= most and (block := stream.read(_BLOCK)):
            found += block.count(b"<")
    return found


# ------------------------------------------------------------------------------------------------------- streamed XML
class _Locals(dict[str, str]):
    """Names without their namespace, each cut once: a book has a hundred thousand elements and a dozen names."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition("}")[2]
        return local


def _parser() -> Any:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*args: object) -> int:
        raise ValueError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    return parser


def _blocks(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """The stream's bytes, then an empty last block."""
    while block := stream.read(_BLOCK):
        yield block, False
    yield b"", True


def _elements(archive: zipfile.ZipFile, path: str) -> list[tuple[str, dict[str, str]]]:
    """Names and attributes of a short part (at most ``MAX_OTHER_TAGS``), without namespaces."""
    names, found = _Locals(), []
    parser = _parser()

    def start(name: str, attributes: dict[str, str]) -> None:
        found.append((names[name], {names[key]: value for key, value in attributes.items()}))

    parser.StartElementHandler = start
    with archive.open(path) as stream:
        for block, last in _blocks(stream):
            parser.Parse(block, last)
    return found


# ------------------------------------------------------------------------------------------------------------ the book
@dataclass(frozen=True, slots=True)
class _Book:
    """Where the first sheet and the shared strings lie, and what its numbers mean."""

    sheet: str
    strings: str
    epoch: datetime
    dates: frozenset[int] = frozenset()
    spans: frozenset[int] = frozenset()
    """Styles that show a number as a day, or as a span of time."""

    @classmethod
    def of(cls, archive: zipfile.ZipFile) -> "_Book":
        """KeyError or ValueError when there is no sheet."""
        home = next(
            (to for kind, to in _relations(archive, "").values() if kind == "officeDocument"), "xl/workbook.xml"
        )
        related = _relations(archive, home)
        elements = _elements(archive, home)
        sheets = [attributes["id"] for name, attributes in elements if name == "sheet"]
        first = next(related[key][1] for key in sheets if related[key][0] == "worksheet")
        parts = {kind: to for kind, to in related.values() if kind in ("sharedStrings", "styles")}
        mac = any(name == "workbookPr" and a.get("date1904") in ("1", "true") for name, a in elements)
        dates, spans = _date_styles(archive, parts["styles"]) if "styles" in parts else (set(), set())
        epoch = MAC_EPOCH if mac else WINDOWS_EPOCH
        return cls(first, parts.get("sharedStrings", ""), epoch, frozenset(dates), frozenset(spans))


def _relations(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """Id → last word of the kind, path inside the archive. Parts outside are not asked for."""
    place = PurePosixPath(part)
    path = str(place.parent / "_rels" / f"{place.name}.rels") if part else "_rels/.rels"
    found = {}
    for name, attributes in _elements(archive, path):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes["Target"]
            inside = target.lstrip("/") if target.startswith("/") else str(place.parent / target)
            found[attributes["Id"]] = (attributes["Type"].rpartition("/")[2], _plain(inside))
    return found


def _plain(path: str) -> str:
    """``xl/../xl/a.xml`` → ``xl/a.xml``. Only names inside the archive are ever opened."""
    kept: list[str] = []
    for step in PurePosixPath(path).parts:
        if step == "..":
            kept.pop()
        elif step != ".":
            kept.append(step)
    return "/".join(kept)


def _date_styles(archive: zipfile.ZipFile, path: str) -> tuple[set[int], set[int]]:
    formats: dict[int, str] = {}
    dates: set[int] = set()
    spans: set[int] = set()
    inside, number = False, 0
    for name, attributes in _elements(archive, path):
        if name == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes["formatCode"]
        elif name in ("cellXfs", "cellStyles"):
            inside = name == "cellXfs"  # its ``xf`` are the styles that cells count; others stand before and after
        elif name == "xf" and inside:
            key = int(attributes.get("numFmtId", "0"))
            shape = formats.get(key) or BUILTIN_FORMATS.get(key)
            if is_date_format(shape):
                dates.add(number)
            if is_timedelta_format(shape):
                spans.add(number)
            number += 1
    return dates, spans


def _strings(archive: zipfile.ZipFile, path: str) -> list[str]:
    """The book's shared words. Each is cut right after the most a cell may hold: enough to see that it is too long."""
    found: list[str] = []
    parser, names = _parser(), _Locals()
    parts: list[str] = []
    length = 0
    wanted = aside = False

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal parts, length, wanted, aside
        local = names[name]
        if local == "t":
            wanted = not aside
        elif local == "si":
            parts, length, aside = [], 0, False
        elif local == "rPh":  # the reading aid beside a word is not the word
            aside = True

    def add(data: str) -> None:
        nonlocal length
        if wanted and length <= MAX_CELL:
            parts.append(data)
            length += len(data)

    def end(name: str) -> None:
        nonlocal wanted, aside
        local = names[name]
        if local == "t":
            wanted = False
        elif local == "si":
            found.append("".join(parts).replace("x005F_", "")[: MAX_CELL + 1])
        elif local == "rPh":
            aside = False

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, add
    with archive.open(path) as stream:
        for block, last in _blocks(stream):
            parser.Parse(block, last)
    return found


# ----------------------------------------------------------------------------------------------------------- the sheet
def _sheet(
    archive: zipfile.ZipFile, book: _Book, strings: list[str], on_progress: Progress | None
) -> Iterator[tuple[int, list[Any]]]:
    """Rows as soon as they are whole: whoever has enough stops asking, and the rest is not read."""
    ready: list[tuple[int, list[Any]]] = []
    parser = _parser()
    _listen(parser, book, strings, ready)
    size, read = archive.getinfo(book.sheet).file_size, 0
    with archive.open(book.sheet) as stream:
        for block, last in _blocks(stream):
            parser.Parse(block, last)
            yield from ready
            ready.clear()
            read += len(block)
            if on_progress is not None:
                on_progress(read, size)


def _listen(parser: Any, book: _Book, strings: list[str], ready: list[tuple[int, list[Any]]]) -> None:
    """Make the parser put finished rows into ``ready``. Called for every tag of a million: names of a closure are
    what Python reads fastest, so the state of the row and of the cell stands in them and not in objects.
    """
    names, columns = _Locals(), _Columns()
    number = column = length = 0
    cells: list[Any] = []
    cell: dict[str, str] | None = None  # the attributes of the one that is being read
    is_formula = wanted = aside = False
    parts: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number, column, length, cells, cell, is_formula, wanted, aside, parts
        local = names[name]
        if local == "c":
            reference = attributes.get("r")
            column = columns[reference.rstrip("0123456789")] if reference else column + 1
            if column <= MAX_COLUMNS:  # those beyond are passed over
                cell, is_formula, aside = attributes, False, False
        elif cell is not None:
            if local == "v" or (local == "t" and not aside):
                wanted = True
            elif local == "f":
                is_formula = True
            elif local == "rPh":
                aside = True
        elif local == "row":
            before, number = number, int(attributes.get("r", number + 1))
            if number <= before:
                raise ValueError("rows out of order")
            if number > MAX_SHEET_ROW:
                raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
            cells, column = [], 0

    def add(data: str) -> None:
        nonlocal length
        if wanted and length <= MAX_CELL:
            parts.append(data)
            length += len(data)

    def end(name: str) -> None:
        nonlocal cell, wanted, aside, parts, length
        local = names[name]
        if cell is not None:
            if local == "c":
                value = BadCell("formula") if is_formula else _value(book, strings, cell, "".join(parts))
                if value is not None:
                    if column > len(cells):
                        cells.extend([None] * (column - len(cells)))
                    cells[column - 1] = value
                cell, wanted = None, False
                if length:
                    parts, length = [], 0
            elif local in ("t", "v"):
                wanted = False
            elif local == "rPh":
                aside = False
        elif local == "row":
            ready.append((number, cells))

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, add


class _Columns(dict[str, int]):
    """``A`` → 1, ``AB`` → 28. ValueError for what is no column."""

    def __missing__(self, letters: str) -> int:
        if not re.fullmatch("[A-Za-z]{1,3}", letters):
            raise ValueError("no such column")
        column = 0
        for letter in letters.upper():
            column = column * 26 + ord(letter) - 64
        self[letters] = column
        return column


def _value(book: _Book, strings: list[str], cell: dict[str, str], said: str) -> object:
    """As openpyxl reads it. ValueError for a kind that does not exist."""
    if not said:
        return None
    match cell.get("t", "n"):
        case "s":
            return strings[int(said)]
        case "inlineStr" | "str":
            return said
        case "n":
            return _number(book, said, int(cell.get("s") or 0))
        case "e":
            return BadCell("cell_error")
        case "b":
            return bool(int(said))
        case "d":
            return from_ISO8601(said)
    raise ValueError("no such kind of cell")


def _number(book: _Book, said: str, style: int) -> object:
    number = float(said) if any(sign in said for sign in ".eE") else int(said)
    if style not in book.dates:
        return number
    try:
        return from_excel(number, book.epoch, timedelta=style in book.spans)
    except (OverflowError, ValueError):
        return BadCell("cell_error")

"""The first sheet of an XLSX book as rows of values, by openpyxl's stream; what would be a bomb is refused before it is opened.

openpyxl reads through defusedxml: no entities, nothing from outside. It needs about ten seconds for the longest list, so
long ones are read by a job (``parse.is_long``), which shows how far it is and can be stopped.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from zipfile import BadZipFile

import openpyxl

from kernel.errors import Invalid

MAX_ROWS: Final = 20_000
MAX_CELL: Final = 500  # characters
MAX_COLUMNS: Final = 60
MAX_UNPACKED: Final = 60 * 1024 * 1024  # a zip that claims more is a bomb, not a staff list
MAX_TAGS: Final = 2_000_000  # of all sheets and their words; 20 000 rows of nine columns have fewer
MAX_OTHER_TAGS: Final = 50_000  # of styles and the like, which cost most of all to read
MAX_PARTS: Final = 500
MAX_SHEET_ROW: Final = 200_000  # a blank sheet this tall is not read to its end
_BLOCK: Final = 1024 * 1024
_TELL_EVERY: Final = 100  # rows
_WHOLE: Final = 1000
_LONG_PART: Final = re.compile(r"worksheets/|sharedStrings", re.IGNORECASE)
_BROKEN: Final = (BadZipFile, ValueError, zlib.error, EOFError, RuntimeError, OSError)
"""What a broken archive makes zipfile raise."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that must not be read: a formula, or an error value of the spreadsheet."""

    code: str


def rows_of(content: bytes, on_progress: Progress | None = None) -> Iterator[tuple[int, list[Any]]]:
    """``(row number from 1, cells)`` of every row that stands in the sheet, ``None`` for an empty cell.

    ``on_progress(done, total)`` is told in thousandths of the rows that the sheet says it has.

    Raises Invalid: ``roster_too_large``, ``roster_too_many_rows``, ``roster_unreadable``.
    """
    _refuse_bomb(content)
    for number, cells, height in _read(content):
        if number > MAX_SHEET_ROW:
            raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
        if on_progress is not None and number % _TELL_EVERY == 0:
            on_progress(min(_WHOLE * number // height, _WHOLE - 1), _WHOLE)
        yield number, cells
    if on_progress is not None:
        on_progress(_WHOLE, _WHOLE)


def _read(content: bytes) -> Iterator[tuple[int, list[Any], int]]:
    """openpyxl's rows, each with the height that the sheet claims; whatever it stumbles over is an unreadable list."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        height = max(sheet.max_row or MAX_ROWS, 1)
        for number, cells in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), start=1):
            yield number, [_value(cell) for cell in cells], height
    except Exception as error:  # openpyxl and defusedxml raise a dozen kinds for a broken or hostile book
        raise Invalid("roster_unreadable") from error


def _value(cell: Any) -> object:
    if cell.data_type == "f":
        return BadCell("formula")
    if cell.data_type == "e":
        return BadCell("cell_error")
    return cell.value


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
    except _BROKEN as error:
        raise Invalid("roster_unreadable") from error


def _tags(archive: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> int:
    """How many tags a part has; not counted further than ``most``."""
    found = 0
    with archive.open(part) as stream:
        while found <= most and (block := stream.read(_BLOCK)):
            found += block.count(b"<")
    return found

"""The first sheet of an XLSX book that a person sees, as rows of what they see; a bomb is refused before it is opened.

Hidden sheets, rows and columns are left out and counted: nobody looked at them before the list was sent.

openpyxl reads through defusedxml: no entities, nothing from outside. It needs about ten seconds for the longest list, so
long ones are read by a job (``parse.is_long``), which shows how far it is and can be stopped. It is loaded for the first
book (``people.roster.sheet``): 6 MB that most processes never need.
"""

import importlib
import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile

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

_SHEET: Final = "people.roster.sheet"

Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Unseen:
    """What was hidden and so left out: how many sheets, how many rows with something in them, which columns."""

    sheets: int = 0
    rows: int = 0
    columns: set[int] = field(default_factory=set)


def rows_of(
    content: bytes, on_progress: Progress | None = None, unseen: Unseen | None = None
) -> Iterator[tuple[int, list[Any]]]:
    """``(row number from 1, cells)`` of every row that shows in the sheet, ``None`` for an empty cell.

    ``on_progress(done, total)`` is told in thousandths of the rows that the sheet says it has. What is left out is
    counted in ``unseen``.

    Raises Invalid: ``roster_too_large``, ``roster_too_many_rows``, ``roster_unreadable``, ``roster_all_hidden``,
    ``roster_merged`` with the ``area``, after the last row.
    """
    _refuse_bomb(content)
    sheet = importlib.import_module(_SHEET)
    for number, cells, height in sheet.read(content, unseen or Unseen()):
        if number > MAX_SHEET_ROW:
            raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
        if on_progress is not None and number % _TELL_EVERY == 0:
            on_progress(min(_WHOLE * number // height, _WHOLE - 1), _WHOLE)
        yield number, cells
    if on_progress is not None:
        on_progress(_WHOLE, _WHOLE)


def unpacked(file: BinaryIO) -> int:
    """How many bytes it says that it holds, from its directory alone. Invalid ``roster_too_large``, ``roster_unreadable``."""
    try:
        return sum(part.file_size for part in _parts(zipfile.ZipFile(file)))
    except _BROKEN as error:
        raise Invalid("roster_unreadable") from error


def _parts(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    parts = archive.infolist()
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise Invalid("roster_too_large", limit_mb=MAX_UNPACKED // 1024 // 1024)
    return parts


def _refuse_bomb(content: bytes) -> None:
    """Look at what the archive says of itself before a byte is unpacked; zipfile reads no more than it says.

    Then count the tags: a book of a hundred kilobytes may unpack to millions of empty rows, and each is work.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        long = other = 0
        for part in _parts(archive):
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

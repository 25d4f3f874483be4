"""The first sheet of an XLSX book that a person sees, as rows of what they see; a bomb is refused before it is opened.

Hidden sheets, rows and columns are left out and counted: nobody looked at them before the list was sent.

openpyxl reads through defusedxml: no entities, nothing from outside. It needs about ten seconds for the longest list, so
long ones are read by a job (``parse.is_long``), which shows how far it is and can be stopped.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import WorkSheetParser

from kernel.errors import Invalid
from people.roster.cells import BadCell, shown

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
    for number, cells, height in _read(content, unseen or Unseen()):
        if number > MAX_SHEET_ROW:
            raise Invalid("roster_too_many_rows", limit=MAX_ROWS)
        if on_progress is not None and number % _TELL_EVERY == 0:
            on_progress(min(_WHOLE * number // height, _WHOLE - 1), _WHOLE)
        yield number, cells
    if on_progress is not None:
        on_progress(_WHOLE, _WHOLE)


def _read(content: bytes, unseen: Unseen) -> Iterator[tuple[int, list[Any], int]]:
    """openpyxl's rows, each with the height that the sheet claims; whatever it stumbles over is an unreadable list."""
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        visible = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        unseen.sheets = len(book.worksheets) - len(visible)
        if not visible:
            raise Invalid("roster_all_hidden")
        sheet = visible[0]
        height = max(sheet.max_row or MAX_ROWS, 1)
        formats = [_format_of(book, style.numFmtId) for style in book._cell_styles]
        with sheet._get_source() as source:
            parser = _SheetParser(
                source,
                sheet._shared_strings,
                data_only=False,
                epoch=book.epoch,
                date_formats=book._date_formats,
                timedelta_formats=book._timedelta_formats,
            )
            for number, cells in parser.parse():
                if parser.is_row_hidden:
                    unseen.rows += any(cell["value"] is not None for cell in cells)
                    yield number, [], height
                else:
                    yield number, _values(cells, formats, parser.hidden_columns, unseen), height
            _refuse_merged(parser)  # they stand behind the rows
    except Invalid:
        raise
    except Exception as error:  # openpyxl and defusedxml raise a dozen kinds for a broken or hostile book
        raise Invalid("roster_unreadable") from error


def _refuse_merged(parser: WorkSheetParser) -> None:
    """Of merged cells the first alone holds what all of them show; guessed at, a heading's area would fill a column."""
    areas = parser.merged_cells
    if areas is not None and areas.mergeCell:
        raise Invalid("roster_merged", area=str(areas.mergeCell[0].coord))


class _SheetParser(WorkSheetParser):  # openpyxl has no types
    """openpyxl's reader of a sheet, which also says what is hidden: its read-only cells have forgotten it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_row_hidden = False
        self.hidden_columns: set[int] = set()

    def parse_column_dimensions(self, col: Any) -> None:
        """One ``<col>``: a run of columns."""
        super().parse_column_dimensions(col)
        if _is_true(col.get("hidden")) or _is_nothing(col.get("width")):
            first, last = int(col.get("min")), min(int(col.get("max")), MAX_COLUMNS)
            self.hidden_columns.update(range(first, last + 1))

    def parse_row(self, row: Any) -> Any:
        """One ``<row>``; also those that a filter hides have the mark."""
        self.is_row_hidden = _is_true(row.get("hidden")) or _is_nothing(row.get("ht"))
        found = super().parse_row(row)
        self.row_dimensions.clear()  # not asked for, and one of each row of a long list stays in memory
        return found


def _values(cells: list[dict[str, Any]], formats: list[str], hidden: set[int], unseen: Unseen) -> list[Any]:
    """What the cells show, by their place."""
    row: list[Any] = []
    for cell in cells:
        column = cell["column"]
        if column > MAX_COLUMNS or cell["value"] is None:
            continue
        if column in hidden:
            unseen.columns.add(column)
            continue
        row.extend([None] * (column - len(row)))
        row[column - 1] = _value(cell, formats)
    return row


def _value(cell: dict[str, Any], formats: list[str]) -> object:
    if cell["data_type"] == "f":
        return BadCell("formula")
    if cell["data_type"] == "e":
        return BadCell("cell_error")
    style = cell["style_id"]
    return shown(cell["value"], formats[style] if style < len(formats) else "General")


def _format_of(book: Any, number: int) -> str:
    if number < BUILTIN_FORMATS_MAX_SIZE:
        return str(BUILTIN_FORMATS.get(number, "General"))
    return str(book._number_formats[number - BUILTIN_FORMATS_MAX_SIZE])


def _is_true(text: str | None) -> bool:
    return text in ("1", "true", "on")


def _is_nothing(size: str | None) -> bool:
    """A row or column of no height or width is as good as hidden."""
    return size is not None and float(size) == 0


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

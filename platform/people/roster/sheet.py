"""The first sheet of a book that shows, by openpyxl. Loaded by ``people.roster.book`` alone, for the first book of a process."""

import io
from collections.abc import Iterator
from typing import Any

import openpyxl
from openpyxl.styles.numbers import BUILTIN_FORMATS, BUILTIN_FORMATS_MAX_SIZE
from openpyxl.worksheet._reader import WorkSheetParser

from kernel.errors import Invalid
from people.roster.book import MAX_COLUMNS, MAX_ROWS, Unseen
from people.roster.cells import BadCell, shown


def read(content: bytes, unseen: Unseen) -> Iterator[tuple[int, list[Any], int]]:
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

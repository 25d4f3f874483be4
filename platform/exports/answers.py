"""A list as a file: read right by Excel, cells guarded, moments as ISO 8601, never too long, kept by no cache.

Written row by row, so no more than the file itself is in memory; not sent before it is whole: rows are read while the
view's school is open, and the view records how many there were.
"""

import csv
import importlib
import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from exports.cells import cell_text
from kernel.clock import SCHOOL_ZONE, local_day, now

MOST_ROWS: Final = 20_000
"""Lines of one file, the header apart."""

_WORKBOOK: Final = "exports.workbook"

Table = Iterable[Sequence[object]]


class CsvAnswer(HttpResponse):
    """An answer that is a file. ``rows`` counts its lines below the header, for the record."""

    rows: int = 0


def csv_bytes(table: Table, zone: str = SCHOOL_ZONE) -> bytes:
    """UTF-8 with the mark by which Excel knows it; every cell as ``cells.cell_text`` writes it, moments in ``zone``.

    Every cell is quoted: where semicolons part cells, a text with one would be cut there and go on as a formula.
    """
    out = io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([cell_text(cell, zone) for cell in row] for row in table)
    return ("\ufeff" + out.getvalue()).encode()


def xlsx_bytes(table: Table, zone: str = SCHOOL_ZONE) -> bytes:
    """A workbook of one sheet in which every cell is a text, guarded as in a CSV: it may be saved as one.

    What writes it is loaded for the first one.
    """
    writer = importlib.import_module(_WORKBOOK)
    written: bytes = writer.one_sheet([cell_text(cell, zone) for cell in row] for row in table)
    return written


def csv_answer(
    header: Sequence[object],
    rows: Table,
    *,
    name: str = "records",
    most: int = MOST_ROWS,
    zone: str = SCHOOL_ZONE,
) -> CsvAnswer:
    """``header`` and ``rows`` as the file ``<name>-<today>.csv``; ``name`` tells nothing about a person.

    Moments are given as they are, aware, and written in ``zone``. Of more than ``most`` rows the first ones are given, and
    a last line says so.
    """
    answer = CsvAnswer("\ufeff", content_type="text/csv; charset=utf-8")
    lines = csv.writer(answer, quoting=csv.QUOTE_ALL)
    lines.writerow([cell_text(cell, zone) for cell in header])
    waiting = iter(rows)
    for row in islice(waiting, most):
        lines.writerow([cell_text(cell, zone) for cell in row])
        answer.rows += 1
    if next(waiting, None) is not None:
        lines.writerow([_("There are more rows: narrow the list and download again.")])
    answer["Content-Disposition"] = f'attachment; filename="{name}-{local_day(now())}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer

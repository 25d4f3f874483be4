"""A list as CSV: read right by Excel, cells that look like formulas defused, never too long, kept by no cache.

Not streamed: rows are read while the view's school is open, and the view records how many there were.
"""

import io
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from defusedcsv import csv
from django.http import HttpResponse
from django.utils.translation import gettext as _

from kernel.clock import local_day, now

MOST_ROWS: Final = 20_000
"""Lines of one file, the header apart."""


class CsvAnswer(HttpResponse):
    """An answer that is a file. ``rows`` counts its lines below the header, for the record."""

    rows: int = 0


def csv_bytes(table: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with the mark by which Excel knows it. None is an empty cell, all else its text, a day as ISO 8601."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(["" if cell is None else str(cell) for cell in row] for row in table)
    return ("\ufeff" + out.getvalue()).encode()


def csv_answer(
    header: Sequence[object], rows: Iterable[Sequence[object]], *, name: str = "records", most: int = MOST_ROWS
) -> CsvAnswer:
    """``header`` and ``rows`` as the file ``<name>-<today>.csv``; ``name`` tells nothing about a person.

    Of more than ``most`` rows the first ones are given, and a last line says so.
    """
    waiting = iter(rows)
    table = list(islice(waiting, most))
    count = len(table)
    if next(waiting, None) is not None:
        table.append([_("There are more rows: narrow the list and download again.")])
    answer = CsvAnswer(csv_bytes([header, *table]), content_type="text/csv; charset=utf-8")
    answer.rows = count
    answer["Content-Disposition"] = f'attachment; filename="{name}-{local_day(now())}.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def plain_yuan(fen: int) -> str:
    """``9000`` → ``90.00``: a number a spreadsheet can add."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"

"""Lists as files for a spreadsheet. A cell cannot become a formula, a file's name tells nothing."""

from collections.abc import Iterable, Sequence
from typing import Any

from defusedcsv import csv
from django.http import HttpResponse

from kernel.clock import local_day, now


def csv_file(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A UTF-8 file with the mark that Excel needs."""
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="records-{local_day(now())}.csv"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([str(cell) for cell in header])
    writer.writerows([str(cell) for cell in row] for row in rows)
    return response


def plain_yuan(fen: int) -> str:
    """``9000`` → ``90.00``: a number a spreadsheet can add."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"

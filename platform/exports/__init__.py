"""Lists as files for a spreadsheet: one way to write them, for every app. ``unguarded`` reads them back."""

from exports.answers import MOST_ROWS, CsvAnswer, csv_answer, csv_bytes, xlsx_bytes
from exports.cells import cell_text, iso_moment, plain_yuan
from exports.guard import cleaned, guarded, unguarded

__all__ = [
    "MOST_ROWS",
    "CsvAnswer",
    "cell_text",
    "cleaned",
    "csv_answer",
    "csv_bytes",
    "guarded",
    "iso_moment",
    "plain_yuan",
    "unguarded",
    "xlsx_bytes",
]

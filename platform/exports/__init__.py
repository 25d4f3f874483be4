"""Lists as files for a spreadsheet: one way to write them, for every app."""

from exports.answers import MOST_ROWS, CsvAnswer, csv_answer, csv_bytes, plain_yuan

__all__ = ["MOST_ROWS", "CsvAnswer", "csv_answer", "csv_bytes", "plain_yuan"]

"""A workbook by xlsxwriter. Loaded by ``exports.answers`` alone, for the first one of a process."""

import io
from collections.abc import Iterable

import xlsxwriter


def one_sheet(table: Iterable[Iterable[str]]) -> bytes:
    """A workbook of one sheet; every cell is a text."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "in_memory": True}) as book:
        sheet = book.add_worksheet("1")
        for number, row in enumerate(table):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return out.getvalue()

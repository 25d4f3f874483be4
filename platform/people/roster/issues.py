"""Refused rows of a staff list with their reasons, for the page and as a file to correct and upload again."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import RosterImport
from exports import csv_bytes, xlsx_bytes
from people.roster.headings import COLUMN, REASON, ROW
from people.roster.kept import kept_rows, spoilt_rows
from people.roster.parse import RosterRow, RowIssue
from people.roster.plan import LIMITS
from people.texts import FIELDS, issue_text

_NOTHING: Final = RosterRow(0, {})
COLUMNS = (*LIMITS, "phone", "gender", "active_from", "left_on")


@dataclass(frozen=True, slots=True)
class Line:
    """One issue as shown: the spreadsheet's row, the column's word, the sentence.

    ``who`` and ``value`` are the row's name and the refused cell: for whoever uploaded the list, while its rows are kept.
    """

    row: int
    field: str
    text: str
    blocking: bool
    who: str = ""
    value: str = ""


def issues_of(roster: RosterImport, *, looks: UUID | None = None) -> list[Line]:
    """All issues kept of a list, in the order of its rows.

    ``looks``: the membership of whoever looks. The cells stand in the sealed rows alone, never in an issue, a log or the
    record, and are shown to nobody but the one who sent them.
    """
    issues = [RowIssue(*row) for row in roster.errors]
    cells = _cells(roster) if looks is not None and looks == roster.uploaded_by_id else {}
    return [
        Line(
            issue.row,
            str(FIELDS.get(issue.field, issue.field)),
            issue_text(issue),
            issue.blocking,
            who=row.values.get("name", ""),
            value=row.refused or (row.values.get(issue.field, "") if issue.field != "name" else ""),
        )
        for issue in issues
        for row in [cells.get(issue.row, _NOTHING)]
    ]


def _cells(roster: RosterImport) -> dict[int, RosterRow]:
    """Each row as far as it could be read; none once the list is written or discarded."""
    return {row.number: row for row in (*kept_rows(roster), *spoilt_rows(roster))}


def _table(roster: RosterImport) -> list[list[str]]:
    """Each faulty row once: where, why, and its cells as far as they could be read, while the list is still kept."""
    rows = _cells(roster)
    table = [[str(word) for word in (ROW, COLUMN, REASON, *(FIELDS[name] for name in COLUMNS))]]
    lines: dict[int, list[Line]] = {}
    for line in issues_of(roster):
        lines.setdefault(line.row, []).append(line)
    for number, of_row in lines.items():
        cells = rows.get(number, _NOTHING).values
        fields = _("; ").join(dict.fromkeys(line.field for line in of_row))
        reasons = _("; ").join(dict.fromkeys(line.text for line in of_row))
        table.append([str(number), fields, reasons, *(cells.get(name, "") for name in COLUMNS)])
    return table


def issues_csv(roster: RosterImport) -> bytes:
    """CSV with a byte-order mark, cells that look like formulas guarded (``exports.unguarded`` reads them back)."""
    return csv_bytes(_table(roster))


def issues_xlsx(roster: RosterImport) -> bytes:
    """XLSX with the same cells, each a text."""
    return xlsx_bytes(_table(roster))

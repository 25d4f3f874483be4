"""Refused rows of a staff list with their reasons, for the page and as a file to correct and upload again."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import RosterImport
from exports import csv_bytes, xlsx_bytes
from people.roster.headings import COLUMN, REASON, ROW
from people.roster.kept import kept_rows, spoilt_rows
from people.roster.parse import RowIssue
from people.roster.plan import LIMITS
from people.texts import FIELDS, issue_text

COLUMNS = (*LIMITS, "phone", "gender", "active_from", "left_on")


@dataclass(frozen=True, slots=True)
class Line:
    """One issue as shown: the spreadsheet's row, the column's word, the sentence."""

    row: int
    field: str
    text: str
    blocking: bool


def issues_of(roster: RosterImport) -> list[Line]:
    """All issues kept of a list, in the order of its rows."""
    issues = [RowIssue(*row) for row in roster.errors]
    return [Line(i.row, str(FIELDS.get(i.field, i.field)), issue_text(i), i.blocking) for i in issues]


def _table(roster: RosterImport) -> list[list[str]]:
    """Each faulty row once: where, why, and its cells as far as they could be read, while the list is still kept."""
    rows = {row.number: row.values for row in (*kept_rows(roster), *spoilt_rows(roster))}
    table = [[str(word) for word in (ROW, COLUMN, REASON, *(FIELDS[name] for name in COLUMNS))]]
    lines: dict[int, list[Line]] = {}
    for line in issues_of(roster):
        lines.setdefault(line.row, []).append(line)
    for number, of_row in lines.items():
        cells = rows.get(number, {})
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

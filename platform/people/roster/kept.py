"""What is kept of a staff list between its preview and its writing: rows, issues, and what they make unsafe."""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from accounts.models import RosterImport
from people.roster.parse import ParsedRoster, RosterRow, RowIssue

MAX_KEPT_ISSUES: Final = 2_000
ASKS_ABOVE: Final = 10
"""A list that marks more than one in so many of the staff as left is written only after their number was typed."""

PARSE_FAULTS: Final = frozenset(
    {"formula", "cell_error", "unreadable", "too_long", "private_sign", "damaged_number", "number_format", "date_here"}
)
"""A row refused for one of these was dropped whole: its staff number is not known."""


def kept_rows(roster: RosterImport) -> list[RosterRow]:
    """The rows as uploaded; none before the list is read, and none once it is written or discarded."""
    return _load(roster.rows_text)


def spoilt_rows(roster: RosterImport) -> list[RosterRow]:
    """What could be read of the rows that the reader itself refused, as long as ``kept_rows``."""
    return _load(roster.rows_text, spoilt=True)


def needs_confirmation(roster: RosterImport) -> bool:
    """Whether so many would leave that their number is to be typed, and it has not been."""
    leave = int(roster.counts.get("leave", 0))
    many = leave * ASKS_ABOVE > int(roster.counts.get("staff", 0))
    return bool(leave) and many and roster.counts.get("leavers_confirmed") != leave


def hides_people(roster: RosterImport, issues: Iterable[RowIssue]) -> bool:
    """Whether the list names people who cannot be told: rows with an unreadable number, or hidden rows of a book."""
    unreadable = any(
        (issue.field == "staff_no" and issue.code != "twice") or issue.code in PARSE_FAULTS for issue in issues
    )
    return unreadable or bool(roster.counts.get("unseen", {}).get("rows"))


def dump_rows(parsed: ParsedRoster) -> str:
    """The rows as JSON: ``[number, values]`` for each good row, ``[number, values, 1, refused]`` for each spoilt one."""
    rows: list[list[object]] = [[row.number, dict(row.values)] for row in parsed.rows]
    rows += [[row.number, dict(row.values), 1, row.refused] for row in parsed.spoilt]
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":"))


def _load(text: str, *, spoilt: bool = False) -> list[RosterRow]:
    if not text:
        return []
    return [RosterRow(row[0], row[1], *row[3:4]) for row in json.loads(text) if (len(row) > 2) == spoilt]


def issues_json(issues: Sequence[RowIssue]) -> list[list[object]]:
    """The issues as ``RosterImport.errors`` keeps them: ``[row, field, code, detail, blocking]``."""
    return [[i.row, i.field, i.code, i.detail, i.blocking] for i in issues[:MAX_KEPT_ISSUES]]


def stored_issues(roster: RosterImport) -> list[RowIssue]:
    """Rows that the parser had already refused are not among the kept rows: only the count says that there were some."""
    kept = roster.counts.get("rows", 0) - roster.total_rows
    return [RowIssue(0, "staff_no", "unreadable")] if kept else []

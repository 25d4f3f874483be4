"""What a value looks like in a file for a spreadsheet: one form each, whoever writes the file."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from exports.guard import guarded
from kernel.clock import SCHOOL_ZONE


def iso_moment(moment: datetime, zone: str = SCHOOL_ZONE) -> str:
    """``2026-11-28T08:52:07+08:00``: year, seconds and the offset of ``zone``. ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    return moment.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def cell_text(value: object, zone: str = SCHOOL_ZONE) -> str:
    """``value`` as a cell: None is empty, a moment and a day are ISO 8601, all else its text, guarded."""
    match value:
        case None:
            return ""
        case datetime():
            return iso_moment(value, zone)
        case date():
            return value.isoformat()
        case _:
            return guarded(str(value))


def plain_yuan(fen: int) -> str:
    """``9000`` → ``90.00``: a number a spreadsheet can add."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"

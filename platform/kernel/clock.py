"""Time. Stored and compared in UTC; shown and counted by day in the school's zone."""

from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SCHOOL_ZONE = "Asia/Shanghai"

_pretended: ContextVar[datetime | None] = ContextVar("pretended_moment", default=None)
_ahead = timedelta()


def now() -> datetime:
    """The present moment, aware, UTC."""
    return _pretended.get() or datetime.now(UTC) + _ahead


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """Let ``now()`` be ``moment`` inside the block: for the demo's history and for tests of days to come.

    Raises ValueError for a naive time. No address and no setting reaches it.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    token = _pretended.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _pretended.reset(token)


@contextmanager
def begun_at(moment: datetime) -> Iterator[None]:
    """Let the clock of the whole process, all threads, run on from ``moment`` inside the block.

    For the test suite alone: what is asked for "in a few minutes" late in the evening is asked for tomorrow.
    Raises ValueError for a naive time. No address and no setting reaches it.
    """
    global _ahead  # a context variable is not seen by the threads of a server
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    before, _ahead = _ahead, moment - datetime.now(UTC)
    try:
        yield
    finally:
        _ahead = before


def local_day(moment: datetime, zone: str = SCHOOL_ZONE) -> date:
    """The calendar day of ``moment`` in the school's zone.

    Raises ValueError for a naive time: a moment without offset is not a moment.
    """
    if moment.tzinfo is None:
        raise ValueError("a naive time has no day")
    return moment.astimezone(ZoneInfo(zone)).date()


def end_of_day(day: date, zone: str = SCHOOL_ZONE) -> datetime:
    """First instant of the following day in the school's zone, as UTC: half-open end of ``day`` (rules §2)."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def start_of_day(day: date, zone: str = SCHOOL_ZONE) -> datetime:
    """First instant of ``day`` in the school's zone, as UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def months_after(day: date, months: int) -> date:
    """The same day so many months later, earlier for a negative number; the month's last where it has no such day."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = whole // 12, whole % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def school_year(day: date) -> int:
    """The year in which the school year of ``day`` began: 1 September opens it (rules §1)."""
    return day.year if day.month >= 9 else day.year - 1


def read_day(text: object) -> date | None:
    """A day as an address or a form carries it; None for what is none, or lies where no calendar is asked."""
    try:
        day = date.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return day if 1900 <= day.year < 2200 else None


def read_moment(text: object) -> datetime | None:
    """A moment as an address or a form carries it, in UTC; None for what is none or has no offset, and as ``read_day``."""
    try:
        moment = datetime.fromisoformat(str(text or ""))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None and 1900 <= moment.year < 2200 else None

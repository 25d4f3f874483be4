"""When a person is reminded of an appointment: a day before and two hours before, once each, never at night. Pure."""

from datetime import datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BEFORE: Final = (timedelta(hours=24), timedelta(hours=2))
"""How long before its start, the earliest first."""
NIGHT: Final = (time(22), time(7))
"""From when until when nobody is reminded, in the school's zone; what falls into it comes the evening before."""
EVENING: Final = time(21)


def next_reminder(starts_at: datetime, after: datetime, zone: str) -> datetime | None:
    """The first reminder later than ``after`` (UTC); None when none is to come.

    An appointment made, or moved, a few hours ahead has only those that still lie ahead.
    """
    moments = sorted({_by_day(starts_at - before, zone) for before in BEFORE})
    return next((at for at in moments if at > after), None)


def _by_day(moment: datetime, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    if NIGHT[1] <= local.time() < NIGHT[0]:
        return moment
    day = local.date() if local.time() >= NIGHT[0] else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, tzinfo=ZoneInfo(zone)).astimezone(moment.tzinfo)

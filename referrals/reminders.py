"""When a person is reminded: of an appointment a day and two hours before, of a voucher's last day some days before. Pure.

Once each, never at night.
"""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

BEFORE: Final = (timedelta(hours=24), timedelta(hours=2))
"""How long before its start, the earliest first."""
NIGHT: Final = (time(22), time(7))
"""From when until when nobody is reminded, in the school's zone; what falls into it comes the evening before."""
EVENING: Final = time(21)
MORNING: Final = time(9)
"""When somebody is reminded of a voucher's last day, in the school's zone: whoever reads it has a day to see to it."""


def next_reminder(starts_at: datetime, after: datetime, zone: str) -> datetime | None:
    """The first reminder later than ``after`` (UTC); None when none is to come.

    An appointment made, or moved, a few hours ahead has only those that still lie ahead.
    """
    moments = sorted({_by_day(starts_at - before, zone) for before in BEFORE})
    return next((at for at in moments if at > after), None)


def _by_day(moment: datetime, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    if not is_night(moment, zone):
        return moment
    day = local.date() if local.time() >= NIGHT[0] else local.date() - timedelta(days=1)
    return datetime.combine(day, EVENING, tzinfo=ZoneInfo(zone)).astimezone(moment.tzinfo)


def is_night(moment: datetime, zone: str) -> bool:
    """Whether nobody is reminded at ``moment``."""
    return not NIGHT[1] <= moment.astimezone(ZoneInfo(zone)).time() < NIGHT[0]


def next_of_last_day(last_day: date, days: Collection[int], after: datetime, zone: str) -> datetime | None:
    """The first reminder of ``last_day`` (in the school's zone) later than ``after`` (UTC), so many ``days`` before it; None
    when none is to come.
    """
    moments = sorted(_morning(last_day, before, zone) for before in days)
    return next((at for at in moments if at > after), None)


def days_due(last_day: date, days: Collection[int], since: datetime, moment: datetime, zone: str) -> int | None:
    """Which of ``days`` before ``last_day`` somebody is to be reminded of at ``moment``, when the last look was at ``since``.

    Of several that fell due meanwhile the nearest to the last day; None when none did, or that day is over.
    """
    if moment.astimezone(ZoneInfo(zone)).date() > last_day:
        return None
    return min((before for before in days if since <= _morning(last_day, before, zone) <= moment), default=None)


def _morning(last_day: date, before: int, zone: str) -> datetime:
    return datetime.combine(last_day - timedelta(days=before), MORNING, tzinfo=ZoneInfo(zone))

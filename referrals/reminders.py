"""When a person is reminded of an appointment: a day before and two hours before, once each. Pure."""

from datetime import datetime, timedelta
from typing import Final

BEFORE: Final = (timedelta(hours=24), timedelta(hours=2))
"""How long before its start, the earliest first."""


def next_reminder(starts_at: datetime, after: datetime) -> datetime | None:
    """The first reminder later than ``after`` (UTC); None when none is to come.

    An appointment made, or moved, a few hours ahead has only those that still lie ahead.
    """
    return next((at for at in (starts_at - before for before in BEFORE) if at > after), None)

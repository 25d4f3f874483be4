"""When a letter may go, when letters end, which tip is next (books §6). Pure: days and moments in, days and moments out.

All days and hours are the school's own.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from kernel.clock import months_after

OPENS, SHUTS = time(7), time(21)
"""Between them mail may go: from 7:00 on, no more at 21:00. The rest are quiet hours."""
FIRST_WEEKDAY: Final = 4
"""Friday: letters go from Friday to Sunday, so that a sweep that lags has three days, and two letters never meet."""
APART: Final = {"weekly": timedelta(days=6), "monthly": timedelta(days=27)}
"""At least so long after the letter before, whatever the calendar's week says."""
AT_ONCE: Final = {"weekly": 1, "monthly": 4}
"""Tips in one letter."""
SINGLE_IS_FRESH: Final = timedelta(days=35)
"""So long a single tip is sent: one for the Mid-Autumn Festival must not come at the New Year."""
AFTER_LEAVING: Final = timedelta(days=30)
CODE_LIVES: Final = timedelta(minutes=30)
MOST_TRIES: Final = 5
CODE_APART: Final = timedelta(minutes=1)
CODES_A_DAY: Final = 5
A_DAY: Final = timedelta(days=1)
MOST_SENDS: Final = 6
IS_LOST: Final = timedelta(minutes=10)
"""A letter that was taken and of which nothing was heard for so long may have gone out, so it is never sent again."""


class End(StrEnum):
    """Why letters end."""

    STOPPED = "stopped"
    UNREAD = "unread"
    LEFT = "left"


@dataclass(frozen=True, slots=True)
class Tip:
    """One tip that waits to be sent: the page's key. ``on`` is a single tip's day; in a series it is the series' first."""

    page_id: int
    series: str
    on: date
    is_single: bool
    every_days: int


def is_open(local: datetime) -> bool:
    """Whether mail may go at ``local``, a moment in the school's zone."""
    return OPENS <= local.time() < SHUTS


def is_letter_time(local: datetime) -> bool:
    """Whether a letter with tips may go: open, and Friday to Sunday."""
    return is_open(local) and local.weekday() >= FIRST_WEEKDAY


def next_opening(local: datetime) -> datetime:
    """The next moment at which mail may begin to go, UTC: later today before 7:00, else tomorrow."""
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    return datetime.combine(day, OPENS, tzinfo=local.tzinfo).astimezone(UTC)


def week_of(day: date) -> date:
    """The Monday of a day's week: one letter stands for one such week."""
    return day - timedelta(days=day.weekday())


def why_over(*, seen: date, left_on: date | None, today: date, months: int) -> End | None:
    """Why letters are over on ``today``, if they are.

    ``seen``: the last visit or click. ``left_on``: the last day of the member of the staff; 30 days later all ends.
    """
    if left_on is not None and today > left_on + AFTER_LEAVING:
        return End.LEFT
    return End.UNREAD if today >= months_after(seen, months) else None


def is_time_between(last: datetime | None, now: datetime, rhythm: str) -> bool:
    """Whether the letter before is long enough ago."""
    return last is None or now - last >= APART[rhythm]


def chosen(
    waiting: Sequence[Tip],
    *,
    had: Collection[int],
    sent_on: Mapping[str, date],
    since: date,
    today: date,
    rhythm: str,
) -> list[Tip]:
    """What the next letter brings, in order: single tips whose day has come, then the next ones of the series.

    ``had``: pages that this person was ever sent. ``sent_on``: the day of the last letter from each series. ``since``: the
    day on which the person began: a single tip of before is over for them. A weekly letter keeps a series' interval.
    """
    fresh = [tip for tip in waiting if tip.page_id not in had]
    singles = [tip for tip in fresh if tip.is_single and max(since, today - SINGLE_IS_FRESH) <= tip.on <= today]
    series = [tip for tip in fresh if not tip.is_single and tip.on <= today and _has_come(tip, sent_on, today)]
    return _each_once([*singles, *series])[: AT_ONCE[rhythm]]


def _has_come(tip: Tip, sent_on: Mapping[str, date], today: date) -> bool:
    last = sent_on.get(tip.series)
    return last is None or today - last >= timedelta(days=tip.every_days - 1)


def _each_once(tips: Iterable[Tip]) -> list[Tip]:
    """A page that stands in two series, or is sent by itself too, comes once and in its first place."""
    found: dict[int, Tip] = {}
    for tip in tips:
        found.setdefault(tip.page_id, tip)
    return list(found.values())


def local_of(moment: datetime, zone: str) -> datetime:
    """``moment`` as the school's clocks show it."""
    return moment.astimezone(ZoneInfo(zone))

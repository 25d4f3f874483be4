"""Whether a school's own line is answered at a moment. Its hours are one line of text, as the school writes it.

``工作日 8:00–20:00``, ``周一至周六 8–18点``, ``每天 7:30-22:00``, ``24小时``, ``workdays 8:00–20:00`` are read; of any other text
nothing is claimed. Pure but for ``is_shut``, of which the frame of every page hears (``settings.SCHOOL_LINE``).
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from kernel.clock import SCHOOL_ZONE, now
from kernel.fold import fold_text
from tenancy.models import Tenant
from tenancy.scope import NoTenant, use_tenant
from workdays.clock import WorkCalendar
from workdays.selectors import remembered_calendar

_DAY_MINUTES: Final = 24 * 60
_WEEKDAYS: Final = "一二三四五六日"
_DASH: Final = re.compile(r"\s*(?:[-–—―~〜～−]|至|到|\bto\b|\buntil\b)\s*")
_CLOCK: Final = r"(\d{1,2})(?::(\d{2}))?"
_LINE: Final = re.compile(rf"(?P<days>\D*?)[,，、]?\s*{_CLOCK}-{_CLOCK}")
_ALWAYS: Final = re.compile(r"(全天|24\s*(小时|h|hours))", re.IGNORECASE)
_EVERY_DAY: Final = ("", "每天", "每日", "天天", "周一-周日", "daily", "every day")
_WORKDAYS: Final = ("工作日", "上班日", "workdays", "working days", "weekdays")
_FROM_TO: Final = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])-(?:周|星期|礼拜)?([一二三四五六日天])")


@dataclass(frozen=True, slots=True)
class DutyHours:
    """``weekdays`` (Monday = 0) or None for workdays; ``opens`` and ``closes`` in minutes after midnight, half-open."""

    weekdays: frozenset[int] | None
    opens: int
    closes: int

    def is_answered(self, moment: datetime, calendar: WorkCalendar, zone: str = SCHOOL_ZONE) -> bool:
        """Whether somebody answers at ``moment``: by day in the school's zone, workdays by its calendar."""
        local = moment.astimezone(ZoneInfo(zone))
        return self.opens <= local.hour * 60 + local.minute < self.closes and self.counts(local.date(), calendar)

    def counts(self, day: date, calendar: WorkCalendar) -> bool:
        """Whether ``day`` is one of its days."""
        return calendar.is_workday(day) if self.weekdays is None else day.weekday() in self.weekdays

    def changes_after(self, moment: datetime, zone: str = SCHOOL_ZONE) -> datetime:
        """The next moment at which the answer may be another: opening, closing or midnight. For whoever keeps a page."""
        local = moment.astimezone(ZoneInfo(zone))
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
        marks = (midnight + timedelta(minutes=minute) for minute in sorted((self.opens, self.closes, _DAY_MINUTES)))
        return next(mark for mark in marks if mark > local)


def read_duty(text: str) -> DutyHours | None:
    """The hours that ``text`` says; None when it cannot be read for sure."""
    tidy = _DASH.sub("-", fold_text(text).replace("：", ":").replace("点", "").lower()).strip()
    if not tidy:
        return None
    try:
        if match := _ALWAYS.search(tidy):
            return DutyHours(_days(tidy.replace(match[0], "")), 0, _DAY_MINUTES)
        if match := _LINE.fullmatch(tidy):
            days = _days(match["days"])
            opens, closes = (int(h) * 60 + int(m or 0) for h, m in (match.group(2, 3), match.group(4, 5)))
            return DutyHours(days, opens, closes) if opens < closes <= _DAY_MINUTES else None
    except _Unread:
        pass
    return None


class _Unread(ValueError):
    """No clock can be read out of these words."""


def _days(text: str) -> frozenset[int] | None:
    """Weekdays, None for workdays; _Unread for what cannot be read for sure."""
    wanted = text.strip(" ,，、:;；")
    if wanted in _EVERY_DAY:
        return frozenset(range(7))
    if wanted in _WORKDAYS:
        return None
    match = _FROM_TO.fullmatch(wanted)
    if match is None:
        raise _Unread
    first, last = (_WEEKDAYS.index(sign.replace("天", "日")) for sign in match.groups())
    if first > last:
        raise _Unread
    return frozenset(range(first, last + 1))


def changes_after(tenant: Tenant, moment: datetime) -> datetime | None:
    """When the answer of ``is_shut`` may next be another; None for a school without hours that can be read."""
    hours = read_duty(tenant.duty_hours)
    return hours.changes_after(moment, tenant.time_zone) if hours else None


def is_shut(tenant: Tenant) -> bool:
    """Whether nobody answers the school's line now. False for hours that cannot be read: nothing is claimed then.

    Asks for the school's own days at most once in five seconds, and only within the hours of a line of workdays.
    """
    hours = read_duty(tenant.duty_hours)
    if hours is None:
        return False
    moment = now()
    every_day = DutyHours(frozenset(range(7)), hours.opens, hours.closes)
    if not every_day.is_answered(moment, WorkCalendar(), tenant.time_zone):
        return True
    calendar = _calendar(tenant) if hours.weekdays is None else WorkCalendar()
    return not hours.is_answered(moment, calendar, tenant.time_zone)


def _calendar(tenant: Tenant) -> WorkCalendar:
    try:
        with use_tenant(tenant.id):
            return remembered_calendar()
    except (DatabaseError, NoTenant):
        return WorkCalendar()  # a page about a fault asks for nothing that may fail

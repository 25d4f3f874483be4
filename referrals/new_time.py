"""Another time for one appointment: what both desks draw of it. Nothing here decides; the writer asks the rules again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from kernel.clock import local_day, read_day, read_moment
from partners.calendars.choosing import Picker, picker
from partners.calendars.opening import DAYS_AHEAD, Stretch
from partners.calendars.resources import names_of
from partners.calendars.selectors import opening_of
from referrals.models import Booking, Reschedule
from referrals.states import RescheduleSide
from ui.names import named
from ui.templatetags.ui import school_clock, school_time
from workdays.clock import WorkCalendar


@dataclass(frozen=True, slots=True)
class NewTime:
    """What an address says: the day that is looked at, where the two weeks begin, the start that is chosen."""

    day: date | None = None
    first: date | None = None
    start: datetime | None = None

    @classmethod
    def of(cls, data: Any) -> "NewTime":
        """From an address or a form; what cannot be read counts as not said."""
        return cls(read_day(data.get("day")), read_day(data.get("from")), read_moment(data.get("start")))

    def query(self) -> str:
        """The same as an address carries it."""
        said = {
            "day": self.day.isoformat() if self.day else "",
            "from": self.first.isoformat() if self.first else "",
            "start": self.start.astimezone(UTC).isoformat() if self.start else "",
        }
        return urlencode({name: value for name, value in said.items() if value})

    def end_of(self, booking: Booking) -> datetime:
        """When an appointment as long as ``booking`` would end; a start was chosen."""
        assert self.start is not None
        return self.start + (booking.ends_at - booking.starts_at)


def picker_of(
    booking: Booking,
    asked: NewTime,
    moment: datetime,
    taken: Sequence[Stretch],
    *,
    days: int,
    latest: date | None = None,
) -> Picker:
    """Two weeks of starts at which this appointment could be instead; days are links. ``taken``: shown, not to be chosen.

    ``days``: so far it may move, by the settings of the booking's school. ``latest``: the last day that the person may still use what is booked.
    """
    opening = opening_of(booking.partner_id)
    here = local_day(booking.starts_at, opening.zone)
    today = local_day(moment, opening.zone)
    first = asked.first
    if first is None and here >= today + timedelta(days=DAYS_AHEAD):
        first = max(today, here - timedelta(days=DAYS_AHEAD // 2))
    minutes = int((booking.ends_at - booking.starts_at) / timedelta(minutes=1))
    return picker(
        opening,
        WorkCalendar(),
        minutes,
        moment,
        day=asked.day or (local_day(asked.start, opening.zone) if asked.start else here),
        first=first,
        chosen=(asked.start,) if asked.start else (),
        taken=[*taken, Stretch(booking.starts_at, booking.ends_at)],
        url_of=lambda day: f"?{NewTime(day, first, asked.start).query()}#times",
        last_day=min(here + timedelta(days=days), latest or date.max),
    )


def facts_of(booking: Booking, start: datetime, end: datetime) -> list[tuple[str, str]]:
    """Old and new time side by side, for the page before the click and for the page that answers."""
    return [
        (_("Service"), named(booking.service)),
        (_("Time now"), span(booking.starts_at, booking.ends_at)),
        (_("New time"), span(start, end)),
    ]


def facts_of_wish(booking: Booking, asked: Reschedule) -> list[tuple[str, str]]:
    """The same for a wish that waits, and with whom it would be where that is somebody else."""
    rows = facts_of(booking, asked.starts_at, asked.ends_at)
    if asked.resource is None or asked.resource == booking.resource:
        return rows
    names = names_of([booking.resource, asked.resource])
    former = names.get(booking.resource) if booking.resource else None
    other = names.get(asked.resource, _("another of them"))
    told = _("%(other)s, because %(former)s is not free then") % {"other": other, "former": former}
    return [*rows, (_("With"), told if former else other)]


def with_whom(booking: Booking | None) -> str:
    """Whom the appointment is with, where people are told a name."""
    if booking is None or booking.resource is None:
        return ""
    return names_of([booking.resource]).get(booking.resource, "")


def span(start: datetime, end: datetime) -> str:
    """A stretch of time on one day, as pages say it."""
    return f"{school_time(start)}–{school_clock(end)}"


def is_asked_by(asked: Reschedule, side: RescheduleSide) -> bool:
    """Whether this side asked, so that it can take the wish back and the other one answers."""
    return bool(asked.asked_by == side)

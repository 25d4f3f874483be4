"""The agency chooses times in the control of ``partners.calendars.choosing``: which day is looked at, what is chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.actor import Actor
from kernel.clock import local_day, read_day, read_moment
from partners.calendars.choosing import Picker, picker, starts_in
from partners.calendars.opening import DAYS_AHEAD, Stretch
from partners.calendars.selectors import opening_of
from partners.models import Service
from referrals.counter.selectors import Span
from referrals.workflow.slots import busy_times
from workdays.clock import WorkCalendar

MOST_KEPT: Final = 10
"""Times that an address carries while another day is looked at; the writer says how many may be sent."""
SEE_OTHER: Final = 303


@dataclass(frozen=True, slots=True)
class Looking:
    """Which day is looked at, where the two weeks begin, and which starts are chosen so far."""

    day: date | None = None
    first: date | None = None
    chosen: tuple[datetime, ...] = ()

    @classmethod
    def of(cls, data: Any) -> "Looking":
        """From an address or a form; what cannot be read counts as not said."""
        chosen = [moment for text in data.getlist("start")[:MOST_KEPT] if (moment := read_moment(text))]
        return cls(read_day(data.get("day")), read_day(data.get("from")), tuple(chosen))

    def address(self, path: str) -> str:
        """``path`` with what is looked at and chosen."""
        said = [
            ("day", self.day.isoformat() if self.day else ""),
            ("from", self.first.isoformat() if self.first else ""),
        ]
        kept = [("start", moment.astimezone(UTC).isoformat()) for moment in self.chosen]
        return f"{path}?{urlencode([pair for pair in (*said, *kept) if pair[1]])}#times"


def elsewhere(request: HttpRequest) -> HttpResponse | None:
    """To the address of the day that was pressed, with what is chosen; None when the form was sent for good."""
    if request.method != "POST" or not {"day", "from"} & request.POST.keys():
        return None
    answer = HttpResponseRedirect(Looking.of(request.POST).address(request.path))
    answer.status_code = SEE_OTHER
    return answer


def starts_for(service: Service, spans: Sequence[Span], moment: datetime) -> list[Stretch]:
    """Every start within the person's times at which the service can take place."""
    wishes = [Stretch(span.starts_at, span.ends_at) for span in spans]
    return starts_in(opening_of(service.institution_id), service.minutes, moment, wishes, least=service.visit_minutes)


def picker_for(
    actor: Actor,
    service: Service,
    looking: Looking,
    moment: datetime,
    *,
    within: Sequence[Stretch] | None = None,
    last_day: date | None = None,
    path: str = "",
) -> Picker:
    """The control with the agency's hours and the times at which it is busy. ``path``: days are links to it."""
    first = looking.first
    if first is None and within and local_day(within[0].starts_at) >= local_day(moment) + timedelta(days=DAYS_AHEAD):
        first = local_day(within[0].starts_at)
    return picker(
        opening_of(service.institution_id),
        WorkCalendar(),
        service.minutes,
        moment,
        day=looking.day,
        first=first,
        chosen=looking.chosen,
        taken=busy_times(service, moment),
        within=within,
        url_of=(lambda day: Looking(day, first).address(path)) if path else None,
        last_day=last_day,
    )

"""The calendar of a school, read from its rows and remembered for seconds: the help bar asks for it on every page."""

import time
from typing import Final
from uuid import UUID

from tenancy.messages import Question
from tenancy.page_memory import OnceAPage
from tenancy.scope import current_tenant_id
from workdays.clock import WorkCalendar
from workdays.models import CalendarChange

_SECONDS: Final = 5.0
_known: dict[UUID, tuple[float, WorkCalendar]] = {}


@OnceAPage
def calendar() -> WorkCalendar:
    """The open school's calendar as its rows have it now: for clocks that are written down. NoTenant outside a school."""
    return ask_calendar().ask()


def ask_calendar() -> Question[WorkCalendar]:
    """The same, to be asked together with others."""
    changes = CalendarChange.objects.values_list("first_day", "last_day", "is_workday")
    return Question((changes,), lambda: WorkCalendar.of(changes))


def remembered_calendar() -> WorkCalendar:
    """The same, at most five seconds old: for what is only shown."""
    tenant_id = current_tenant_id()
    remembered = _known.get(tenant_id)
    if remembered and time.monotonic() - remembered[0] < _SECONDS:
        return remembered[1]
    found = calendar()
    _known[tenant_id] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Drop what is remembered: after a change, and between tests."""
    _known.clear()

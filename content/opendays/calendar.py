"""An open day for a calendar (RFC 5545): one UID for ever, SEQUENCE grows with every change."""

from datetime import UTC

from icalendar import Calendar, Event

from content.opendays.models import OpenDay
from content.opendays.states import DayState
from kernel.clock import now


def day_ics(day: OpenDay, *, host: str) -> bytes:
    """One event, without a word of who comes. Times are UTC: every calendar shows them in its own zone."""
    is_off = day.state == DayState.CALLED_OFF
    event = Event()
    event.add("uid", f"open-day-{day.pk}@{host}")
    event.add("sequence", day.sequence)
    event.add("dtstamp", now().astimezone(UTC))
    event.add("dtstart", day.starts_at.astimezone(UTC))
    event.add("dtend", day.ends_at.astimezone(UTC))
    event.add("summary", day.title)
    event.add("location", ", ".join(text for text in (day.entrance, day.way) if text))
    event.add("status", "CANCELLED" if is_off else "CONFIRMED")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//xinqiao//calendar//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if is_off else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()

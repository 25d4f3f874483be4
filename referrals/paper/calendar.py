"""An appointment for the person's own calendar (RFC 5545). Neutral: whoever looks at the calendar learns a time, and a place only where the service is not a talk."""

from datetime import UTC
from typing import Final

from icalendar import Calendar, Event

from kernel.clock import now
from referrals.kinds import KINDS
from referrals.models import Booking
from referrals.states import BookingState

SUMMARY: Final = "预约"
"""The same title for every service (experience §1.6)."""


def appointment_ics(booking: Booking, *, host: str) -> bytes:
    """One event. UID stays the same for ever and SEQUENCE grows, so a moved or cancelled time replaces the old entry.

    Times are written in UTC: every calendar shows them in its own zone, and no definition of a zone need be carried.
    """
    is_cancelled = booking.state == BookingState.CANCELLED
    event = Event()
    event.add("uid", f"{booking.pk}@{host}")
    event.add("sequence", booking.sequence)
    event.add("dtstamp", now().astimezone(UTC))
    event.add("dtstart", booking.starts_at.astimezone(UTC))
    event.add("dtend", booking.ends_at.astimezone(UTC))
    event.add("summary", SUMMARY)
    # An address is as good as a name: calendars are shared and synchronised.
    if not KINDS[booking.service.kind].is_talk:
        event.add("location", booking.partner.address)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("class", "PRIVATE")
    event.add("transp", "OPAQUE")
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", "-//xinqiao//calendar//ZH")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()

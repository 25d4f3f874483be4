"""An appointment for the person's own calendar (RFC 5545). Neutral: whoever looks at the calendar learns a time and a place."""

from collections.abc import Iterable
from datetime import UTC, datetime

from kernel.clock import now
from referrals.models import Booking
from referrals.states import BookingState

SUMMARY = "预约"
"""The same word for every service (experience §1.6)."""


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(value: str) -> str:
    for plain, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\\n"), ("\n", "\\n")):
        value = value.replace(plain, written)
    return value


def _folded(lines: Iterable[str]) -> bytes:
    """Lines of at most 75 octets, none cut inside a character; CRLF ends each."""
    out = bytearray()
    for line in lines:
        used = 0
        for sign in line:
            octets = sign.encode()
            if used + len(octets) > 75:
                out += b"\r\n "
                used = 1
            out += octets
            used += len(octets)
        out += b"\r\n"
    return bytes(out)


def appointment_ics(booking: Booking, *, host: str) -> bytes:
    """One event. UID stays the same for ever and SEQUENCE grows, so a moved or cancelled time replaces the old entry."""
    cancelled = booking.state == BookingState.CANCELLED
    return _folded(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//xinqiao//calendar//ZH",
            "CALSCALE:GREGORIAN",
            f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
            "BEGIN:VEVENT",
            f"UID:{booking.pk}@{host}",
            f"SEQUENCE:{booking.sequence}",
            f"DTSTAMP:{_moment(now())}",
            f"DTSTART:{_moment(booking.starts_at)}",
            f"DTEND:{_moment(booking.ends_at)}",
            f"SUMMARY:{SUMMARY}",
            f"LOCATION:{_text(booking.partner.address)}",
            f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
            "CLASS:PRIVATE",
            "TRANSP:OPAQUE",
            "END:VEVENT",
            "END:VCALENDAR",
        )
    )

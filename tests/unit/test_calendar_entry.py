"""The appointment as a calendar reads it: parsed back by a library that did not write it by hand (RFC 5545)."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar, Event

from kernel.clock import SCHOOL_ZONE, as_of
from partners.models import Institution, Service
from referrals.kinds import KINDS
from referrals.models import Booking
from referrals.paper.calendar import SUMMARY, appointment_ics
from referrals.states import BookingState

NOON = datetime(2026, 12, 3, 12, 0, tzinfo=ZoneInfo(SCHOOL_ZONE))
SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;:\\"'), max_size=200)


def booking(**changes: Any) -> Booking:
    values: dict[str, Any] = {
        "id": uuid4(),
        "tenant_id": uuid4(),
        "partner": Institution(address="滨江路 18 号 3 楼"),
        "service": Service(kind="childcare"),
        "starts_at": NOON,
        "ends_at": NOON + timedelta(minutes=50),
        "state": BookingState.CONFIRMED,
        "sequence": 0,
    }
    return Booking(**{**values, **changes})


def read(found: Booking) -> tuple[Calendar, Event]:
    calendar = Calendar.from_ical(appointment_ics(found, host="yucai.localhost"))
    assert isinstance(calendar, Calendar)
    (event,) = calendar.walk("VEVENT")
    assert isinstance(event, Event)
    assert event.errors == []
    return calendar, event


def test_a_calendar_reads_what_was_written() -> None:
    kept = booking()
    with as_of(NOON - timedelta(days=1)):
        calendar, event = read(kept)
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert str(event["uid"]) == f"{kept.pk}@yucai.localhost"
    assert event.decoded("sequence") == 0
    assert str(event["summary"]) == SUMMARY
    assert str(event["location"]) == "滨江路 18 号 3 楼"
    assert (str(event["status"]), str(event["class"]), str(event["transp"])) == ("CONFIRMED", "PRIVATE", "OPAQUE")
    assert event.decoded("dtstamp") - (NOON - timedelta(days=1)) < timedelta(seconds=5)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_the_entry_of_a_talk_carries_no_place(kind: str) -> None:
    """A calendar is shared and synchronised, and the address of a counselling agency is as good as its name."""
    found = booking(service=Service(kind=kind))
    _calendar, event = read(found)
    assert ("location" in event) is not KINDS[kind].is_talk
    assert ("滨江路" in appointment_ics(found, host="x").decode()) is not KINDS[kind].is_talk


def test_a_cancelled_one_replaces_it() -> None:
    kept = booking()
    _calendar, before = read(kept)
    kept.state, kept.sequence = BookingState.CANCELLED, 1
    calendar, event = read(kept)
    assert (str(calendar["method"]), str(event["status"])) == ("CANCEL", "CANCELLED")
    assert (event["uid"], event.decoded("sequence")) == (before["uid"], before.decoded("sequence") + 1)


@pytest.mark.parametrize("zone", [SCHOOL_ZONE, "UTC", "America/New_York", "Asia/Kathmandu"])
@pytest.mark.parametrize(
    "starts_at", [datetime(2026, 12, 3, 23, 30), datetime(2027, 1, 1, 0, 0), datetime(2026, 9, 1, 7, 0)]
)
def test_the_moment_is_the_same_in_every_zone(zone: str, starts_at: datetime) -> None:
    """Whatever zone the row came in, the entry is in UTC: no calendar guesses, none needs a definition of the zone."""
    start = starts_at.replace(tzinfo=ZoneInfo(zone))
    end = start + timedelta(minutes=50)
    _calendar, event = read(booking(starts_at=start, ends_at=end))
    assert event.decoded("dtstart") == start
    assert event.decoded("dtend") == end
    written = appointment_ics(booking(starts_at=start, ends_at=end), host="x").decode()
    assert f"DTSTART:{start.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n" in written
    assert "TZID" not in written


@given(SAFE)
def test_no_address_breaks_out_of_its_line(address: str) -> None:
    found = booking(partner=Institution(address=address))
    calendar, event = read(found)
    assert str(event["location"]) == address
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    for line in appointment_ics(found, host="yucai.localhost").split(b"\r\n"):
        assert len(line) <= 75
        assert b"\n" not in line
        line.decode()  # no line is cut inside a character


@pytest.mark.parametrize("address", ["a\r\nBEGIN:VEVENT\r\nUID:x", "a\rUID:x", "a\u2028UID:x", "a\x0bUID:x", "a\x00b"])
def test_line_ends_of_every_kind_stay_inside(address: str) -> None:
    calendar, event = read(booking(partner=Institution(address=address)))
    assert [part.name for part in calendar.walk()] == ["VCALENDAR", "VEVENT"]
    assert str(event["uid"]) != "x"


def test_it_names_neither_service_nor_person() -> None:
    assert SUMMARY == "预约"
    written = appointment_ics(booking(), host="yucai.localhost").decode()
    assert {line.partition(":")[0] for line in written.replace("\r\n ", "").split("\r\n") if line} == {
        *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"),
        *("SUMMARY", "LOCATION", "STATUS", "CLASS", "TRANSP"),
    }

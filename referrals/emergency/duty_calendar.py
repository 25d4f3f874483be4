"""One colleague's shifts as a calendar that any program reads: when, and nothing else (issue E: calendar feed)."""

from datetime import datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

from kernel.clock import now
from referrals.emergency.models import DutyFeed, DutyShift
from referrals.emergency.rota import shift_of
from referrals.emergency.workflow.feeds import hash_of
from referrals.emergency.workflow.holders import ON_DUTY_ROLES
from tenancy.models import Tenant

TITLE: Final = "值班 / On duty"
"""All that a calendar says: it lies open on a desk and with whoever runs its server."""

PAST: Final = timedelta(days=31)
MOST: Final = 800


def feed_of(school: Tenant, token: str, moment: datetime) -> DutyFeed | None:
    """The address that ``token`` opens in the open school at ``moment``: its member belongs to the school and may be on duty."""
    row = DutyFeed.objects.filter(token_hash=hash_of(token)).select_related("member").first()
    if row is None or not row.member.is_current(school.day_of(moment)) or not ON_DUTY_ROLES & set(row.member.roles):
        return None
    return row


def calendar_of(school: Tenant, feed: DutyFeed, moment: datetime) -> bytes:
    """Shifts of a month ago and of all to come. A shift keeps its UID, so that one that was moved or given away goes."""
    rows = DutyShift.objects.filter(holder_id=feed.member_id, ends_at__gt=moment - PAST).order_by("starts_at", "pk")
    calendar = Calendar()
    calendar.add("prodid", "-//Xinqiao//duty//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", TITLE)
    calendar.add("refresh-interval", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", timedelta(hours=1))
    for row in rows[:MOST].prefetch_related("holder", "line"):
        shift = shift_of(row, school.time_zone)
        if shift is None:
            continue
        event = Event()
        event.add("uid", f"{row.pk}@{school.host}")
        event.add("dtstamp", now())
        event.add("dtstart", shift.starts_at)
        event.add("dtend", shift.ends_at)
        event.add("summary", TITLE)
        event.add("transp", "OPAQUE")
        calendar.add_component(event)
    found: bytes = calendar.to_ical()
    return found

"""One day of an agency as a list, on the screen and on paper: who comes when, to whom, and what the counter collects."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db.models import QuerySet

from accounts.actor import Actor
from kernel.clock import end_of_day, start_of_day
from partners.calendars.resources import places_at
from partners.calendars.selectors import opening_of
from referrals.access import institution_of
from referrals.counter.selectors import Visit, visits
from referrals.models import Booking
from referrals.states import BookingState
from tenancy.scope import use_partner

MOST: Final = 200
"""More than any counter sees in a day; the page says so when there are more."""
_SHOWN: Final = (BookingState.CONFIRMED, BookingState.DONE, BookingState.UNRESOLVED, BookingState.NO_SHOW)


@dataclass(frozen=True, slots=True)
class Day:
    """The appointments that begin on ``day``, in order of time, each with whom it is with (empty: the agency itself).

    ``collect_fen``: what the counter still collects of those that are to come. ``has_more``: over ``MOST``.
    """

    day: date
    rows: list[tuple[Visit, str]]
    collect_fen: int
    has_more: bool


def day_of(actor: Actor, day: date) -> Day:
    """What stands on ``day`` at the actor's institution, in every school at once."""
    institution = institution_of(actor)
    zone = opening_of(institution).zone
    with use_partner(institution):
        bookings = list(_bookings(day, zone)[: MOST + 1])
        found = visits(bookings[:MOST])
    names = {place.key: place.name for place, _active in places_at(institution)}
    rows = [(visit, names.get(visit.booking.resource, "") if visit.booking.resource else "") for visit in found]
    waiting = [visit for visit, _whom in rows if visit.booking.state == BookingState.CONFIRMED]
    return Day(day, rows, sum(visit.self_fen or 0 for visit in waiting), len(bookings) > MOST)


def _bookings(day: date, zone: str) -> QuerySet[Booking]:
    rows = Booking.objects.select_related("service").filter(state__in=_SHOWN)
    return rows.filter(starts_at__gte=start_of_day(day, zone), starts_at__lt=end_of_day(day, zone)).order_by(
        "starts_at", "id"
    )

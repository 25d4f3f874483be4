"""One day of an agency as a list, on the screen and on paper: who comes when, to whom, and what the counter collects."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actor import Actor
from kernel.clock import end_of_day, start_of_day
from partners.calendars.free import Place
from partners.calendars.resources import places_at
from partners.calendars.selectors import opening_of
from partners.kinds import LEAST_GROUP, ResourceKind
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
    """The appointments that begin on ``day``, in order of time, each with whom it is with (empty: the agency itself; of a group with
    fewer people than a group has also how many come).

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
    here = {place.key: place for place, _active in places_at(institution)}
    groups = {key for key, place in here.items() if place.kind == ResourceKind.GROUP}
    people = Counter[tuple[UUID | None, datetime]]()
    for row in bookings:
        if row.resource in groups and row.state != BookingState.NO_SHOW:
            people[row.resource, row.starts_at] += row.service.takes
    rows = [(visit, _whom(visit.booking, here, people)) for visit in found]
    waiting = [visit for visit, _whom in rows if visit.booking.state == BookingState.CONFIRMED]
    return Day(day, rows, sum(visit.self_fen or 0 for visit in waiting), len(bookings) > MOST)


def _whom(booking: Booking, here: Mapping[UUID, Place], people: Mapping[tuple[UUID | None, datetime], int]) -> str:
    """With whom; of a group also how many come, where that is fewer than a group has (rules §2)."""
    name = here[booking.resource].name if booking.resource and booking.resource in here else ""
    come = people.get((booking.resource, booking.starts_at), LEAST_GROUP)
    if come >= LEAST_GROUP:
        return name
    few = _("%(come)s of at least %(least)s people") % {"come": come, "least": LEAST_GROUP}
    return f"{name} · {few}" if name else few


def _bookings(day: date, zone: str) -> QuerySet[Booking]:
    rows = Booking.objects.select_related("service").filter(state__in=_SHOWN)
    return rows.filter(starts_at__gte=start_of_day(day, zone), starts_at__lt=end_of_day(day, zone)).order_by(
        "starts_at", "id"
    )

"""Free times of services as the open school's people see them: one way, for one agency and for many at once (books §4).

Two messages to the database, however many services: agreements and papers, hours and closures, who can be had; then what is
taken of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel.clock import local_day, start_of_day
from partners.calendars.free import SOONEST, Place, Use, both, free_starts, merged
from partners.calendars.opening import DAYS_AHEAD, Stretch, midnights
from partners.calendars.resources import ask_places, itself
from partners.calendars.selectors import ask_openings
from partners.models import Service
from partners.selectors import ask_days_open
from seats import places
from tenancy.messages import together


@dataclass(frozen=True, slots=True)
class FreeTimes:
    """When each place of one service can be had, UTC, in order. ``full``: starts at which a place of several seats has none."""

    service: Service
    by_place: tuple[tuple[Place, tuple[datetime, ...]], ...]
    full: tuple[datetime, ...] = ()

    @property
    def length(self) -> timedelta:
        """How long one appointment lasts."""
        return timedelta(minutes=self.service.visit_minutes)

    def starts(self, among: Collection[UUID] | None = None) -> list[datetime]:
        """Every start at which one of the places (those with the keys ``among``) can be had, each once, in order."""
        return sorted(
            {start for place, starts in self.by_place if among is None or place.key in among for start in starts}
        )


def free_times(
    services: Iterable[Service],
    moment: datetime,
    *,
    zone: str,
    unguarded: Collection[UUID] = (),
) -> dict[UUID, FreeTimes]:
    """What can be had in the two weeks from the day of ``moment`` on, by the service's id. Inside the school's scope.

    ``unguarded``: services of which the agency itself takes any number at once.
    """
    asked = list(services)
    today = local_day(moment, zone)
    of_days = ask_days_open([service.pk for service in asked], today, DAYS_AHEAD)
    of_openings = ask_openings({service.institution_id for service in asked})
    of_places = ask_places(asked)
    together(*of_days.querysets, *of_openings.querysets, *of_places.querysets)
    covered, openings, known = of_days.answer(), of_openings.answer(), of_places.answer()
    had = {service.pk: known[service.pk] or (itself(service.institution_id),) for service in asked}
    first = start_of_day(today, zone)
    keys = {place.key for rows in had.values() for place in rows}
    uses: dict[UUID, list[Use]] = {key: [] for key in keys}
    for row in places.busy(keys, first, first + timedelta(days=DAYS_AHEAD + 1)):
        uses[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    begins = midnights(today, DAYS_AHEAD + 1, zone)
    whole = {today + timedelta(days=ahead): Stretch(*begins[ahead : ahead + 2]) for ahead in range(DAYS_AHEAD)}
    agreed = {days: list(merged(whole[day] for day in days)) for days in set(covered.values())}
    soonest = moment + SOONEST
    found = {}
    for service in asked:
        length, opening = timedelta(minutes=service.visit_minutes), openings[service.institution_id]
        # Where the agency is open and the school has an agreement: reckoned once for all its places.
        shared = list(both(opening.stretches(today, DAYS_AHEAD), agreed[covered[service.pk]]))
        rows: list[tuple[Place, tuple[datetime, ...]]] = []
        shut: set[datetime] = set()
        for place in had[service.pk]:
            is_free = place.resource_id is None and service.pk in unguarded
            starts = free_starts(
                place,
                opening,
                length,
                () if is_free else uses[place.key],
                first=today,
                soonest=soonest,
                shared=shared,
            )
            rows.append((place, tuple(starts)))
            if place.capacity > 1:
                every = free_starts(place, opening, length, (), first=today, soonest=soonest, shared=shared)
                shut |= set(every) - set(starts)
        shut -= {start for _place, starts in rows for start in starts}
        found[service.pk] = FreeTimes(service, tuple(rows), tuple(sorted(shut)))
    return found

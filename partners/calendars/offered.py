"""Free times of services as the open school's people see them: one way, for one agency and for many at once (books §4).

Nine queries, however many services: agreements and papers, hours and closures, who can be had, and what is taken of them.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kernel.clock import local_day, start_of_day
from partners.calendars.free import SOONEST, Place, Use, free_starts, merged
from partners.calendars.opening import DAYS_AHEAD, Stretch
from partners.calendars.resources import itself, places_for
from partners.calendars.selectors import openings_of
from partners.models import Service
from partners.selectors import days_open
from seats import places


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
    covered = days_open([service.pk for service in asked], today, DAYS_AHEAD)
    openings = openings_of({service.institution_id for service in asked})
    known = places_for(asked)
    had = {service.pk: known[service.pk] or (itself(service.institution_id),) for service in asked}
    first = start_of_day(today, zone)
    keys = {place.key for rows in had.values() for place in rows}
    uses: dict[UUID, list[Use]] = {key: [] for key in keys}
    for row in places.busy(keys, first, first + timedelta(days=DAYS_AHEAD + 1)):
        uses[row.resource].append(Use(row.starts_at, row.ends_at, row.seats))
    found = {}
    for service in asked:
        days = [
            Stretch(start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone))
            for day in sorted(covered[service.pk])
        ]
        within = list(merged(days))
        length, opening = timedelta(minutes=service.visit_minutes), openings[service.institution_id]
        shared = opening.stretches(today, DAYS_AHEAD)
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
                soonest=moment + SOONEST,
                within=within,
                shared=shared,
            )
            rows.append((place, tuple(starts)))
            if place.capacity > 1:
                every = free_starts(place, opening, length, (), first=today, soonest=moment + SOONEST, within=within)
                shut |= set(every) - set(starts)
        shut -= {start for _place, starts in rows for start in starts}
        found[service.pk] = FreeTimes(service, tuple(rows), tuple(sorted(shut)))
    return found

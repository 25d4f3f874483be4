"""Resources of institutions, read as places of the rule of free times. All tables are global, so any scope may read them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from kernel.clock import now
from partners.calendars.free import Place
from partners.calendars.models import Absence, Resource
from partners.calendars.opening import Hours, Stretch
from partners.models import Service

_KEPT: Final = timedelta(days=2)


def itself(institution_id: UUID) -> Place:
    """An agency that nobody stands for is one place."""
    return Place(key=institution_id)


def places_for(services: Iterable[Service]) -> dict[UUID, tuple[Place, ...]]:
    """Who can be had for each service, by its id, the longest there first; none where the agency has entered nobody for it.

    Four queries, however many services.
    """
    wanted = {service.pk for service in services}
    rows = (
        Resource.objects.filter(active=True, services__in=wanted)
        .distinct()
        .order_by("created_at", "id")
        .prefetch_related("services", "hours")
    )
    resources = list(rows)
    absences = _absences(resources)
    found: dict[UUID, list[Place]] = {key: [] for key in wanted}
    for resource in resources:
        place = place_of(resource, absences[resource.pk])
        for service in resource.services.all():
            if service.pk in wanted:
                found[service.pk].append(place)
    return {key: tuple(places) for key, places in found.items()}


def place_of(resource: Resource, absences: Iterable[Stretch] = ()) -> Place:
    """A resource as the rule sees it."""
    return Place(
        key=resource.place,
        resource_id=resource.pk,
        name=resource.name if resource.is_named else "",
        kind=resource.kind,
        gender=resource.gender,
        online=resource.online,
        on_site=resource.on_site,
        specialities=tuple(resource.specialities),
        hours=tuple(Hours(row.weekday, row.opens, row.closes) for row in resource.hours.all()),
        absences=tuple(absences),
        capacity=resource.capacity,
        buffer=timedelta(minutes=resource.buffer_minutes),
    )


def places_at(institution_id: UUID) -> list[tuple[Place, bool]]:
    """Everybody and everything of an institution, the longest there first, each with whether it takes anything new. The
    names are the agency's own: those that people do not see too. Three queries.
    """
    resources = list(
        Resource.objects.filter(institution_id=institution_id).order_by("created_at", "id").prefetch_related("hours")
    )
    absences = _absences(resources)
    return [(replace(place_of(row, absences[row.pk]), name=row.name), row.active) for row in resources]


def places_by_key(keys: Collection[UUID]) -> dict[UUID, Place]:
    """What stands under these names of ``seats``, active or not; the agency itself is not among them. Three queries."""
    resources = list(Resource.objects.filter(place__in=keys).prefetch_related("hours"))
    absences = _absences(resources)
    return {resource.place: place_of(resource, absences[resource.pk]) for resource in resources}


def names_of(keys: Collection[UUID | None]) -> dict[UUID, str]:
    """How people call what they have an appointment with, by its name in ``seats``; only those that are named. One query."""
    rows = Resource.objects.filter(place__in=[key for key in keys if key], is_named=True)
    return dict(rows.values_list("place", "name"))


def _absences(resources: Collection[Resource]) -> dict[UUID, list[Stretch]]:
    found: dict[UUID, list[Stretch]] = defaultdict(list)
    rows = Absence.objects.filter(resource__in=resources, during__endswith__gt=now() - _KEPT)
    for row in rows:
        found[row.resource_id].append(Stretch(row.during.lower, row.during.upper))
    return found

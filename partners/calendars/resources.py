"""Resources of institutions, read as places of the rule of free times. All tables are global, so any scope may read them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import QuerySet

from kernel.clock import now
from partners.calendars.free import Place
from partners.calendars.models import Absence, Resource, ResourceHours
from partners.calendars.opening import Hours, Stretch
from partners.models import Service
from tenancy.messages import Question

_KEPT: Final = timedelta(days=2)


def itself(institution_id: UUID) -> Place:
    """An agency that nobody stands for is one place."""
    return Place(key=institution_id)


def for_service(place: Place, service: Service) -> Place:
    """The place as appointments of the service take it: so many of its seats, never more than it has."""
    return replace(place, takes=min(service.takes, place.capacity))


def places_for(services: Iterable[Service]) -> dict[UUID, tuple[Place, ...]]:
    """Who can be had for each service, by its id, the longest there first; none where the agency has entered nobody for it.

    One query, however many services.
    """
    return ask_places(services).ask()


def ask_places(services: Iterable[Service]) -> Question[dict[UUID, tuple[Place, ...]]]:
    """The same, to be asked together with others."""
    wanted = {service.pk: service for service in services}
    pairs = Resource.services.through.objects.filter(service_id__in=wanted, resource__active=True).values_list(
        "service_id", "resource_id"
    )
    known = _ask_known(Resource.objects.filter(active=True, services__in=wanted).distinct())

    def answer() -> dict[UUID, tuple[Place, ...]]:
        does: dict[UUID, list[UUID]] = defaultdict(list)
        for service_id, resource_id in pairs:
            does[resource_id].append(service_id)
        found: dict[UUID, list[Place]] = {key: [] for key in wanted}
        for resource, place in known.answer():
            for service_id in does[resource.pk]:
                found[service_id].append(for_service(place, wanted[service_id]))
        return {key: tuple(places) for key, places in found.items()}

    return Question((pairs, *known.querysets), answer)


def _ask_known(resources: "QuerySet[Resource]") -> Question[list[tuple[Resource, Place]]]:
    """Each of ``resources``, the longest there first, with what the rule sees of it."""
    rows = resources.order_by("created_at", "id")
    keys = resources.order_by().values("pk")
    weeks = ResourceHours.objects.filter(resource__in=keys).order_by("weekday", "opens")
    of_weeks = weeks.values_list("resource_id", "weekday", "opens", "closes")
    away = Absence.objects.filter(resource__in=keys, during__endswith__gt=now() - _KEPT)
    of_absences = away.order_by("during").values_list("resource_id", "during")

    def answer() -> list[tuple[Resource, Place]]:
        hours: dict[UUID, list[Hours]] = defaultdict(list)
        for key, *week in of_weeks:
            hours[key].append(Hours(*week))
        absences: dict[UUID, list[Stretch]] = defaultdict(list)
        for key, during in of_absences:
            absences[key].append(Stretch(during.lower, during.upper))
        return [(row, _place_of(row, hours[row.pk], absences[row.pk])) for row in rows]

    return Question((rows, of_weeks, of_absences), answer)


def _place_of(resource: Resource, hours: Iterable[Hours], absences: Iterable[Stretch]) -> Place:
    return Place(
        key=resource.place,
        resource_id=resource.pk,
        name=resource.name if resource.is_named else "",
        kind=resource.kind,
        gender=resource.gender,
        online=resource.online,
        on_site=resource.on_site,
        specialities=tuple(resource.specialities),
        hours=tuple(hours),
        absences=tuple(absences),
        capacity=resource.capacity,
        buffer=timedelta(minutes=resource.buffer_minutes),
    )


def places_at(institution_id: UUID) -> list[tuple[Place, bool]]:
    """Everybody and everything of an institution, the longest there first, each with whether it takes anything new. The
    names are the agency's own: those that people do not see too. One query.
    """
    known = _ask_known(Resource.objects.filter(institution_id=institution_id)).ask()
    return [(replace(place, name=row.name), row.active) for row, place in known]


def places_by_key(keys: Collection[UUID]) -> dict[UUID, Place]:
    """What stands under these names of ``seats``, active or not; the agency itself is not among them. One query."""
    return {place.key: place for _row, place in _ask_known(Resource.objects.filter(place__in=keys)).ask()}


def own_names_of(keys: Collection[UUID | None]) -> dict[UUID, str]:
    """How the agency calls what stands under these names of ``seats``, also what people do not see by name. One query."""
    wanted = [key for key in keys if key]
    return dict(Resource.objects.filter(place__in=wanted).values_list("place", "name")) if wanted else {}


def names_of(keys: Collection[UUID | None]) -> dict[UUID, str]:
    """How people call what they have an appointment with, by its name in ``seats``; only those that are named. One query."""
    rows = Resource.objects.filter(place__in=[key for key in keys if key], is_named=True)
    return dict(rows.values_list("place", "name"))

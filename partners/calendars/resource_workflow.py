"""The only writers of resources, their own hours and absences: the institution's own office (books §4, ADR 0026)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from accounts.actor import Actor, require
from accounts.once import Taken, once
from audit.workflow import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_name, fold_prose
from partners.calendars.models import Absence, OpeningHours, Resource, ResourceHours
from partners.calendars.opening import Hours
from partners.calendars.workflow import MANAGE, check_closure, checked_week, own_institution
from partners.kinds import MOST_GROUP, CounsellorGender, ResourceKind, ServiceMode, Speciality
from partners.models import Institution, Service

MOST_RESOURCES: Final = 60
MOST_SEATS: Final = 200
LONGEST_BUFFER: Final = 120
_NAME_MAX: Final = 40
_TAKEN: Final[Taken] = {
    "resource_name_once": lambda: Invalid("resource_taken", fields=(("name", "resource_taken", ""),)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceDraft:
    """What an office says of a resource. ``services``: ids of what it can be had for."""

    name: str
    services: Collection[UUID]
    is_named: bool = True
    capacity: int = 1
    buffer_minutes: int = 0
    online: bool = False
    on_site: bool = True
    gender: str = ""
    specialities: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def add_resource(*, actor: Actor, kind: str, draft: ResourceDraft) -> Resource:
    """Somebody or something an appointment can be had with. Needs ``opening.manage``.

    The first counsellor takes over the institution's own place in ``seats``: whatever was taken before, by whichever school,
    is that counsellor's from now on, in the same row and without a moment in between (ADR 0026). Invalid for each field;
    ``resource_taken`` for a name that looks like another one; Refused ``resources_full``.
    """
    require(actor, MANAGE)
    institution = own_institution(actor)
    if kind not in ResourceKind.values:
        raise Invalid("out_of_range", fields=(("kind", "out_of_range", ""),))
    if Resource.objects.filter(institution=institution).count() >= MOST_RESOURCES:
        raise Refused("resources_full")
    resource = Resource(institution=institution, kind=kind)
    services = _fill(resource, draft)
    is_first = kind == ResourceKind.COUNSELLOR and not Resource.objects.filter(place=institution.pk).exists()
    resource.place = institution.pk if is_first else resource.pk
    with once(_TAKEN):
        resource.save(force_insert=True)
    resource.services.set(services)
    record(actor=actor, action="resource.add", obj=resource, facts={"kind": kind, "first": is_first})
    return resource


@transaction.atomic
def change_resource(*, actor: Actor, resource_id: UUID, draft: ResourceDraft) -> Resource:
    """Say it anew; the kind stays. Appointments that stand stay. NotFound for another institution's; else as ``add_resource``."""
    require(actor, MANAGE)
    institution = own_institution(actor)
    resource = _own(institution, resource_id)
    services = _fill(resource, draft)
    with once(_TAKEN):
        resource.save()
    resource.services.set(services)
    record(actor=actor, action="resource.change", obj=resource)
    return resource


@transaction.atomic
def set_resource_active(*, actor: Actor, resource_id: UUID, active: bool) -> Resource:
    """Take no new appointment with it, or take some again. Those that stand stay. NotFound for another institution's."""
    require(actor, MANAGE)
    resource = _own(own_institution(actor), resource_id)
    if resource.active != active:
        resource.active = active
        resource.save(update_fields=["active"])
        record(actor=actor, action="resource.open" if active else "resource.shut", obj=resource)
    return resource


@transaction.atomic
def save_resource_hours(
    *, actor: Actor, resource_id: UUID, week: Mapping[int, Sequence[tuple[int, int]]]
) -> list[ResourceHours]:
    """A week of its own, within the institution's; an empty one: the institution's holds. Invalid as ``save_hours``."""
    require(actor, MANAGE)
    resource = _own(own_institution(actor), resource_id)
    rows = checked_week(week, may_be_empty=True)
    before = [Hours(row.weekday, row.opens, row.closes) for row in resource.hours.all()]
    if before != rows:
        resource.hours.all().delete()
        ResourceHours.objects.bulk_create(ResourceHours(resource=resource, **row._asdict()) for row in rows)
        changed = sorted({row.weekday for row in set(before) ^ set(rows)})
        record(actor=actor, action="resource.hours", obj=resource, facts={"weekdays": changed})
    return list(resource.hours.all())


@transaction.atomic
def be_absent(*, actor: Actor, resource_id: UUID, starts_at: datetime, ends_at: datetime, reason: str = "") -> Absence:
    """It takes nothing in ``[starts_at, ends_at)``; ``reason`` is the agency's own note. Appointments that stand stay.

    Invalid as ``close``, Conflict ``absences_overlap``; NotFound for another institution's.
    """
    require(actor, MANAGE)
    resource = _own(own_institution(actor), resource_id)
    note = fold_prose(reason)
    check_closure(starts_at, ends_at, note)
    absence = Absence(resource=resource, during=DateTimeTZRange(starts_at, ends_at), reason=note)
    try:
        with transaction.atomic():
            absence.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("absences_overlap", fields=(("first_day", "absences_overlap", ""),)) from error
    record(actor=actor, action="absence.add", obj=absence, facts={"starts_at": starts_at, "ends_at": ends_at})
    return absence


@transaction.atomic
def be_there(*, actor: Actor, absence_id: UUID) -> None:
    """It is there after all. NotFound for another institution's."""
    require(actor, MANAGE)
    institution = own_institution(actor)
    absence = Absence.objects.filter(pk=absence_id, resource__institution=institution).first()
    if absence is None:
        raise NotFound
    facts = {"starts_at": absence.during.lower, "ends_at": absence.during.upper}
    record(actor=actor, action="absence.remove", obj=absence, facts=facts)
    absence.delete()


@transaction.atomic
def set_mode(*, actor: Actor, service_id: UUID, at_once: bool) -> Service:
    """Whether people choose among the free times of a service themselves, or are asked for times that the agency confirms.

    Needs ``opening.manage``. Refused ``hours_unsaid`` before the institution has given its hours: nobody would be there at
    seven. NotFound for another institution's service. Requests and appointments that stand stay.
    """
    require(actor, MANAGE)
    institution = own_institution(actor)
    service = Service.objects.select_for_update(no_key=True).filter(pk=service_id, institution=institution).first()
    if service is None:
        raise NotFound
    if at_once and not OpeningHours.objects.filter(institution=institution).exists():
        raise Refused("hours_unsaid")
    mode = ServiceMode.INSTANT if at_once else ServiceMode.CONFIRM
    if service.mode != mode:
        service.mode = mode
        service.save(update_fields=["mode"])
        record(actor=actor, action="service.mode", obj=service, facts={"mode": mode.value})
    return service


def _own(institution: Institution, resource_id: UUID) -> Resource:
    resource = Resource.objects.filter(pk=resource_id, institution=institution).first()
    if resource is None:
        raise NotFound
    return resource


def _fill(resource: Resource, draft: ResourceDraft) -> list[Service]:
    """Lays ``draft`` over the row; the services it can be had for. Raises Invalid with a row for each fault."""
    is_person = resource.kind == ResourceKind.COUNSELLOR
    services = list(Service.objects.filter(pk__in=set(draft.services), institution_id=resource.institution_id))
    faults = dict(_faults(draft, is_person=is_person))
    if resource.kind == ResourceKind.GROUP and MOST_GROUP < draft.capacity <= MOST_SEATS:
        faults["capacity"] = "group_too_big"
    if len(services) < len(set(draft.services)):
        faults["services"] = "foreign_service"
    elif not services:
        faults["services"] = "required"
    if faults:
        raise Invalid("resource_invalid", fields=tuple((name, code, "") for name, code in faults.items()))
    resource.name, resource.is_named = fold_name(draft.name), draft.is_named
    resource.capacity = 1 if is_person else draft.capacity
    resource.buffer_minutes = draft.buffer_minutes
    resource.online, resource.on_site = draft.online, draft.on_site
    resource.gender = draft.gender if is_person else ""
    resource.specialities = [value for value in Speciality.values if value in draft.specialities] if is_person else []
    return services


def _faults(draft: ResourceDraft, *, is_person: bool) -> list[tuple[str, Any]]:
    name = fold_name(draft.name)
    found: list[tuple[str, Any]] = []
    if not name:
        found.append(("name", "required"))
    elif len(name) > _NAME_MAX:
        found.append(("name", "too_large"))
    if not is_person and not 1 <= draft.capacity <= MOST_SEATS:
        found.append(("capacity", "out_of_range"))
    if not 0 <= draft.buffer_minutes <= LONGEST_BUFFER:
        found.append(("buffer_minutes", "out_of_range"))
    if not (draft.online or draft.on_site):
        found.append(("on_site", "resource_nowhere"))
    if is_person and draft.gender not in ("", *CounsellorGender.values):
        found.append(("gender", "out_of_range"))
    if set(draft.specialities) - set(Speciality.values):
        found.append(("specialities", "out_of_range"))
    return found

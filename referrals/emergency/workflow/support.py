"""The only writers of what is asked for after an incident: the union's own grant, and care for those who were close to it."""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from accounts.models import Department, Membership
from accounts.once import once
from accounts.roles import Role
from audit import record
from kernel.errors import Conflict, Invalid, Refused
from kernel.fold import fold_prose
from notifications.outbox import enqueue
from referrals.emergency.models import GroupCare, UnionGrant, WatchTask
from referrals.emergency.models.support import CARE_ONCE
from referrals.emergency.rules.support import FEWEST, MOST, CareKind, GrantState
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import lock, note
from referrals.emergency.workflow.standing import hidden_rows, is_left_out, must_know

GRANTS: Final = "/union/grants/"
_CARE: Final = {CARE_ONCE: lambda: Conflict("care_asked")}
_GRANT: Final = {"union_grant_asked_once": lambda: Conflict("grant_asked")}


@transaction.atomic
def ask_grant(*, actor: Actor, incident_id: UUID | str, agreed_how: str) -> UnionGrant:
    """Ask the union for its own grant, with the person's yes: how and when they agreed is sealed in the timeline.

    Needs ``incident.follow``; NotFound. Invalid ``grant_agreement``; Refused ``relief_in_drill``, ``relief_no_person``,
    ``incident_ended`` when its words are destroyed, ``grant_nobody`` where nobody of the union may know; Conflict ``grant_asked``.
    """
    require(actor, "incident.follow")
    told = fold_prose(agreed_how).strip()
    if not told:
        raise _invalid("agreed_how", "grant_agreement")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    if incident.is_drill:
        raise Refused("relief_in_drill")
    if incident.person_id is None:
        raise Refused("relief_no_person")
    if incident.key is None:
        raise Refused("incident_ended")
    day = open_school().day_of(locked.moment)
    readers = [
        one
        for one in Membership.objects.current(day).accepted().filter(roles__contains=[Role.UNION.value]).order_by("pk")
        if not is_left_out(incident, one.pk)
    ]
    if not readers:
        raise Refused("grant_nobody")
    assert actor.membership_id is not None
    grant = UnionGrant(incident=incident, person_id=incident.person_id, asked_on=day, asked_by_id=actor.membership_id)
    with once(_GRANT):
        grant.save(force_insert=True)
    note(incident, "grant.asked", by=actor, words=told)
    for one in readers:
        enqueue(key=f"grant:{grant.pk}:{one.pk}", template="emergency_grant", to=one, link=GRANTS)
    record(actor=actor, action="incident.grant", obj=incident)
    return grant


@transaction.atomic
def decide_grant(*, actor: Actor, grant_id: UUID | str, given: bool, on: date) -> UnionGrant:
    """The union has given it, or has not, on a day of the school. No amount is asked.

    Needs ``grant.decide``. NotFound for whoever must not know of the person; Conflict ``grant_decided``; Invalid ``grant_day``
    for a day before it was asked for, or to come.
    """
    require(actor, "grant.decide")
    incident_id = grants_known_to(actor).filter(pk=grant_id).values_list("incident_id", flat=True).first()
    locked = lock(incident_id)
    grant = UnionGrant.objects.select_for_update(no_key=True).get(pk=grant_id)
    if grant.state != GrantState.ASKED:
        raise Conflict("grant_decided")
    if not grant.asked_on <= on <= open_school().day_of(locked.moment):
        raise _invalid("on", "grant_day")
    grant.state = (GrantState.GIVEN if given else GrantState.DECLINED).value
    grant.decided_on, grant.decided_by_id = on, actor.membership_id
    grant.save(update_fields=["state", "decided_on", "decided_by"])
    note(locked.incident, f"grant.{grant.state}", by=actor)
    record(actor=actor, action="grant.decide", obj=grant)
    return grant


@transaction.atomic
def ask_care(
    *, actor: Actor, incident_id: UUID | str, kind: str, department_id: UUID | str | None, how_many: int
) -> GroupCare:
    """Others were touched: a group of ``how_many`` of a department, or of the whole school, is offered help. The row leads to no
    incident; the timeline says that it was asked for. The task after a death is done by it.

    Needs ``incident.follow``; NotFound. Invalid ``not_in_list``, ``care_how_many``; Refused ``relief_in_drill``; Conflict
    ``care_asked`` for the same group on the same day.
    """
    require(actor, "incident.follow")
    if kind not in set(CareKind):
        raise _invalid("kind", "not_in_list")
    if not FEWEST <= how_many <= MOST:
        raise _invalid("how_many", "care_how_many")
    department = Department.objects.filter(pk=department_id).first() if department_id else None
    if department_id and department is None:
        raise _invalid("department", "not_in_list")
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    if incident.is_drill:
        raise Refused("relief_in_drill")
    assert actor.membership_id is not None
    care = GroupCare(
        kind=kind,
        department=department,
        how_many=how_many,
        asked_on=open_school().day_of(locked.moment),
        asked_by_id=actor.membership_id,
    )
    with once(_CARE):
        care.save(force_insert=True)
    tasks = WatchTask.objects.filter(incident=incident, kind=TaskKind.COLLEAGUES.value, done_at=None)
    tasks.update(done_at=locked.moment, done_by_id=actor.membership_id, next_at=None, asked_by=None)
    note(incident, "care.asked", by=actor)
    record(actor=actor, action="incident.care", obj=incident)
    return care


def grants_known_to(actor: Actor) -> QuerySet[UnionGrant]:
    """Those of people about whom the actor may learn something, what waits first, then the newest."""
    member = actor.membership_id
    rows = UnionGrant.objects.exclude(hidden_rows(member)) if member else UnionGrant.objects.none()
    return rows.order_by("-asked_on", "-id")


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))

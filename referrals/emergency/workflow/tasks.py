"""What somebody still has to do about an incident: written, done, put off by two people (chain §2, §9).

A task outlives the incident's end: what was promised to the person is still owed then.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.same_person import same_member
from audit import record
from families.models import Relative
from kernel.errors import Conflict, NotFound
from notifications.outbox import enqueue
from referrals.emergency.models import Incident, Leg, Timeline, WatchTask
from referrals.emergency.rules.tasks import ASKED_AGAIN, BY_WRITING, DUE_IN, NOT_PUT_OFF, TaskKind
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import left_out_among, must_know

_ASKED: Final = "task.put_off_asked"


def due(
    locked: Locked,
    kind: TaskKind,
    *,
    by: Actor | None,
    author: UUID | None = None,
    leg: Leg | None = None,
    relative: Relative | None = None,
) -> WatchTask | None:
    """A task that falls due by its kind's length. The caller holds the incident; one that is open already begins no other.
    ``author``: in whose name it stands where nobody's act began it (``by`` None).

    None in a drill: nothing is owed to somebody made up.
    """
    if locked.incident.is_drill:
        return None
    open_one: WatchTask | None = WatchTask.objects.filter(
        incident=locked.incident, kind=kind, relative=relative, done_at=None
    ).first()
    if open_one is not None:
        return open_one
    at = locked.moment + DUE_IN[kind]
    author = by.membership_id if by is not None else author
    assert author is not None
    task = WatchTask.objects.create(
        incident=locked.incident, kind=kind, leg=leg, relative=relative, by_id=author, due_at=at, next_at=at
    )
    note(locked.incident, f"task.{kind.value}", leg=leg, by=by, role="" if by is not None else "engine")
    return task


@transaction.atomic
def finish(*, actor: Actor, task_id: UUID | str) -> WatchTask:
    """It is done. Twice is once: Conflict ``task_done``, and nothing moves. NotFound for who must not know the
    incident; Conflict ``plan_missing``, ``review_missing`` for what is done by writing it.
    """
    require(actor, "incident.grade")
    locked, task = _locked(actor, task_id)
    if task.kind in BY_WRITING:
        raise Conflict(BY_WRITING[TaskKind(task.kind)])
    task.done_at, task.done_by_id, task.next_at, task.asked_by = locked.moment, actor.membership_id, None, None
    task.save(update_fields=["done_at", "done_by", "next_at", "asked_by"])
    note(locked.incident, f"task.{task.kind}_done", by=actor)
    record(actor=actor, action="incident.task_done", obj=locked.incident, facts={"task": task.kind})
    if task.kind == TaskKind.TELL:
        _open_their_page(locked.incident)
    return task


def _open_their_page(incident: Incident) -> None:
    """The person was told in words; from now on they can read it again, and are told where."""
    person = Membership.objects.filter(pk=incident.person_id).first()
    if person is not None and person.user_id is not None:
        enqueue(key=f"emergency-told:{incident.pk}", template="emergency_told", to=person, link="/my/incidents/")


@transaction.atomic
def put_off(*, actor: Actor, task_id: UUID | str, reason: str) -> bool:
    """It may wait once more as long as it had: two people must say so, each with a reason. False: the first word is kept, as
    long as ``first_words`` says.

    Conflict ``task_not_put_off`` for what is done and not put off. Invalid for a reason under 20
    characters, Conflict ``task_done``.
    """
    require(actor, "incident.grade")
    words = reason_of(reason)
    locked, task = _locked(actor, task_id)
    if task.kind in NOT_PUT_OFF:
        raise Conflict("task_not_put_off")
    first = first_words(locked.incident, [task], locked.moment).get(task.pk)
    if first is None or same_member(first, actor.membership_id):
        is_new = first is None
        task.asked_by_id = first or actor.membership_id
        task.save(update_fields=["asked_by"])
        if is_new:
            note(locked.incident, _ASKED, by=actor, words=words, facts={"of": str(task.pk)})
            record(actor=actor, action="incident.task_put_off_asked", obj=locked.incident, facts={"task": task.kind})
        return False
    task.asked_by, task.deferrals = None, task.deferrals + 1
    task.due_at = task.next_at = max(task.due_at, locked.moment) + DUE_IN[TaskKind(task.kind)]
    task.save(update_fields=["asked_by", "deferrals", "due_at", "next_at"])
    note(locked.incident, "task.put_off", by=actor, words=words)
    record(actor=actor, action="incident.task_put_off", obj=locked.incident, facts={"task": task.kind})
    return True


def first_words(incident: Incident, tasks: Iterable[WatchTask], moment: datetime) -> dict[UUID, UUID]:
    """Of each task that one person wants put off, who: a colleague who still works here and may know of the incident, and who
    said so since it was last asked for (``ASKED_AGAIN``). Anybody else's word is over, and waits for no second one.
    """
    asked = {task.pk: task for task in tasks if task.asked_by_id is not None}
    if not asked:
        return {}
    rows = Timeline.objects.filter(incident=incident, code=_ASKED, facts__of__in=[str(pk) for pk in asked])
    said = {(row.facts["of"], row.by_id): row.at for row in rows.order_by("at")}
    names = {task.asked_by_id for task in asked.values()}
    there = list(Membership.objects.current(open_school().day_of(moment)).accepted().filter(pk__in=names))
    known = {one.pk for one in there} - left_out_among(incident, there)
    found: dict[UUID, UUID] = {}
    for pk, task in asked.items():
        who, at = task.asked_by_id, said.get((str(pk), task.asked_by_id))
        if who is not None and who in known and at is not None and moment - at < ASKED_AGAIN[TaskKind(task.kind)]:
            found[pk] = who
    return found


def _locked(actor: Actor, task_id: UUID | str) -> tuple[Locked, WatchTask]:
    """The task under its incident's lock. Conflict ``task_done`` for one that somebody has done."""
    incident_id = WatchTask.objects.filter(pk=task_id).values_list("incident_id", flat=True).first()
    if incident_id is None:
        raise NotFound
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    task = WatchTask.objects.select_for_update(no_key=True).get(pk=task_id)
    if task.done_at is not None:
        raise Conflict("task_done")
    return locked, task

"""What somebody still has to do about an incident: written, done, put off by two people (chain §2, §9).

A task outlives the incident's end: what was promised to the person is still owed then.
"""

from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.same_person import same_member
from audit import record
from families.models import Relative
from kernel.errors import Conflict, NotFound
from notifications.outbox import enqueue
from referrals.emergency.models import Incident, Leg, WatchTask
from referrals.emergency.rules.tasks import BY_WRITING, DUE_IN, NOT_PUT_OFF, TaskKind
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.reasons import reason_of
from referrals.emergency.workflow.standing import must_know


def due(
    locked: Locked, kind: TaskKind, *, by: Actor, leg: Leg | None = None, relative: Relative | None = None
) -> WatchTask | None:
    """A task that falls due by its kind's length. The caller holds the incident; one that is open already begins no other.

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
    task = WatchTask.objects.create(
        incident=locked.incident, kind=kind, leg=leg, relative=relative, by_id=by.membership_id, due_at=at, next_at=at
    )
    note(locked.incident, f"task.{kind.value}", leg=leg, by=by)
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
    """It may wait once more as long as it had: two people must say so, each with a reason. False: the first word is kept.

    Conflict ``task_not_put_off`` for what is done and not put off. Invalid for a reason under 20
    characters, Conflict ``task_done``.
    """
    require(actor, "incident.grade")
    words = reason_of(reason)
    locked, task = _locked(actor, task_id)
    if task.kind in NOT_PUT_OFF:
        raise Conflict("task_not_put_off")
    if task.asked_by_id is None or same_member(task.asked_by_id, actor.membership_id):
        is_new = task.asked_by_id is None
        task.asked_by_id = task.asked_by_id or actor.membership_id
        task.save(update_fields=["asked_by"])
        if is_new:
            note(locked.incident, "task.put_off_asked", by=actor, words=words)
            record(actor=actor, action="incident.task_put_off_asked", obj=locked.incident, facts={"task": task.kind})
        return False
    task.asked_by, task.deferrals = None, task.deferrals + 1
    task.due_at = task.next_at = max(task.due_at, locked.moment) + DUE_IN[TaskKind(task.kind)]
    task.save(update_fields=["asked_by", "deferrals", "due_at", "next_at"])
    note(locked.incident, "task.put_off", by=actor, words=words)
    record(actor=actor, action="incident.task_put_off", obj=locked.incident, facts={"task": task.kind})
    return True


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

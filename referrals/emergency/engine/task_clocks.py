"""A task of an incident is overdue (chain §2, §9): the look at the person is asked for like the incident's own clock; of
what is owed to person and contact the head of the centre gets a notice, and nobody is paged.
"""

import logging
from datetime import date
from uuid import UUID

from django.db import connection, transaction

from accounts.models import Membership
from notifications.outbox import enqueue
from referrals.emergency import rota
from referrals.emergency.engine.held import free, is_held_up, take
from referrals.emergency.models import WatchTask
from referrals.emergency.rules.step_rules import SeatKind
from referrals.emergency.rules.tasks import ASKED_AGAIN, PAGES, TaskKind
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.holders import ON_DUTY_ROLES, open_school
from referrals.emergency.workflow.moving import Locked, note
from referrals.emergency.workflow.standing import is_left_out, left_out_among
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)


def decide_tasks(limit: int = 20) -> int:
    """Say so of the overdue tasks of the open school, each by itself; returns how many."""
    rows = WatchTask.objects.raw(free("emergency_watchtask"), [limit])
    return sum(_one(row.pk, row.incident_id) for row in rows)


def _one(pk: UUID, incident_id: UUID) -> int:
    try:
        with transaction.atomic():
            locked = take(incident_id)
            task = WatchTask.objects.select_for_update(no_key=True).get(pk=pk)
            if task.next_at is None or task.next_at > locked.moment:
                return 0  # somebody was here first
            kind = TaskKind(task.kind)
            task.next_at = locked.moment + ASKED_AGAIN[kind]
            task.save(update_fields=["next_at"])
            if kind in PAGES and locked.incident.closed_at is None:
                note(locked.incident, "watch_due", role="engine")
                ask(locked, "emergency_ask_watch")
            else:
                _tell_head(locked, task)
    except Exception as error:
        if is_held_up(error):
            return 0
        if is_database_gone(error):
            raise
        logger.error("the clock of task %s failed: %s", pk, type(error).__name__)
        _put_off(pk)
        return 0
    return 1


def _tell_head(locked: Locked, task: WatchTask) -> None:
    note(locked.incident, "task.overdue", role="engine", facts={"task": task.kind})
    for member in heads_of(locked):
        enqueue(
            key=f"emergency-task:{task.pk}:{locked.moment.isoformat()}:{member.pk}",
            template="emergency_task_overdue",
            to=member,
            link=f"/centre/emergency/{locked.incident.pk}/",
        )


def heads_of(locked: Locked) -> list[Membership]:
    """Who hears that something lies: the head of the centre, or who stands in where the head must not know. Where there is
    neither (an empty seat, one who has left), every psychologist who may know: it must not lie unheard.
    """
    day = open_school().day_of(locked.moment)
    head = _head_of(locked, day)
    if head is not None:
        return [head]
    roles = sorted(role.value for role in ON_DUTY_ROLES)
    people = list(Membership.objects.current(day).accepted().filter(roles__overlap=roles).order_by("pk"))
    out = left_out_among(locked.incident, people)
    return [one for one in people if one.pk not in out]


def _head_of(locked: Locked, day: date) -> Membership | None:
    seat = rota.seats_on(day).filter(kind=SeatKind.CENTRE_HEAD.value).first()
    held = [pk for pk in (seat.holder_id, seat.deputy_id) if pk is not None] if seat else []
    for pk in held:
        member: Membership | None = Membership.objects.current(day).accepted().filter(pk=pk).first()
        if member is not None and not is_left_out(locked.incident, pk):
            return member
    return None


def _put_off(pk: UUID) -> None:
    """A task that cannot be worked comes up again in a minute."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE emergency_watchtask SET next_at = chain_now() + interval '1 minute'"
            " WHERE id = %s AND next_at <= (SELECT chain_now())",
            [pk],
        )

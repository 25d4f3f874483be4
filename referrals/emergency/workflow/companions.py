"""The only writer of companions: planned by who leads the incident, taken, begun and handed over by the companion (chain §6, §10).

A person in danger is never alone unseen: whoever does not begin, goes early or is not relieved calls who has the incident.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import once
from audit import record
from kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from kernel.fold import fold_lines, fold_prose
from notifications.outbox import enqueue
from referrals.emergency.models import CompanionShift, Incident, WatchTask
from referrals.emergency.models.companions import ONE_AT_A_TIME, ONE_PLACE
from referrals.emergency.rules.companions import (
    AGAIN,
    EARLY,
    GRACE,
    OPEN,
    SOON,
    CompanionEvent,
    CompanionState,
    move,
    time_fault,
)
from referrals.emergency.rules.sending import ASK_COMPANION
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow import tasks
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, drop_asks, lock, note
from referrals.emergency.workflow.standing import is_left_out, known_to, opened

PAGE: Final = "/my/companion/"
MOST_COMPANION_WORDS: Final = 300
_OPEN: Final = sorted(state.value for state in OPEN)
_TAKEN: Final[dict[str, Callable[[], DomainError]]] = {
    ONE_AT_A_TIME: lambda: Conflict("companion_overlaps"),
    ONE_PLACE: lambda: Conflict("companion_elsewhere"),
}


@transaction.atomic
def plan_companion(
    *,
    actor: Actor,
    incident_id: UUID | str,
    companion_id: UUID | str,
    starts_at: datetime,
    ends_at: datetime,
    place: str,
    watch: str,
) -> CompanionShift:
    """Ask a colleague to stay with the person during ``[starts_at, ends_at)``, UTC. They are told that there is something to
    look at; where and what to watch for are sealed, and read by nobody but them and who leads the incident.

    Needs ``incident.grade`` and an incident that goes on (NotFound, Conflict ``incident_ended``). Conflict ``person_unknown``,
    ``companion_overlaps`` with another one of this incident, ``companion_elsewhere``; Refused ``companion_in_drill``; Invalid
    ``companion_unknown`` for the person, whoever must not know and who does not work here, ``companion_past``,
    ``companion_far``, ``companion_long``, ``words_missing``, ``words_too_long``.
    """
    require(actor, "incident.grade")
    said = {"place": fold_prose(place).strip(), "watch": fold_lines(watch)}
    for name, text in said.items():
        if not text or len(text) > MOST_COMPANION_WORDS:
            raise _invalid(name, "words_too_long" if text else "words_missing")
    locked = opened(actor, incident_id)
    incident = locked.incident
    if incident.is_drill:
        raise Refused("companion_in_drill")
    if incident.person_id is None:
        raise Conflict("person_unknown")
    if fault := time_fault(starts_at, ends_at, locked.moment):
        raise _invalid("hours" if fault == "companion_long" else "starts_at", fault)
    day = open_school().day_of(locked.moment)
    companion = Membership.objects.current(day).accepted().filter(pk=companion_id).first()
    if companion is None or is_left_out(incident, companion.pk):
        raise _invalid("colleague", "companion_unknown")
    key = incident.key
    assert key is not None
    assert actor.membership_id is not None
    row = CompanionShift(
        incident=incident,
        companion=companion,
        owner_id=actor.membership_id,
        starts_at=starts_at,
        ends_at=ends_at,
        next_at=starts_at + GRACE,
    )
    row.seal(key, said)
    with once(_TAKEN):
        row.save(force_insert=True)
    note(incident, "companion.planned", by=actor)
    enqueue(key=f"companion:{row.pk}:asked", template="emergency_companion", to=companion, link=PAGE)
    record(actor=actor, action="incident.companion", obj=incident)
    return row


@transaction.atomic
def cancel_companion(*, actor: Actor, shift_id: UUID | str) -> CompanionShift:
    """Not needed, or somebody else: the companion is told. Needs ``incident.grade``; NotFound; IllegalMove for one that is over."""
    require(actor, "incident.grade")
    locked, row = _locked(shift_id)
    if is_left_out(locked.incident, actor.membership_id):
        raise NotFound
    _fire(locked, row, CompanionEvent.CANCEL, by=actor)
    _tell_over(row, locked.moment)
    record(actor=actor, action="incident.companion_cancelled", obj=locked.incident)
    return row


@transaction.atomic
def accept_companion(*, actor: Actor, shift_id: UUID | str) -> CompanionShift:
    """The companion comes. NotFound for everybody else; IllegalMove when it is over."""
    locked, row = _own(actor, shift_id)
    if row.state == CompanionState.ACCEPTED:
        return row
    _fire(locked, row, CompanionEvent.ACCEPT, by=actor)
    record(actor=actor, action="incident.companion_accepted", obj=locked.incident)
    return row


@transaction.atomic
def decline_companion(*, actor: Actor, shift_id: UUID | str) -> CompanionShift:
    """The companion cannot: whoever planned it is told, and called when it is soon. NotFound for everybody else; IllegalMove
    for who is there already.
    """
    locked, row = _own(actor, shift_id)
    if row.state == CompanionState.DECLINED:
        return row
    _fire(locked, row, CompanionEvent.DECLINE, by=actor)
    _gap(locked, row, actor)
    record(actor=actor, action="incident.companion_declined", obj=locked.incident)
    return row


@transaction.atomic
def report_companion(*, actor: Actor, shift_id: UUID | str) -> CompanionShift:
    """The companion is there; whoever was there before is relieved. Also says that they come, where they had not.

    NotFound for everybody else; Conflict ``companion_early`` more than half an hour before; IllegalMove when it is over.
    """
    locked, row = _own(actor, shift_id)
    if row.state == CompanionState.HERE:
        return row
    if row.state in _OPEN and locked.moment < row.starts_at - EARLY:
        raise Conflict("companion_early")
    if row.state == CompanionState.ASKED:
        _fire(locked, row, CompanionEvent.ACCEPT, by=actor)
    for before in _open(locked.incident).filter(state=CompanionState.HERE.value).exclude(pk=row.pk):
        _fire(locked, before, CompanionEvent.RELIEVED, role="engine")
        _tell_over(before, locked.moment)
    row.here_at = locked.moment
    _fire(locked, row, CompanionEvent.REPORT, by=actor)
    drop_asks(locked.school, locked.moment, (ASK_COMPANION,))
    _no_longer_alone(locked, actor)
    record(actor=actor, action="incident.companion_here", obj=locked.incident)
    return row


@transaction.atomic
def leave_companion(*, actor: Actor, shift_id: UUID | str) -> CompanionShift:
    """The companion must go and nobody has come: who has the incident is called at once. NotFound for everybody else;
    IllegalMove for who is not there.
    """
    locked, row = _own(actor, shift_id)
    if row.state == CompanionState.OVER:
        return row
    _fire(locked, row, CompanionEvent.MUST_GO, by=actor)
    ask(locked, ASK_COMPANION)
    _go_on_asking(locked, by=actor)
    record(actor=actor, action="incident.companion_left", obj=locked.incident)
    return row


def end_all(locked: Locked) -> None:
    """The incident has ended: nobody is with the person for it any more, and whoever was asked is told. The caller holds it."""
    for row in _open(locked.incident):
        _fire(locked, row, CompanionEvent.CANCEL, role="engine")
        _tell_over(row, locked.moment)


def let_companions_go(locked: Locked) -> None:
    """Whoever may no longer know of the incident stays with the person no more, and hears nothing; who has it is called at
    once, because somebody may be alone, and how they are is asked for as when a companion goes.
    """
    gone = [row for row in _open(locked.incident) if is_left_out(locked.incident, row.companion_id)]
    for row in gone:
        _fire(locked, row, CompanionEvent.CANCEL, role="engine")
    if not gone:
        return
    ask(locked, ASK_COMPANION)
    if any(row.starts_at <= locked.moment + SOON for row in gone):
        # Of nobody's asking: it stands under the name of who has the incident, or of who had planned the companion.
        _go_on_asking(locked, author=locked.school.owner_id or gone[0].owner_id)


def own_companions(actor: Actor) -> QuerySet[CompanionShift]:
    """What the actor is asked for, comes to or is at, the next first; of no incident that they must not know of."""
    live = known_to(actor.membership_id).filter(closed_at=None)
    rows = CompanionShift.objects.filter(companion_id=actor.membership_id, state__in=_OPEN, incident__in=live)
    return rows.order_by("starts_at", "pk")


def _open(incident: Incident) -> QuerySet[CompanionShift]:
    rows = CompanionShift.objects.select_for_update(no_key=True).filter(incident=incident, state__in=_OPEN)
    return rows.order_by("pk")


def _fire(
    locked: Locked, row: CompanionShift, event: CompanionEvent, *, by: Actor | None = None, role: str = ""
) -> None:
    row.state = move(CompanionState(row.state), event).value
    if row.state not in _OPEN:
        row.next_at = None
        if row.here_at is not None:
            row.left_at = locked.moment
    elif row.state == CompanionState.HERE:
        row.next_at = row.ends_at + GRACE
    row.save(update_fields=["state", "next_at", "here_at", "left_at"])
    note(locked.incident, f"companion.{event.value}", by=by, role=role)


def _gap(locked: Locked, row: CompanionShift, by: Actor) -> None:
    planner = Membership.objects.current(open_school().day_of(locked.moment)).filter(pk=row.owner_id)
    hears = planner.exists() and not is_left_out(locked.incident, row.owner_id)
    if row.starts_at <= locked.moment + SOON or not hears:
        ask(locked, ASK_COMPANION)
        _go_on_asking(locked, by=by)
    else:
        link = f"/centre/emergency/{locked.incident.pk}/companions/"
        enqueue(key=f"companion:{row.pk}:declined", template="emergency_companion_gap", to=row.owner, link=link)


def _go_on_asking(locked: Locked, *, by: Actor | None = None, author: UUID | None = None) -> None:
    """Nobody is with the person any more, and a call may not be heard: how they are is asked for until somebody says it, or a
    companion is there.
    """
    if _open(locked.incident).filter(state=CompanionState.HERE.value).exists():
        return
    task = tasks.due(locked, TaskKind.WATCH, by=by, author=author, leg=locked.school)
    soon = locked.moment + AGAIN
    if task is not None and (task.next_at is None or task.next_at > soon):
        task.due_at = task.next_at = soon
        task.save(update_fields=["due_at", "next_at"])


def _no_longer_alone(locked: Locked, by: Actor) -> None:
    """Somebody is with them: what was asked for because nobody was is done."""
    rows = WatchTask.objects.filter(incident=locked.incident, kind=TaskKind.WATCH, leg=locked.school, done_at=None)
    if rows.update(done_at=locked.moment, done_by_id=by.membership_id, next_at=None, asked_by=None):
        note(locked.incident, "task.watch_done", by=by)


def _tell_over(row: CompanionShift, moment: datetime) -> None:
    enqueue(
        key=f"companion:{row.pk}:over:{moment.isoformat()}",
        template="emergency_companion_over",
        to=row.companion,
        link=PAGE,
    )


def _locked(shift_id: UUID | str) -> tuple[Locked, CompanionShift]:
    incident_id = CompanionShift.objects.filter(pk=shift_id).values_list("incident_id", flat=True).first()
    locked = lock(incident_id)
    return locked, CompanionShift.objects.select_for_update(no_key=True).get(pk=shift_id)


def _own(actor: Actor, shift_id: UUID | str) -> tuple[Locked, CompanionShift]:
    """The actor's own, under the incident's lock. NotFound for everybody else, and for whoever must not know any more."""
    locked, row = _locked(shift_id)
    mine: Any = row.companion_id == actor.membership_id
    if not mine or is_left_out(locked.incident, actor.membership_id):
        raise NotFound
    return locked, row


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))

"""The only writers of changed duties: two-sided, agreed with the person, ended by their day (chain §6; requirement 14.8).

Lock order as everywhere: incident, then the row, then the head of the record.
"""

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.actor import Actor, require
from accounts.models import Membership
from accounts.once import once
from audit import record
from kernel.errors import Conflict, Invalid, NotFound, Refused
from kernel.fold import fold_prose
from notifications.outbox import enqueue
from referrals.emergency.duties import arrangers_of, is_arranged, is_received, to_arrange
from referrals.emergency.models import DutyChange
from referrals.emergency.models.duties import ONE_AT_A_TIME
from referrals.emergency.rules.duties import Duty, day_fault
from referrals.emergency.rules.support import LONGEST_WEEKS, MOST_STEPS, SHARES
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import Locked, lock, note
from referrals.emergency.workflow.standing import is_left_out, must_know

PAGE: Final = "/my/duties/"
"""Where a head of department reads what they arrange."""

_TAKEN: Final = {ONE_AT_A_TIME: lambda: Conflict("duties_overlap")}


@transaction.atomic
def write_duties(
    *, actor: Actor, incident_id: UUID | str, duties: Collection[str], starts_on: date, until: date, agreed_how: str
) -> DutyChange:
    """What of the person's duties changes from ``starts_on`` to ``until``, both included, days of the school.

    Needs ``duties.write`` and knows of the incident (NotFound). ``agreed_how`` says how and when the person agreed; it is
    sealed in the timeline and nobody who arranges it reads it. Who arranges it is told that there is something to look at.
    Invalid ``duties_missing``, ``not_in_list``, ``duties_past``, ``duties_order``, ``duties_too_long``, ``duties_agreement``;
    Refused ``duties_no_person``, ``duties_in_drill``, ``duties_person_left``, ``duties_nobody_arranges``, ``incident_ended``
    when its words are destroyed; Conflict ``duties_overlap`` with another change of the same person.
    """
    require(actor, "duties.write")
    chosen = [duty.value for duty in Duty if duty in set(duties)]
    if set(duties) - set(chosen):
        raise _invalid("duties", "not_in_list")
    if not chosen:
        raise _invalid("duties", "duties_missing")
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    person = _person(locked, until)
    day = open_school().day_of(locked.moment)
    if fault := day_fault(starts_on, until, day):
        raise _invalid("starts_on" if fault == "duties_past" else "until", fault)
    return _write(actor, locked, person, duties=chosen, starts_on=starts_on, until=until, agreed_how=agreed_how)


@transaction.atomic
def write_return(
    *,
    actor: Actor,
    incident_id: UUID | str,
    starts_on: date,
    steps: Sequence[tuple[int, int]],
    duties: Collection[str] = (),
    agreed_how: str,
) -> list[DutyChange]:
    """A gradual return: one plan, each step ``(weeks, share)`` a change of its own that follows the one before, with lighter
    hours and the other ``duties`` all the time. Who arranges it is told once.

    Needs ``duties.write``. Invalid ``return_steps`` for none, more than four, another share, thirteen weeks or more; the others as
    ``write_duties``. All of it is written, or nothing.
    """
    require(actor, "duties.write")
    weeks = sum(week for week, _share in steps)
    fits = all(week >= 1 and share in SHARES for week, share in steps)
    if not 1 <= len(steps) <= MOST_STEPS or not fits or weeks > LONGEST_WEEKS:
        raise _invalid("weeks_1", "return_steps")
    chosen = [duty.value for duty in Duty if duty in {*duties, Duty.LIGHTER}]
    if set(duties) - set(chosen):
        raise _invalid("duties", "not_in_list")
    locked = lock(incident_id)
    must_know(actor, locked.incident)
    person = _person(locked, starts_on + timedelta(weeks=weeks, days=-1))
    if fault := day_fault(starts_on, starts_on, open_school().day_of(locked.moment)):
        raise _invalid("starts_on", fault)
    written: list[DutyChange] = []
    begins = starts_on
    for week, share in steps:
        until = begins + timedelta(weeks=week, days=-1)
        before = written[-1] if written else None
        written.append(
            _write(
                actor, locked, person, duties=chosen, starts_on=begins, until=until, agreed_how=agreed_how,
                follows=before, share=share, is_later_step=before is not None,
            )
        )  # fmt: skip
        begins = until + timedelta(days=1)
    return written


@transaction.atomic
def renew_duties(*, actor: Actor, change_id: UUID | str, until: date, agreed_how: str) -> DutyChange:
    """The same duties go on, from the day after the last one, or from today where that has passed; agreed to anew.

    Errors as ``write_duties``; Conflict ``duties_over`` for one that was ended. Of two who renew at once, one does.
    """
    require(actor, "duties.write")
    locked, change = _locked(actor, change_id)
    if change.ended_at is not None:
        raise Conflict("duties_over")
    person = _person(locked, until)
    day = open_school().day_of(locked.moment)
    starts_on = max(change.until + timedelta(days=1), day)
    if fault := day_fault(starts_on, until, day):
        raise _invalid("until", fault)
    return _write(
        actor,
        locked,
        person,
        duties=change.duties,
        starts_on=starts_on,
        until=until,
        agreed_how=agreed_how,
        follows=change,
        share=change.share,
    )


@transaction.atomic
def end_duties(*, actor: Actor, change_id: UUID | str) -> DutyChange:
    """It ends now, before its last day; who arranges it is told to look. Needs ``duties.write``; Conflict ``duties_over``."""
    require(actor, "duties.write")
    locked, change = _locked(actor, change_id)
    day = open_school().day_of(locked.moment)
    if change.ended_at is not None or change.until < day:
        raise Conflict("duties_over")
    change.ended_at = locked.moment
    change.save(update_fields=["ended_at"])
    note(locked.incident, "duties.ended", by=actor)
    _tell(change, "emergency_duties_over", day)
    record(actor=actor, action="duties.end", obj=change)
    return change


@transaction.atomic
def receive_duties(*, actor: Actor, change_id: UUID | str) -> bool:
    """Whoever arranges it has read it. NotFound for everybody else. False: somebody had said so already."""
    locked, change = _to_arrange(actor, change_id)
    if is_received(change):
        return False
    _say_received(locked, change, actor)
    record(actor=actor, action="duties.receive", obj=change)
    return True


@transaction.atomic
def arrange_duties(*, actor: Actor, change_id: UUID | str) -> bool:
    """Lessons and duties are arranged; whoever wrote the change is told. NotFound for who does not arrange it. False: it
    was said already.
    """
    locked, change = _to_arrange(actor, change_id)
    if is_arranged(change):
        return False
    if not is_received(change):
        _say_received(locked, change, actor)
    change.arranged_by_id, change.arranged_at = actor.membership_id, locked.moment
    change.save(update_fields=["arranged_by", "arranged_at"])
    note(locked.incident, "duties.arranged", by=actor)
    link = f"/centre/emergency/{change.incident_id}/duties/"
    key = f"duties:{change.pk}:arranged:{change.department_id}"
    if not is_left_out(locked.incident, change.written_by_id):  # who wrote it may know of it no more
        enqueue(key=key, template="emergency_duties_arranged", to=change.written_by, link=link)
    record(actor=actor, action="duties.arrange", obj=change)
    return True


def _say_received(locked: Locked, change: DutyChange, actor: Actor) -> None:
    """It is of this department from here on; what another one had arranged does not count for it."""
    change.department_id = change.person.department_id
    change.received_by_id, change.received_at = actor.membership_id, locked.moment
    change.arranged_by_id, change.arranged_at = None, None
    change.save(update_fields=["department", "received_by", "received_at", "arranged_by", "arranged_at"])
    note(locked.incident, "duties.received", by=actor)


def _write(
    actor: Actor,
    locked: Locked,
    person: Membership,
    *,
    duties: Collection[str],
    starts_on: date,
    until: date,
    agreed_how: str,
    follows: DutyChange | None = None,
    share: int | None = None,
    is_later_step: bool = False,
) -> DutyChange:
    told = fold_prose(agreed_how).strip()
    if not told:
        raise _invalid("agreed_how", "duties_agreement")
    day = open_school().day_of(locked.moment)
    if not arrangers_of({locked.incident.pk: person}, day)[locked.incident.pk]:
        raise Refused("duties_nobody_arranges")
    assert actor.membership_id is not None
    change = DutyChange(
        incident=locked.incident,
        person=person,
        duties=list(duties),
        starts_on=starts_on,
        until=until,
        follows=follows,
        share=share,
        written_by_id=actor.membership_id,
    )
    with once(_TAKEN):
        change.save(force_insert=True)
    if is_later_step:  # of one plan: it was told with the first
        return change
    note(locked.incident, "duties.renewed" if follows else "duties.written", by=actor, words=told)
    _tell(change, "emergency_duties", day)
    record(actor=actor, action="duties.renew" if follows else "duties.write", obj=change)
    return change


def _tell(change: DutyChange, template: str, day: date) -> None:
    """Who arranges it on ``day`` gets a word that says neither whom nor what it is about."""
    for one in arrangers_of({change.incident_id: change.person}, day)[change.incident_id]:
        enqueue(key=f"duties:{change.pk}:{template}:{one.pk}", template=template, to=one, link=PAGE)


def _person(locked: Locked, until: date) -> Membership:
    """Whose duties change; no drill moves anybody's, and nobody's last day is passed."""
    incident = locked.incident
    if incident.is_drill:
        raise Refused("duties_in_drill")
    if incident.key is None:
        raise Refused("incident_ended")
    if incident.person is None:
        raise Refused("duties_no_person")
    if incident.person.left_on is not None and incident.person.left_on < until:
        raise Refused("duties_person_left")
    return incident.person


def _found(change_id: UUID | str) -> DutyChange:
    try:
        change = DutyChange.objects.filter(pk=change_id).first()
    except (ValueError, ValidationError):  # not even an id
        change = None
    if change is None:
        raise NotFound
    return change


def _locked(actor: Actor, change_id: UUID | str) -> tuple[Locked, DutyChange]:
    """The incident of a change and the change, held, for whoever leads incidents. NotFound where the chain hides it."""
    locked = lock(_found(change_id).incident_id)
    must_know(actor, locked.incident)
    return locked, DutyChange.objects.select_for_update(no_key=True).get(pk=change_id)


def _to_arrange(actor: Actor, change_id: UUID | str) -> tuple[Locked, DutyChange]:
    """The same, for whoever arranges it at this moment. NotFound for everybody else."""
    locked = lock(_found(change_id).incident_id)
    change = DutyChange.objects.select_for_update(no_key=True).get(pk=change_id)
    if change.pk not in {row.pk for row in to_arrange(actor, open_school().day_of(locked.moment))}:
        raise NotFound
    return locked, change


def _invalid(field: str, code: str) -> Invalid:
    return Invalid(code, fields=((field, code, code.replace("_", " ")),))

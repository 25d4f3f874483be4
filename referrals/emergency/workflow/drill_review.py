"""The only writers of what comes after a drill: what was learnt, what will be changed, by whom, until when (14.10)."""

from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, NotFound
from kernel.fold import fold_lines, fold_prose
from referrals.emergency.models import Drill, DrillChange, chain_moment
from referrals.emergency.workflow.drilling import invalid, led, must_be_colleagues, must_be_words
from referrals.emergency.workflow.holders import open_school

MOST_WHAT: Final = 200


@transaction.atomic
def write_learnt(*, actor: Actor, drill_id: UUID, words: str) -> Drill:
    """What was learnt; written anew as often as wanted once it is over. By its leader. Conflict ``drill_not_over``."""
    require(actor, "drill.lead")
    drill = _reviewed(actor, drill_id)
    told = fold_lines(words)
    must_be_words("learnt", told, 4_000)
    drill.learnt = told
    drill.save(update_fields=["learnt"])
    record(actor=actor, action="drill.learnt", obj=drill)
    return drill


@transaction.atomic
def add_change(*, actor: Actor, drill_id: UUID, what: str, who_id: UUID, until: date) -> DrillChange:
    """What will be changed, by whom, until which day. By its leader. Invalid; Conflict ``drill_not_over``."""
    require(actor, "drill.lead")
    drill = _reviewed(actor, drill_id)
    told = fold_prose(what).strip()
    must_be_words("what", told, MOST_WHAT)
    must_be_colleagues([who_id], "who")
    if until < open_school().day_of(chain_moment()):
        raise invalid("until", "drill_change_past")
    change = DrillChange.objects.create(drill=drill, what=told, who_id=who_id, until=until)
    record(actor=actor, action="drill.change_due", obj=drill)
    return change


@transaction.atomic
def change_done(*, actor: Actor, change_id: UUID) -> DrillChange:
    """It is changed: by who had it, or by who leads drills. Twice is once. NotFound for everybody else."""
    change = DrillChange.objects.select_for_update(no_key=True).filter(pk=change_id).select_related("drill").first()
    if change is None or not (actor.may("drill.lead") or change.who_id == actor.membership_id):
        raise NotFound
    if change.done_at is None:
        change.done_at = chain_moment()
        change.save(update_fields=["done_at"])
        record(actor=actor, action="drill.change_done", obj=change.drill)
    return change


def _reviewed(actor: Actor, drill_id: UUID) -> Drill:
    drill = led(actor, drill_id)
    if drill.begun_at is None or drill.ended_at is None:
        raise Conflict("drill_not_over")
    return drill

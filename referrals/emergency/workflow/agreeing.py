"""The agreed plan: one page between person, family and centre, dated; each change is a version of its own (chain §3)."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import Conflict, Invalid
from kernel.fold import fold_lines
from referrals.emergency.models import AgreedPlan, Incident, WatchTask
from referrals.emergency.rules.tasks import TaskKind
from referrals.emergency.workflow.holders import open_school
from referrals.emergency.workflow.moving import lock, note
from referrals.emergency.workflow.standing import must_know

MOST_WORDS: Final = 600
"""Characters of one part: all of it is one printed page."""


def newest(incident: Incident) -> AgreedPlan | None:
    """The version that counts; None while nothing is agreed."""
    found: AgreedPlan | None = AgreedPlan.objects.filter(incident=incident).order_by("-version").first()
    return found


def words_of(incident: Incident, plan: AgreedPlan) -> dict[str, str]:
    """Its words by part; all empty once the incident's key is gone."""
    return plan.words(incident.key)


@transaction.atomic
def write_plan(
    *, actor: Actor, incident_id: UUID | str, agreed_on: date, words: Mapping[str, str], after: int = 0
) -> AgreedPlan:
    """Keep what was agreed as the next version. ``after``: the version that the writer has seen, 0 for none.

    Conflict ``plan_moved_on`` when somebody wrote another one meanwhile, ``person_unknown`` without a person, ``no_plan_now``
    for what was a false alarm, joined to another, or ended by a death, and once its words are destroyed. Invalid for an empty
    or too long part and for a day that is to come or lies before the incident.
    """
    require(actor, "incident.grade")
    said = {part: fold_lines(words.get(part, "")) for part in AgreedPlan.PARTS}
    for part, text in said.items():
        if not text or len(text) > MOST_WORDS:
            code = "words_too_long" if text else "words_missing"
            raise Invalid(code, fields=((part, code, code.replace("_", " ")),))
    locked = lock(incident_id)
    incident = locked.incident
    must_know(actor, incident)
    if incident.person_id is None:
        raise Conflict("person_unknown")
    key = incident.key
    if key is None or not may_have_plan(incident):
        raise Conflict("no_plan_now")
    school = open_school()
    if not school.day_of(incident.opened_at) <= agreed_on <= school.day_of(locked.moment):
        raise Invalid("plan_day", fields=(("agreed_on", "plan_day", "plan day"),))
    before = newest(incident)
    if (before.version if before else 0) != after:
        raise Conflict("plan_moved_on")
    assert actor.membership_id is not None  # whoever must know of it has a place here
    plan = AgreedPlan(incident=incident, version=after + 1, agreed_on=agreed_on, by_id=actor.membership_id)
    plan.seal(key, said)
    plan.save(force_insert=True)
    WatchTask.objects.filter(incident=incident, kind=TaskKind.PLAN.value, done_at=None).update(
        done_at=locked.moment, done_by_id=actor.membership_id, next_at=None, asked_by=None
    )
    note(incident, "plan.agreed", by=actor, facts={"version": plan.version})
    record(actor=actor, action="incident.plan", obj=incident, facts={"version": plan.version})
    return plan


def may_have_plan(incident: Incident) -> bool:
    """Whether there is something to agree on: not after a false alarm, a death, or where another incident goes on with it."""
    return (
        incident.person_id is not None
        and incident.state not in ("false_alarm", "merged")
        and incident.outcome not in ("died", "merged", "unfounded")
    )

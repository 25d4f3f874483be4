"""What talks after an incident begin with: a closed one, a talk about it, and what was told."""

from datetime import timedelta
from typing import Any

from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FollowUp, Incident, Leg
from referrals.emergency.workflow import answering, ending, following_up
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World

REASON = "他九月底已经调去别的学校，那边的心理老师接上了"


def closed(world: World, outcome: str = "supported", post: str = "person", grade: str = "general") -> Incident:
    """One that the psychologist on duty had, and the centre closed."""
    incident = world.open(grade=grade, person_id=world.members[post].pk)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    Leg.objects.filter(incident=incident).exclude(kind="school").update(
        state="not_required", next_event="", next_at=None
    )
    by = ("centre", "deputy") if outcome == "died" else ("centre",)
    for one in by:
        ending.close(actor=world.actor(one), incident_id=incident.pk, outcome=outcome)
    return Incident.objects.get(pk=incident.pk)


def of(incident: Incident) -> FollowUp:
    return FollowUp.objects.get(incident=incident)


def talk(world: World, row: FollowUp, went: str = "better", by: str = "duty", words: str = "睡得好些了") -> FollowUp:
    return following_up.record_talk(
        actor=world.actor(by), follow_up_id=row.pk, seen=FollowUp.objects.get(pk=row.pk).talks, went=went, words=words
    )


def make_due(row: FollowUp, days: float = 0) -> None:
    """It has been due so many days and a moment."""
    ago = chain_now() - timedelta(days=days, seconds=1)
    FollowUp.objects.filter(pk=row.pk).update(due_at=ago, next_at=ago)


def told(template: str) -> list[Any]:
    return list(
        OutboxMessage.objects.filter(template=template).order_by("created_at").values_list("to_user", flat=True)
    )

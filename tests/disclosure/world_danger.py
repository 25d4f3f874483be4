"""The part of the world of ``tests.disclosure.world`` in which somebody is in danger."""

from datetime import timedelta
from typing import TYPE_CHECKING

from accounts.models import Membership
from referrals.emergency.models import Chain, DutyLine, Incident, UnionGrant
from referrals.emergency.workflow.duties import write_duties
from referrals.emergency.workflow.grading import write_grade
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.opening import open_incident
from referrals.emergency.workflow.support import ask_grant
from tests.conftest import actor_of

if TYPE_CHECKING:
    from tests.disclosure.world import World

CHANGED_IN = timedelta(days=40)
GRANT_AGO = timedelta(days=52)
"""From the chain's day on, which nobody pretends: when duties change, and how long ago a grant was asked for."""


def in_danger(world: "World") -> None:
    """An extreme incident about the one who asks, told by their head, with words that stand nowhere else.

    The chain goes by the database's clock, which nobody pretends.
    """
    members = {row.user_id: row for row in Membership.objects.filter(user_id__isnull=False)}
    duty, head = (members[world.users[role].pk] for role in ("duty", "head"))
    line = DutyLine.objects.create(name="值守", number="+8657186130099", kind="operator", answers="全天")
    Chain.objects.update_or_create(
        defaults={"state": "live", "operator_line": line, "switched_by": duty, "agreed_by": head}
    )
    told = Opening(
        kind="psychological", grade="extreme", found_at=chain_now(), signs="她把钥匙都留在了讲台上", home="safe",
        person_id=world.asking.member.pk, place="elsewhere", place_words="西门岗亭旁", company="colleague",
    )  # fmt: skip
    incident = open_incident(actor=actor_of(head), opening=told).incident
    write_grade(actor=actor_of(duty), incident_id=incident.pk, grade="extreme")
    Incident.objects.filter(pk=incident.pk).update(number="E31-7416")
    day = world.tenant.day_of(chain_now()) + CHANGED_IN
    change = write_duties(
        actor=actor_of(members[world.users["centre"].pk]), incident_id=incident.pk, duties=["class_teacher"],
        starts_on=day, until=day, agreed_how="在走廊里点头同意",
    )  # fmt: skip
    grant = ask_grant(
        actor=actor_of(members[world.users["centre"].pk]), incident_id=incident.pk, agreed_how="在走廊里点头同意"
    )
    UnionGrant.objects.filter(pk=grant.pk).update(asked_on=world.tenant.day_of(chain_now() - GRANT_AGO))
    world.ids |= {
        "change_id": [str(change.pk)],
        "grant_id": [str(grant.pk)],
        "incident_id": [str(incident.pk)],
        "kind": ["family"],
        "act": ["hold", "grade"],
    }

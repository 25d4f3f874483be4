"""Drills in a live school: planned, read by all who play, begun, and played minute by minute of the chain's clock."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.drill_clocks import decide_drills
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.send import CHANNELS, send_due
from referrals.emergency.models import Drill, DrillPlayer, Incident, chain_moment
from referrals.emergency.rules.drills import Inject
from referrals.emergency.workflow.drilling import Plan, begin, confirm_briefing, plan_drill
from tests.emergency.world import World

WORD = "停止演练"
PLAYERS = {
    "duty": ("self",),
    "second": ("self",),
    "centre": ("self",),
    "principal": ("self",),
    "doctor": ("self", "contact:2"),
    "moral": ("contact:1", "operator"),
    "head": ("partner", "home_community", "line"),
}
"""Who plays what; ``deputy`` leads, and ``person`` is in no drill."""


def plan_of(world: World, **values: Any) -> Plan:
    """A drill of the school's own, in an hour."""
    given: dict[str, Any] = {
        "title": "期末前的演练",
        "scenario": "own",
        "planned_for": chain_moment() + timedelta(hours=1),
        "briefing": "照真事来办，不打电话。",
        "abort_word": WORD,
        "signs": "演练人员甲两天没有来。",
        "players": [(world.members[post].pk, part) for post, parts in PLAYERS.items() for part in parts],
        "messages": (Inject(4, "甲发来一条消息。"), Inject(10, "甲开了门。")),
    }
    return Plan(**(given | values))


def planned(world: World, **values: Any) -> Drill:
    """By the deputy of the centre, who leads it."""
    return plan_drill(actor=world.actor("deputy"), plan=plan_of(world, **values))


def all_read(world: World, drill: Drill) -> None:
    """Everybody who plays has read the briefing."""
    members = set(DrillPlayer.objects.filter(drill=drill).values_list("member_id", flat=True))
    for post, member in world.members.items():
        if member.pk in members:
            confirm_briefing(actor=world.actor(post), drill_id=drill.pk)


def begun(world: World, **values: Any) -> Drill:
    """One that runs, and whose first people are called."""
    drill = planned(world, **values)
    all_read(world, drill)
    found = begin(actor=world.actor("deputy"), drill_id=drill.pk)
    work()
    return found


def incident_of(drill: Drill) -> Incident:
    """Its incident as it stands."""
    return Incident.objects.get(drill=drill)


def work() -> None:
    """All that is due now in the open school is decided, and sent by every channel."""
    decide_drills()
    decide_incidents()
    decide_school()
    for channel in CHANNELS:
        send_due(channel)


def fresh(drill: Drill) -> Drill:
    """As the database has it."""
    return Drill.objects.get(pk=drill.pk)


def players_of(drill: Drill) -> set[UUID]:
    """Who plays."""
    return set(DrillPlayer.objects.filter(drill=drill).values_list("member_id", flat=True))

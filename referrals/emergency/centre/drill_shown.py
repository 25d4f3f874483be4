"""What the page of a drill shows and offers: to whoever leads it, plays in it, or only reads it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.actor import Actor
from referrals.emergency import resolving
from referrals.emergency.incident_texts import PART_TEXTS
from referrals.emergency.models import Delivery, Drill, DrillChange, LegStep
from referrals.emergency.resolving import readable, rule_of
from referrals.emergency.rules.drills import DrillState, Inject, Part
from referrals.emergency.rules.grades import Grade, IncidentKind


@dataclass(frozen=True, slots=True)
class Player:
    """A colleague, what they play, and whether they have read the briefing."""

    name: str
    parts: str
    has_read: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """``own``: what the reader plays. ``messages``: those that were given, the newest first. ``is_called``: they were called;
    ``may_look``: they read how its lines stand, called or not.
    """

    leader: str
    players: list[Player]
    own: list[str]
    messages: list[Inject]
    minutes: int
    is_called: bool
    may_look: bool
    changes: list[tuple[DrillChange, bool]]


@dataclass(frozen=True, slots=True)
class Doors:
    """What the reader may press now."""

    leads: bool
    may_take_lead: bool
    may_read: bool
    may_begin: bool
    may_stop_by_word: bool
    reviews: bool
    may_list: bool


def _is_called(drill: Drill, me: UUID | None) -> bool:
    """Whether a page of the drill has been written to the reader: whom a fault keeps from hearing it has got none."""
    return Delivery.objects.filter(recipient__leg__incident_id=drill.incident_id, recipient__member=me).exists()


def shown(actor: Actor, drill: Drill, moment: datetime) -> Shown:
    """As ``actor`` sees it at ``moment`` of the chain."""
    rows = list(drill.players.select_related("member").order_by("member__sort_key", "member_id", "part"))
    parts: dict[object, list[str]] = {}
    names, read = {}, {}
    for row in rows:
        parts.setdefault(row.member_id, []).append(str(PART_TEXTS[Part(row.part)]))
        names[row.member_id], read[row.member_id] = row.member.name, row.briefed_at is not None
    me = actor.membership_id
    has_begun = drill.incident_id is not None
    return Shown(
        drill.leader.name,
        [Player(names[pk], " · ".join(parts[pk]), read[pk]) for pk in names],
        parts.get(me, []),
        list(reversed(drill.messages[: drill.told_injects])),
        drill.minutes_at(moment),
        has_begun and _is_called(drill, me),
        has_begun and actor.may("incident.read"),
        [
            (row, row.done_at is None and (row.who_id == me or actor.may("drill.lead")))
            for row in drill.changes.select_related("who")
        ],
    )


def doors(actor: Actor, drill: Drill) -> Doors:
    """What may be pressed; the writers ask once more."""
    leads = actor.may("drill.lead") and actor.membership_id == drill.leader_id
    own = list(drill.players.filter(member_id=actor.membership_id).values_list("briefed_at", flat=True))
    is_planned = drill.state == DrillState.PLANNED
    is_on = drill.next_at is not None
    return Doors(
        leads=leads,
        may_take_lead=actor.may("drill.lead") and not leads and (is_planned or is_on),
        may_read=is_planned and None in own,
        may_begin=leads and is_planned,
        may_stop_by_word=bool(own) and is_on and not leads,
        reviews=leads and drill.begun_at is not None and drill.ended_at is not None,
        may_list=actor.may("drill.read"),
    )


def steps_of(drill: Drill) -> list[tuple[str, int, str]]:
    """Leg, position and role of each step: those that were written with its incident, else those of the plan in use."""
    if drill.incident_id is not None:
        rows = LegStep.objects.filter(leg__incident_id=drill.incident_id, purpose=LegStep.Purpose.STEP)
        rows = rows.select_related("leg").order_by("leg__kind", "position")
        return [(row.leg.kind, row.position, rule_of(row).role) for row in readable(rows)]
    plan = resolving.steps_for(IncidentKind(drill.kind), Grade(drill.suggested))
    return [(leg.value, at, step.rule.role) for leg, steps in plan.items() for at, step in enumerate(steps)]

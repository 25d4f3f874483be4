"""What a drill shares with the real: it makes way in the transaction in which something real opens, and its clocks (chain §7, §9).

Lock order: the school's own lock between drills and what is real (shared by whoever opens something real, so that nothing
real waits for another) → incident → legs → drill. Whatever is told goes to the house's own list of messages and by no other way: no provider is asked.
"""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from django.db import connection, transaction

from accounts.actor import Actor
from notifications.models import InboxMessage
from referrals.emergency.models import Drill, Incident, Timeline
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.drills import LASTS, DrillEvent, DrillState, drill_step, next_clock
from referrals.emergency.rules.incident_moves import LIVE, IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import OPEN, LegEvent, LegState, Who
from referrals.emergency.rules.moves import when_resumed
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.moving import Locked, fire, lock, note
from tenancy.rounds import is_database_gone
from tenancy.scope import current_tenant_id

logger = logging.getLogger(__name__)

STOPPED: Final = "drill_stopped"
OVER: Final = "drill_over"
NEWS: Final = "drill_news"


def page_of_drill(drill: Drill) -> str:
    """The drill's own page: the players' and the leader's alike."""
    return f"/centre/emergency/drills/{drill.pk}/"


def tell_all(drill: Drill, template: str, *, once: str = "", apart_from: UUID | None = None) -> None:
    """One row in 消息 of everybody who plays, and of whoever leads, each once; nothing of a drill leaves the house."""
    members = {drill.leader_id, *drill.players.values_list("member_id", flat=True)} - {apart_from}
    tell_in_house(members, template, key=f"{drill.pk}:{template}:{once}", link=page_of_drill(drill))


def tell_in_house(members: Iterable[UUID | None], template: str, *, key: str, link: str) -> None:
    """One row in 消息 of each of ``members``; the same ``key`` is the same message."""
    rows = [
        InboxMessage(membership_id=pk, key=key[:160], template=template, link=link)
        for pk in sorted({pk for pk in members if pk is not None})
    ]
    InboxMessage.objects.bulk_create(rows, ignore_conflicts=True)


def make_way(incident: Incident) -> None:
    """Something real is written: whatever drill runs in this school stands still from this transaction on.

    Whoever begins or resumes a drill waits for this transaction, and then sees what is open; nobody else is waited for.
    """
    if incident.is_drill:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [_key()])
    running = Drill.objects.filter(state=DrillState.RUNNING).values_list("incident_id", flat=True)
    for pk in [pk for pk in running if pk is not None]:
        try:
            with transaction.atomic():
                _freeze(lock(pk))
        except Exception as error:
            if is_database_gone(error):
                raise
            # What is real goes on whatever is wrong with a drill; the type only: a message may hold personal data.
            logger.error("the drill of incident %s could not be stopped: %s", pk, type(error).__name__)


def hold_off_the_real() -> None:
    """For who begins or resumes a drill: what is real and opens meanwhile is seen, or waits for this transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [_key()])


def _key() -> str:
    return f"emergency.drill:{current_tenant_id()}"


def held_drill(locked: Locked) -> Drill:
    """The drill of an incident that is held, held as well."""
    return Drill.objects.select_for_update(no_key=True).get(incident=locked.incident)


def _freeze(locked: Locked) -> None:
    drill = held_drill(locked)
    if drill.state != DrillState.RUNNING:
        return  # it ended, or stood still already, while it was waited for
    drill.state = drill_step(drill.state, DrillEvent.REAL_INCIDENT).value
    drill.frozen_at = locked.moment
    drill.next_event, drill.next_at = DrillEvent.LAPSE_DUE.value, locked.moment + LASTS
    drill.save(update_fields=["state", "frozen_at", "next_event", "next_at"])
    for leg in locked.legs.values():
        if LegState(leg.state) in OPEN:
            was = {"was": leg.state, "due": leg.next_event}
            fire(locked, leg, LegEvent.REAL_INCIDENT, who=Who.ENGINE, role="engine", facts=was)
    if IncidentState(locked.incident.state) in LIVE:
        move_incident(locked, IncidentEvent.REAL_INCIDENT)
    note(locked.incident, "drill.frozen", role="engine")
    tell_all(drill, STOPPED, once=locked.moment.isoformat())


def go_on(locked: Locked, actor: Actor) -> None:
    """Each leg that was stopped goes on as it stood: what was called or taken calls its people from the first, what stood by or
    was held does so again. The caller holds the incident.
    """
    stopped = Timeline.objects.filter(incident=locked.incident, code=f"leg.{LegEvent.REAL_INCIDENT.value}")
    was = {row.leg_id: row.facts for row in stopped.order_by("at", "pk")}
    for leg in locked.legs.values():
        if leg.state != LegState.FROZEN:
            continue
        facts = was.get(leg.pk, {})
        event = when_resumed(facts.get("was", ""), facts.get("due", ""))
        anew: dict[str, Any] = {"round": 0, "position": leg.first_position - 1} if event is LegEvent.RESUME else {}
        fire(locked, leg, event, who=Who.LEADER, by=actor, owner_id=None, taken_by_id=None, **anew)


def move_incident(locked: Locked, event: IncidentEvent) -> None:
    """Move the drill's own incident by one of the events that only drills have."""
    incident = locked.incident
    found = incident_moves.move(IncidentState(incident.state), event, is_drill=incident.is_drill)
    incident.state = found.to.value
    if found.to in LIVE:
        incident.next_event = incident_moves.FIRES[found.clock].value
        incident.next_at = locked.moment + own_times.incident_clock(found.clock)
    else:
        incident.next_event, incident.next_at, incident.closed_at = "", None, locked.moment
    incident.save(update_fields=["state", "next_event", "next_at", "closed_at"])


def stop(locked: Locked, drill: Drill, event: DrillEvent, *, who: Who = Who.ENGINE) -> None:
    """It is over: every leg that is still open ends, what waits of it dies, and all who play are told. The caller holds both."""
    stood = locked.moment - drill.frozen_at if drill.frozen_at else timedelta()
    drill.state = drill_step(drill.state, event).value
    drill.ended_at = locked.moment
    drill.stopped_seconds += int(stood.total_seconds())
    drill.frozen_at, drill.next_event, drill.next_at = None, "", None
    drill.save(update_fields=["state", "ended_at", "stopped_seconds", "frozen_at", "next_event", "next_at"])
    for leg in locked.legs.values():
        if LegState(leg.state) in OPEN:
            fire(locked, leg, LegEvent.ABORT, who=who, role="engine" if who is Who.ENGINE else "")
    incident = locked.incident
    if IncidentState(incident.state) in LIVE:
        move_incident(locked, IncidentEvent.ABORT)
        incident.first_words.filter(ended_at=None).update(ended_at=locked.moment)
    note(incident, f"drill.{event.value}", role="engine" if who is Who.ENGINE else "")
    tell_all(drill, OVER)


def lapse(locked: Locked) -> None:
    """A day has passed and nobody has ended it: the engine does. Nothing when it has ended meanwhile."""
    drill = held_drill(locked)
    if drill.state in (DrillState.RUNNING, DrillState.FROZEN):
        stop(locked, drill, DrillEvent.LAPSE_DUE)


def set_clock(drill: Drill) -> None:
    """The next clock of a running drill: its next message, or its end. Not saved."""
    assert drill.begun_at is not None
    stopped = timedelta(seconds=drill.stopped_seconds)
    event, at = next_clock(
        drill.messages,
        drill.told_injects,
        begun_at=drill.begun_at,
        stopped=stopped,
        lapses_at=drill.begun_at + stopped + LASTS,
    )
    drill.next_event, drill.next_at = event.value, at


def give_message(locked: Locked, drill: Drill) -> None:
    """The next message of the scenario is given to all who play. The caller holds both."""
    number = drill.told_injects
    drill_step(drill.state, DrillEvent.INJECT_DUE)
    drill.told_injects = number + 1
    set_clock(drill)
    drill.save(update_fields=["told_injects", "next_event", "next_at"])
    note(locked.incident, "drill.message", role="engine", facts={"minute": drill.messages[number].minute})
    tell_all(drill, NEWS, once=str(number))

"""An incident's own clock has run out (chain §1, §9): no grade yet, no contact yet, no assessment yet.

One at a time, under the incident's lock like any writer: there are few of them, and each may move all legs.
"""

import logging
from uuid import UUID

from django.db import connection, transaction

from referrals.emergency.engine.held import free, is_held_up, take
from referrals.emergency.engine.known import INCIDENT_EVENTS
from referrals.emergency.models import Incident, Timeline
from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.incident_moves import IncidentEvent, IncidentState
from referrals.emergency.rules.leg_states import PAGED, LegState
from referrals.emergency.rules.sending import ASKS_OF_INCIDENT
from referrals.emergency.workflow import own_times
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.grading import grade_by_suggestion
from referrals.emergency.workflow.in_drill import lapse
from referrals.emergency.workflow.moving import Locked, note
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)


def decide_incidents(limit: int = 20) -> int:
    """Move the due incidents of the open school, each by itself; returns how many."""
    due = Incident.objects.raw(free("emergency_incident", only_known=True), [INCIDENT_EVENTS, limit])
    return sum(_one(row.pk) for row in due)


def _one(pk: UUID) -> int:
    try:
        with transaction.atomic():
            locked = take(pk)
            incident = locked.incident
            if incident.next_at is None or incident.next_at > locked.moment:
                return 0  # somebody was here first
            _fall_due(locked, IncidentEvent(incident.next_event))
    except Exception as error:
        if is_held_up(error):
            return 0
        if is_database_gone(error):
            raise
        logger.error("the clock of incident %s failed: %s", pk, type(error).__name__)
        _put_off(pk)
        return 0
    return 1


def _fall_due(locked: Locked, event: IncidentEvent) -> None:
    incident = locked.incident
    if event is IncidentEvent.FREEZE_DUE:
        lapse(locked)
        return
    if event is IncidentEvent.SUGGESTION_DUE:
        if LegState(locked.school.state) in PAGED:
            grade_by_suggestion(locked)
            return
        event = IncidentEvent.GRADE_DUE  # somebody has it, and is asked to write the grade
    found = incident_moves.move(IncidentState(incident.state), event)
    incident.state = found.to.value
    incident.next_event = incident_moves.FIRES[found.clock].value
    incident.next_at = locked.moment + own_times.incident_clock(found.clock)
    incident.save(update_fields=["state", "next_event", "next_at"])
    # The grade is written within a quarter of an hour, else by the head of the centre, else by somebody of the team (chain §1).
    is_asked = Timeline.objects.filter(incident=incident, code=event.value).exists()
    note(incident, str(event), role="engine")
    ask(locked, ASKS_OF_INCIDENT[event], team=is_asked and event is IncidentEvent.GRADE_DUE)


def _put_off(pk: UUID) -> None:
    """A clock that cannot be worked comes up again in a minute; its legs have their own and are not touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE emergency_incident SET next_at = chain_now() + interval '1 minute'"
            " WHERE id = %s AND next_at <= (SELECT chain_now())",
            [pk],
        )

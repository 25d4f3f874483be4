"""A drill's own clock has run out: its next message is due, or a day has passed and nobody has ended it (chain §7, §9)."""

import logging
from uuid import UUID

from django.db import connection, transaction

from referrals.emergency.engine.held import free, is_held_up, take
from referrals.emergency.models import Drill
from referrals.emergency.rules.drills import DrillEvent
from referrals.emergency.workflow.in_drill import give_message, held_drill, lapse
from tenancy.rounds import is_database_gone

logger = logging.getLogger(__name__)


def decide_drills(limit: int = 20) -> int:
    """Move the due drills of the open school, each by itself; returns how many."""
    rows = Drill.objects.raw(free("emergency_drill"), [limit])
    return sum(_one(row.pk, row.incident_id) for row in rows if row.incident_id is not None)


def _one(pk: UUID, incident_id: UUID) -> int:
    try:
        with transaction.atomic():
            locked = take(incident_id)
            drill = held_drill(locked)
            if drill.next_at is None or drill.next_at > locked.moment:
                return 0  # somebody was here first
            if drill.next_event == DrillEvent.LAPSE_DUE:
                lapse(locked)
            else:
                give_message(locked, drill)
    except Exception as error:
        if is_held_up(error):
            return 0
        if is_database_gone(error):
            raise
        # The type only: the message of an error may hold personal data.
        logger.error("the clock of drill %s failed: %s", pk, type(error).__name__)
        _put_off(pk)
        return 0
    return 1


def _put_off(pk: UUID) -> None:
    """A clock that cannot be worked comes up again in a minute; what is real has its own and is not touched."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE emergency_drill SET next_at = chain_now() + interval '1 minute'"
            " WHERE id = %s AND next_at <= (SELECT chain_now())",
            [pk],
        )

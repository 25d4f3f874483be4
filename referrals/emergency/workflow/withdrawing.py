"""Somebody is called no longer, also in what is happening now (chain §2): withdrawn, barred, a wrong number, gone.

The resolver leaves them out of every step to come; here what is already queued for them dies, and a leg that waits for
nobody else goes on at once.
"""

from collections.abc import Collection, Mapping
from typing import Any, Final
from uuid import UUID

from django.db import connection

_DROP: Final = """
    UPDATE emergency_delivery AS page SET state = 'dropped', settled_at = chain_now()
    FROM emergency_recipient AS who
    JOIN emergency_leg AS leg ON leg.tenant_id = who.tenant_id AND leg.id = who.leg_id
    JOIN emergency_incident AS incident ON incident.tenant_id = leg.tenant_id AND incident.id = leg.incident_id
    WHERE page.recipient_id = who.id AND page.tenant_id = who.tenant_id AND page.state = 'queued'
      AND incident.person_id = %(person)s AND incident.closed_at IS NULL
      AND (who.target_hash = ANY(%(numbers)s) OR who.member_id = ANY(%(members)s))"""

_GO_ON: Final = """
    UPDATE emergency_leg AS leg SET next_at = chain_now()
    FROM emergency_incident AS incident
    WHERE incident.tenant_id = leg.tenant_id AND incident.id = leg.incident_id AND incident.person_id = %(person)s
      AND leg.state = 'paging' AND leg.next_event = 'step_due' AND leg.next_at > chain_now()
      AND EXISTS (SELECT 1 FROM emergency_recipient AS who WHERE who.leg_id = leg.id AND who.answer = ''
        AND (who.target_hash = ANY(%(numbers)s) OR who.member_id = ANY(%(members)s)))
      AND NOT EXISTS (SELECT 1 FROM emergency_recipient AS other WHERE other.leg_id = leg.id AND other.answer = ''
        AND other.epoch = leg.epoch AND other.round = leg.round
        AND NOT (other.target_hash = ANY(%(numbers)s) OR coalesce(other.member_id = ANY(%(members)s), false)))"""


def no_page_leaves(person_id: UUID, *, numbers: Collection[bytes] = (), members: Collection[UUID] = ()) -> None:
    """What waits for these numbers and colleagues in live incidents about ``person_id`` dies, in the caller's transaction.

    A page that a sender holds at this moment is under way and cannot be called back.
    """
    params: Mapping[str, Any] = {"person": person_id, "numbers": list(numbers), "members": list(members)}
    with connection.cursor() as cursor:
        cursor.execute(_DROP, params)
        cursor.execute(_GO_ON, params)

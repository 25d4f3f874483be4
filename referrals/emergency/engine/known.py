"""What this engine's code knows, and what it leaves to another (chain §7: old code leaves unknown kinds for others).

While an update runs two engines work side by side. A leg whose next event, kind, state or steps only the newer one knows is
not held, not moved and not parked by the older one: nobody is called by it twice, and nobody is called because a word was new.
If no engine knows it, its clock stays run out, and the watchdog calls the operator after a minute as for every late clock.
"""

import json
from typing import Final

from django.db import connections

from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.incident_moves import IncidentEvent
from referrals.emergency.rules.leg_states import LegEvent, LegState
from referrals.emergency.rules.step_rules import SeatKind, Target
from tenancy.scope import across_tenants

KNOWN: Final = json.dumps(
    {
        "events": [event.value for event in LegEvent],
        "kinds": [kind.value for kind in LegKind],
        "states": [state.value for state in LegState],
        "targets": [target.value for target in Target],
        "seats": [kind.value for kind in SeatKind],
    }
)
"""As ``emergency_known`` reads it."""

INCIDENT_EVENTS: Final = [event.value for event in IncidentEvent]

_LEFT: Final = """
    SELECT (SELECT count(*) FROM emergency_leg AS leg
            WHERE next_at <= (SELECT chain_now()) AND NOT emergency_known(leg, %s::jsonb))
        + (SELECT count(*) FROM emergency_incident
            WHERE next_at <= (SELECT chain_now()) AND next_event <> ALL (%s))"""


def left_alone() -> int:
    """How many legs and incidents of all schools are due and left to an engine that knows what stands in them."""
    with (
        across_tenants("how many due legs and incidents this engine's code does not know") as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(_LEFT, [KNOWN, INCIDENT_EVENTS])
        return int(cursor.fetchone()[0])

"""One round of the engine over all schools: whoever has something due is opened in turn, the longest waiting first."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.db import connections

from referrals.emergency.engine.decide import BATCH, decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.task_clocks import decide_tasks
from tenancy.rounds import is_database_gone
from tenancy.scope import across_tenants, use_tenant

logger = logging.getLogger(__name__)

_SCHOOLS = """
    SELECT tenant_id FROM (
        SELECT tenant_id, next_at FROM emergency_leg WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at FROM emergency_incident WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at FROM emergency_watchtask WHERE next_at <= (SELECT chain_now())
    ) AS due GROUP BY tenant_id ORDER BY min(next_at), tenant_id"""


def schools_due() -> list[UUID]:
    """Schools in which a clock has run out, the one that waits longest first."""
    with (
        across_tenants("legs, incidents and tasks of every school whose clock has run out") as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(_SCHOOLS)
        return [row[0] for row in cursor.fetchall()]


def decide_round(limit: int = BATCH, between: Callable[[], int] = lambda: 0) -> int:
    """Once through the schools that have something due, at most ``limit`` legs each; returns how many moves were made.

    A school with very many takes its share and comes again behind the others; what fails in one costs no other anything.
    ``between`` is called as soon as it is known who is due, and after each school: a long round is no silent one.
    """
    moved = 0
    due = schools_due()
    between()
    for tenant_id in due:
        with use_tenant(tenant_id):
            try:
                moved += decide_incidents() + decide_school(limit) + decide_tasks()
            except Exception as error:
                if is_database_gone(error):
                    raise
                logger.error("school %s was passed over: %s", tenant_id, type(error).__name__)
        between()
    return moved

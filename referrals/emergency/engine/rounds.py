"""One round of the engine over all schools: whoever has something due is opened in turn, the longest waiting first."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import connections

from referrals.emergency.engine.companion_clocks import decide_companions
from referrals.emergency.engine.decide import BATCH, decide_schools
from referrals.emergency.engine.drill_clocks import decide_drills
from referrals.emergency.engine.follow_up_clocks import decide_follow_ups
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.leaving import HAVE_LEFT, had_by_leavers, let_go
from referrals.emergency.engine.report_clocks import decide_reports
from referrals.emergency.engine.task_clocks import decide_tasks
from tenancy.rounds import is_database_gone
from tenancy.scope import across_tenants, use_tenant

logger = logging.getLogger(__name__)

MOST_TOGETHER: Final = 200
"""Legs of several schools that are done in one transaction: few enough that an answer waits no longer than a moment."""

MOST_WORDS: Final = 20
"""Rows of a round whose clock calls nobody: at nine in the morning they are due in all schools at once, and no page waits for them."""

CALLING: Final[tuple[Callable[[], int], ...]] = (
    decide_incidents,
    decide_reports,
    decide_companions,
    decide_tasks,
    decide_drills,
)
"""What stands beside the legs and may call: what is real before drills. Each by itself, so that none stops the others."""

_SCHOOLS: Final = """
    SELECT tenant_id, sum((kind = 'leg')::integer)::integer, bool_or(kind = 'calls'), bool_or(kind = 'words') FROM (
        SELECT tenant_id, next_at, 'leg' AS kind FROM emergency_leg WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'calls' FROM emergency_incident WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'calls' FROM emergency_watchtask WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'calls' FROM emergency_report WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'calls' FROM emergency_companionshift WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'calls' FROM emergency_drill WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'words' FROM emergency_followup WHERE next_at <= (SELECT chain_now())
        UNION ALL
        SELECT tenant_id, next_at, 'words' FROM emergency_reviewchange WHERE next_at <= (SELECT chain_now())
    ) AS due GROUP BY tenant_id ORDER BY min(next_at), tenant_id"""


class DueSchool(NamedTuple):
    """A school in which a clock has run out: of how many legs, whether of an incident or what stands beside its legs, and
    whether of what calls nobody.
    """

    tenant_id: UUID
    legs: int
    incidents: bool
    words: bool = False


def schools_due() -> list[DueSchool]:
    """Schools in which a clock has run out, the one that waits longest first."""
    return [DueSchool(*row) for row in _found(_SCHOOLS)]


def decide_leavers() -> int:
    """What somebody had who has left is called again, in all schools (``leaving``); returns how many legs were moved."""
    try:
        found = _found(HAVE_LEFT, had_by_leavers())
    except Exception as error:
        if is_database_gone(error):
            raise
        logger.error("who has left was not looked for: %s", type(error).__name__)
        return 0
    return sum(let_go(school, incident) for school, incident in found)


def _found(statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    with (
        across_tenants("what of every school has a clock that has run out, or an owner who has left") as alias,
        connections[alias].cursor() as cursor,
    ):
        cursor.execute(statement, values or None)
        return list(cursor.fetchall())


def decide_round(
    limit: int = BATCH, between: Callable[[], int] = lambda: 0, leavers: Callable[[], int] = decide_leavers
) -> int:
    """Once through the schools that have something due, at most ``limit`` legs each; returns how many moves were made.

    A school with very many takes its share and comes again behind the others; what fails in one costs no other anything.
    ``between`` is called as soon as it is known who is due, and after each batch: a long round is no silent one. ``leavers`` lets go what they had, so that the same round calls.
    """
    moved = leavers()
    due = schools_due()
    between()
    for batch in _batches([school for school in due if school.legs or school.incidents], limit):
        moved += sum(_incidents(school.tenant_id) for school in batch if school.incidents)
        moved += decide_schools([school.tenant_id for school in batch], limit)
        between()
    return moved + _words([school.tenant_id for school in due if school.words], between)


def _words(schools: Iterable[UUID], between: Callable[[], int]) -> int:
    """What calls nobody, behind every page: ``MOST_WORDS`` of all schools together, the rest comes with the next round."""
    told = 0
    for tenant_id in schools:
        if told >= MOST_WORDS:
            break
        told += _beside(tenant_id, [partial(decide_follow_ups, MOST_WORDS - told)])
        between()
    return told


def _batches(due: Iterable[DueSchool], limit: int) -> Iterator[list[DueSchool]]:
    """In their order, as many schools together as have ``MOST_TOGETHER`` legs between them."""
    batch: list[DueSchool] = []
    for school in due:
        if batch and sum(min(one.legs, limit) for one in (*batch, school)) > MOST_TOGETHER:
            yield batch
            batch = []
        batch.append(school)
    if batch:
        yield batch


def _incidents(tenant_id: UUID) -> int:
    return _beside(tenant_id, CALLING)


def _beside(tenant_id: UUID, kinds: Iterable[Callable[[], int]]) -> int:
    """Each kind by itself: one that fails as a whole holds no other up, in this school or another."""
    done = 0
    with use_tenant(tenant_id):
        for decide in kinds:
            try:
                done += decide()
            except Exception as error:
                if is_database_gone(error):
                    raise
                logger.error("clocks of school %s were passed over: %s", tenant_id, type(error).__name__)
    return done

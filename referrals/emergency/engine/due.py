"""Which pages are due, most urgent first, and no more of them read than a sender can take, however many wait.

Two questions, each answered by an index to its limit. *First*: of every rank the longest due, whosever they are. That is all
that is due while less than ``limit`` is. Where more is, a school with very many could hide the others, so the *ring* is asked as
well: the next schools in turn, of each rank their own longest due. Whoever sends goes round the ring (``Turn``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

from django.db import connections, transaction

from referrals.emergency.models.statements import released
from referrals.emergency.rules.sending import RANKS
from tenancy.scope import across_tenants

SCHOOLS: Final = 50
"""Of the ring at a time."""
_START: Final = UUID(int=0)
_LAST: Final = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"

_FREE: Final = f"""channel = %(channel)s AND state IN ('queued', 'claimed') AND due_at <= (SELECT chain_now())
            AND (lease_until IS NULL OR lease_until <= (SELECT chain_now()))
            AND {released("page.tenant_id", "(SELECT leg.incident_id FROM emergency_leg AS leg WHERE leg.id = page.leg_id)")}"""  # noqa: S608  our own words
"""Of ``emergency_delivery AS page``; what waits to be released by name is not due (ADR 0057)."""

FIRST: Final = f"""
    SELECT due.* FROM unnest(%(ranks)s::smallint[]) AS r(rank) CROSS JOIN LATERAL (
        SELECT tenant_id, id, rank, due_at FROM emergency_delivery AS page WHERE rank = r.rank AND {_FREE}
        ORDER BY due_at LIMIT %(limit)s) AS due"""  # noqa: S608  our own words

RING: Final = f"""
    WITH RECURSIVE ring (tenant_id) AS (
        SELECT %(after)s::uuid
        UNION ALL
        SELECT (SELECT d.tenant_id FROM emergency_delivery AS d WHERE state IN ('queued', 'claimed')
                AND (channel, d.tenant_id, rank, due_at) > (%(channel)s, ring.tenant_id, 32767, 'infinity'::timestamptz)
                AND (channel, d.tenant_id) <= (%(channel)s, {_LAST})
            ORDER BY channel, d.tenant_id, rank, due_at LIMIT 1) FROM ring WHERE ring.tenant_id IS NOT NULL
    ), turn AS MATERIALIZED (SELECT tenant_id FROM ring WHERE tenant_id IS NOT NULL OFFSET 1 LIMIT %(schools)s)
    SELECT turn.tenant_id, due.id, due.rank, due.due_at FROM turn
    LEFT JOIN LATERAL (SELECT one.* FROM unnest(%(ranks)s::smallint[]) AS r(rank) CROSS JOIN LATERAL (
        SELECT id, rank, due_at FROM emergency_delivery AS page WHERE {_FREE}
            AND (channel, tenant_id, rank, due_at) >= (%(channel)s, turn.tenant_id, r.rank, '-infinity'::timestamptz)
            AND (channel, tenant_id, rank, due_at) <= (%(channel)s, turn.tenant_id, r.rank, (SELECT chain_now()))
        ORDER BY channel, tenant_id, rank, due_at LIMIT %(each)s) AS one) AS due ON true"""  # noqa: S608  our own words
"""A school of which nothing is due now is told all the same: the ring goes on behind it. Whole rows are compared, for the index
by school alone can answer that: by the other one all of the channel would be read for a school that has little.
"""


class DuePage(NamedTuple):
    """One page that may leave now."""

    tenant_id: UUID
    pk: UUID
    rank: int
    due_at: datetime


@dataclass(slots=True)
class Turn:
    """Whose turn it is, of one sender: schools behind ``after``. Senders begin anywhere, so that they do not go abreast."""

    after: UUID = field(default_factory=uuid4)


@contextmanager
def by_order_of_index(alias: str) -> Iterator[None]:
    """A queue fills faster than the database counts it: where it thinks that hardly anything waits, it would read all of a
    channel and sort, for each school anew.
    """
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute("SET LOCAL enable_incremental_sort = off")
        yield


def due_pages(channel: str, each: int, limit: int, turn: Turn) -> list[tuple[UUID, UUID]]:
    """(School, page) of what is due on a channel, at most ``limit``, of one school at most ``each``: by rank, and within one
    rank the first of every school before the second of any.
    """
    values: dict[str, Any] = {"channel": channel, "ranks": sorted(RANKS.values()), "limit": limit, "schools": SCHOOLS}
    with (
        across_tenants("pages of the chain that are due, of every school") as alias,
        connections[alias].cursor() as cursor,
        ExitStack() as stack,
    ):
        cursor.execute(FIRST, values)
        found = {pk: DuePage(tenant_id, pk, *rest) for tenant_id, pk, *rest in cursor.fetchall()}
        if len(found) >= limit:
            values["each"] = max(1, min(each, limit // SCHOOLS))
            stack.enter_context(by_order_of_index(alias))
            for after in dict.fromkeys((turn.after, _START)):
                cursor.execute(RING, values | {"after": after})
                rows = cursor.fetchall()
                found |= {pk: DuePage(tenant_id, pk, *rest) for tenant_id, pk, *rest in rows if pk is not None}
                schools = {row[0] for row in rows}
                turn.after = max(schools, default=_START)
                if len(schools) == SCHOOLS:
                    break  # else it was the end of the ring: its beginning as well
    return [(page.tenant_id, page.pk) for page in _in_order(found.values(), each)[:limit]]


def _in_order(found: Iterable[DuePage], each: int) -> list[DuePage]:
    of_school: dict[UUID, list[DuePage]] = defaultdict(list)
    for page in sorted(found, key=lambda one: (one.rank, one.due_at, one.pk)):
        of_school[page.tenant_id].append(page)
    nth = [
        (page.rank, number, page.due_at, page) for own in of_school.values() for number, page in enumerate(own[:each])
    ]
    return [page for *_order, page in sorted(nth, key=lambda one: (one[:3], one[3].pk))]

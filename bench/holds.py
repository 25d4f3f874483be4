"""Holds a second on the times of one agency, by people of one school, beside a bare INSERT of a row. No time twice.

Both sides run on four threads, one commit each, the same database. Every time is reached for twice: the second is refused.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4

from django.db import connection, transaction

from kernel.clock import now
from kernel.errors import Conflict
from kernel.identifiers import uuid7
from notifications.models import OutboxMessage
from seats import places
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

THREADS = 4
SESSION = timedelta(minutes=50)
HOLD = timedelta(minutes=5)


def run(n: int = 2000) -> dict[str, Any]:
    """``n`` tries for ``n / 2`` times of one resource. AssertionError when a time was given twice or not at all."""
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=False
    )
    resource, begins = uuid4(), now() + timedelta(days=1)
    half = n // 2

    def hold(index: int) -> bool:
        start = begins + (index % half) * SESSION
        try:
            with transaction.atomic():
                places.take(resource, start, start + SESSION, hold=HOLD)
        except Conflict:
            return False
        return True

    ours, won = _timed(school, hold, n)
    with use_tenant(school.id):
        rows = places.busy([resource], begins, begins + (half + 1) * SESSION)
    double = sum(one.ends_at > other.starts_at for one, other in pairwise(rows))
    assert (won, len(rows), double) == (half, half, 0)

    def bare(index: int) -> bool:
        OutboxMessage.objects.create(
            key=f"bench-{index}", template="bench", channel="gateway", attempts=0, state="dead"
        )
        return True

    floor, _made = _timed(school, bare, n)
    return {
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(ours / floor, 3),
        "unit": "1/s",
        "n": n,
        "double": double,
    }


def _timed(school: Tenant, act: Callable[[int], bool], n: int) -> tuple[float, int]:
    def some(first: int) -> int:
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                return sum(act(index) for index in range(first, n, THREADS))
        finally:
            connection.close()

    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        won = sum(pool.map(some, range(THREADS)))
    return n / (time.perf_counter() - began), won

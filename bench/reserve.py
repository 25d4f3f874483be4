"""M5: reservations a second on one pool, beside a bare conditional UPDATE in SQL. Nothing ever below zero.

Both sides spend from one account with the same number of threads, one commit a reservation, the same database.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from accounts.actor import system_in
from kernel.errors import Refused
from kernel.identifiers import uuid7
from ledger import selectors, workflow
from ledger.keys import AccountKey
from ledger.models import Account
from notifications.models import OutboxMessage
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

THREADS = 4
BARE = "UPDATE notifications_outboxmessage SET attempts = attempts + 1 WHERE id = %s AND attempts < %s"
"""The floor: one counter on a row of a table behind the same wall (a settled message nobody sends)."""


def run(n: int = 2000) -> dict[str, Any]:
    """``n`` tries for ``n - 100`` units: the last hundred are refused. AssertionError when the books do not come out right."""
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=False
    )
    account = AccountKey("pool", "bench", 2026, "fen")
    actor = system_in(school.id)
    with use_tenant(school.id), transaction.atomic():
        workflow.grant(actor=actor, account=account, amount=n - 100, reference="grant")

    def reserve(index: int) -> bool:
        try:
            workflow.reserve(actor=actor, account=account, amount=1, reference=f"r{index}")
        except Refused:
            return False
        return True

    ours, won = _timed(school, reserve, n)
    with use_tenant(school.id):
        after = selectors.balance(account)
        lowest = Account.objects.exclude(bucket="granted").aggregate(low=Min("balance"))["low"]
        assert (won, after.available, after.reserved, lowest, selectors.difference()) == (n - 100, 0, n - 100, 0, 0)
        counter = OutboxMessage.objects.create(
            key="bench", template="bench", channel="gateway", attempts=0, state="dead"
        )

    def bare(index: int) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(BARE, [counter.pk, n - 100])
            return cursor.rowcount == 1

    floor, taken = _timed(school, bare, n)
    assert taken == n - 100
    return {
        "case": "reserve",
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(ours / floor, 3),
        "unit": "1/s",
        "n": n,
    }


def _timed(school: Tenant, act: Callable[[int], bool], n: int) -> tuple[float, int]:
    """Acts per second over all threads, and how many said yes."""

    def some(first: int) -> int:
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                return sum(act(index) for index in range(first, n, THREADS))
        finally:
            connection.close()

    started = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        yes = sum(pool.map(some, range(THREADS)))
    return n / (time.perf_counter() - started), yes

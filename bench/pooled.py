"""T4: many threads, two schools, two pooled connections in transaction mode: no row of another school, ever.

Ours is the rate of statements that carry their school, the floor the same statements through the same pool without
one. The control sets the school on the session, as most products do, and must show other schools' rows.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, connections, transaction
from django.db.backends.postgresql.base import DatabaseWrapper as PlainWrapper

from accounts.models import Department
from bench._pooler import pooler
from kernel.identifiers import uuid7
from tenancy.models import Tenant, TenantKind
from tenancy.pgtenant.base import DatabaseWrapper
from tenancy.roles import APP
from tenancy.scope import use_tenant

THREADS = 64
ROWS = 3
SEEN = "SELECT tenant_id FROM accounts_department"
"""A query without a school: only the database's policy narrows it."""


class _Undo(Exception):
    """Takes a block back on purpose."""


def run(n: int = 10_000, threads: int = THREADS) -> dict[str, Any]:
    """``n`` requests over ``threads``, every fifth of nobody's school. AssertionError for one row that is not the asker's."""
    schools = [_school().pk for _ in range(2)]
    with pooler(connections["default"].settings_dict) as pooled:
        wrong, statements, seconds = _measure(pooled, DatabaseWrapper, _request, schools, n, threads)
        assert wrong == 0, f"{wrong} rows of another school, or of a school although none was open"
        _none, bare_statements, bare_seconds = _measure(pooled, PlainWrapper, _bare, schools, n, threads)
        leaked, _statements, _seconds = _measure(pooled, PlainWrapper, _session_set, schools, max(n // 5, 500), threads)
        assert leaked > 0, "the control shows no foreign row: the pool is not shared"
    ours, floor = statements / seconds, bare_statements / bare_seconds
    return {
        "case": "pooled",
        "ours": round(ours, 1),
        "floor": round(floor, 1),
        "ratio": round(ours / floor, 3),
        "unit": "statements/s",
        "n": n,
        "foreign_rows": wrong,
        "control_foreign_rows": leaked,
    }


def _school() -> Tenant:
    slug = f"bench-{uuid7().hex[-12:]}"
    school = Tenant.objects.create(
        slug=slug, host=f"{slug}.localhost", kind=TenantKind.MIDDLE, name="Bench", code="BB", is_active=False
    )
    with use_tenant(school.id):
        Department.objects.bulk_create(Department(name=f"d{number}") for number in range(ROWS))
    return school


def _measure(
    pooled: dict[str, Any],
    wrapper: type[PlainWrapper],
    request: Callable[[int, UUID | None], tuple[int, int]],
    schools: list[UUID],
    n: int,
    threads: int,
) -> tuple[int, int, float]:
    """Wrong rows, statements and seconds of ``n`` requests."""

    def worker(first: int) -> tuple[int, int]:
        mine = wrapper(pooled, "default")
        connections["default"] = mine
        wrong = statements = 0
        try:
            for index in range(first, n, threads):
                school = None if index % 5 == 4 else schools[index % 2]
                more_wrong, more = request(index, school)
                wrong, statements = wrong + more_wrong, statements + more
        finally:
            mine.close()
            del connections["default"]
        return wrong, statements

    started = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        answers = list(pool.map(worker, range(threads)))
    seconds = time.perf_counter() - started
    return sum(wrong for wrong, _ in answers), sum(count for _, count in answers), seconds


def _wrong(school: UUID | None, *, after: int = 0) -> int:
    """Rows that are not ``school``'s, and its own that are missing; ``after`` more of its own are expected."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        seen = [row[0] for row in cursor.fetchall()]
    expected = ROWS + after if school else 0
    foreign = sum(found != school for found in seen)
    return foreign + abs(expected - (len(seen) - foreign))


def _request(index: int, school: UUID | None) -> tuple[int, int]:
    """One request in one of four shapes: autocommit, a transaction, a savepoint taken back, a transaction taken back."""
    with use_tenant(school) if school else nullcontext():
        shape = index % 4
        if shape == 0 or school is None:
            return _wrong(school) + _wrong(school), 2
        if shape == 1:
            with transaction.atomic():
                return _wrong(school) + _wrong(school), 2
        try:
            with transaction.atomic():
                try:
                    with transaction.atomic(savepoint=True):
                        Department.objects.create(name="undone")
                        wrong = _wrong(school, after=1)
                        if shape == 2:
                            raise _Undo
                except _Undo:
                    wrong += _wrong(school)
                else:
                    wrong += _wrong(school, after=1)
                raise _Undo
        except _Undo:
            return wrong + _wrong(school), 4


def _bare(index: int, school: UUID | None) -> tuple[int, int]:
    """The read alone, whatever it finds: what the pool itself can do."""
    for _ in range(2):
        _read_as_app()
    return 0, 2


def _session_set(index: int, school: UUID | None) -> tuple[int, int]:
    """The school set on the session, then the read: in transaction mode each may meet another connection."""
    if school:
        with connection.cursor() as cursor:
            cursor.execute(f"SET app.tenant = '{school}'")
    return sum(found != school for found in _read_as_app()), 2


def _read_as_app() -> list[UUID]:
    """The tester has no right of its own and becomes the app for the one message; in production nobody needs to."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {APP};{SEEN}" if settings.TENANCY_SWITCH_ROLE else SEEN)
        while cursor.nextset():
            pass
        return [row[0] for row in cursor.fetchall()]

"""Finds the school of a secret, through one ``SECURITY DEFINER`` function per secret (house §Tenancy).

The database roles of a request cannot search other schools' rows; the function can, for one exact hash, and gives
back two ids and nothing else. Callers are rate-limited at the edge.
"""

from uuid import UUID

from django.db import connection
from django.db.backends.utils import CursorWrapper

from tenancy.models import NumberSeries
from tenancy.scope import current_tenant_id


def locate(function: str, secret_hash: bytes) -> tuple[UUID, UUID] | None:
    """``(tenant id, row id)`` of the row whose secret has this hash, or None. ``function`` is a literal of the caller."""
    if not function.isidentifier():
        raise ValueError("a function's name is an identifier")
    cursor: CursorWrapper
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tenant_id, voucher_id FROM {function}(%s)", [secret_hash])  # noqa: S608 - identifier checked
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def next_number(series: str, year: int) -> int:
    """The next number of a series of the open school, from 1, without gaps.

    One statement, so two writers get two numbers; the row stays locked until the writer's transaction ends, so a
    number that was taken back leaves no gap.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{NumberSeries._meta.db_table}" (id, tenant_id, series, year, last)'  # noqa: S608
            " VALUES (gen_random_uuid(), %s, %s, %s, 1) ON CONFLICT (tenant_id, series, year)"
            " DO UPDATE SET last = tenancy_numberseries.last + 1 RETURNING last",
            [current_tenant_id(), series, year],
        )
        return int(cursor.fetchone()[0])

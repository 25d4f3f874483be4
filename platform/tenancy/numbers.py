"""Numbers of a school's series: requests, vouchers, statements; and numbers that say nothing of how many there are."""

import secrets
from collections.abc import Callable
from typing import Final

from django.db import connection

from tenancy.models import NumberSeries
from tenancy.scope import current_tenant_id

DRAWN_LEAST: Final = 10_000
DRAWN_MOST: Final = 99_999
"""Drawn numbers have five digits, the first of them no nought."""


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


def draw_number(is_taken: Callable[[int], bool]) -> int:
    """A number by chance that nobody has: where numbers ran on, a gap would tell that there is one that its reader is not shown.

    ``is_taken`` asks the rows; that two who draw at once never keep the same is for a constraint to see. RuntimeError when
    a thousand were taken: the series is full, and has to become longer.
    """
    for _ in range(1_000):
        drawn = DRAWN_LEAST + secrets.randbelow(DRAWN_MOST - DRAWN_LEAST + 1)
        if not is_taken(drawn):
            return drawn
    raise RuntimeError("a series of drawn numbers is full")

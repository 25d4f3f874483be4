"""Numbers of a school's series: requests, vouchers, statements."""

from django.db import connection

from tenancy.models import NumberSeries
from tenancy.scope import current_tenant_id


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

"""Goes through due rows, each in a transaction of its own; a row that fails is parked and the next one is done (books §7).

A finder looks across schools and leaves out what stands back (``not_set_back``), ``each_by_itself`` does the rest. So one
poisoned row costs neither the rows behind it nor another school anything, and nothing is forgotten: it is tried again
after a minute, then twice as long each time, and after ``MOST_TRIES`` once a day, counted in ``/metrics`` and by ``doctor``.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple, Protocol
from uuid import UUID

from django.db import InterfaceError, OperationalError, connections, transaction
from django.db.models import QuerySet
from prometheus_client import Counter

from kernel.clock import now
from tenancy.models import Setback, Tenant
from tenancy.scope import alias_for, current, use_tenant

logger = logging.getLogger(__name__)

MOST_TRIES: Final = 8
_FIRST_WAIT: Final = timedelta(minutes=1)
_PARKED_WAIT: Final = timedelta(days=1)

FAILURES: Final = Counter("xinqiao_row_failures", "Due rows that failed, by loop and type of error", ["loop", "error"])


class DueRow(Protocol):
    """A row of a tenant table, or what names one."""

    @property
    def tenant_id(self) -> Any: ...
    @property
    def pk(self) -> Any: ...


class Due(NamedTuple):
    """The name of a due row: its school and its primary key."""

    tenant_id: UUID
    pk: UUID


def not_set_back[Row: QuerySet[Any]](rows: Row, loop: str) -> Row:
    """``rows`` without those that failed in ``loop`` and are not to be tried again yet. For the finder."""
    standing_back = Setback.objects.filter(loop=loop, next_at__gt=now()).values("row")
    return rows.exclude(pk__in=standing_back)


def each_by_itself[Row: DueRow](
    rows: Iterable[Row],
    act: Callable[[Row], object],
    *,
    loop: str,
    failed: Callable[[Row, Exception], None] | None = None,
) -> int:
    """``act`` on every row, in its own school and its own transaction; the sum of what ``act`` returned.

    ``act`` is a writer, or sends something between two: nothing of it may depend on the row before. What it raises is
    logged by its type, counted, and handed to ``failed``, which writes it to the row where the row counts its tries itself;
    without one the row is set back. A database that is gone ends the round, for it is no row's fault.
    """
    done = 0
    for row in rows:
        with use_tenant(row.tenant_id):
            try:
                done += int(act(row) or 0)  # type: ignore[call-overload]
            except Exception as error:
                if is_database_gone(error):
                    raise
                # The type only: the message of an error may hold personal data.
                logger.error("%s: row %s failed: %s", loop, row.pk, type(error).__name__)
                FAILURES.labels(loop, type(error).__name__).inc()
                if failed is None:
                    set_back(loop, row, error)
                else:
                    failed(row, error)
            else:
                if failed is None:
                    Setback.objects.filter(loop=loop, row=row.pk).delete()
    return done


def in_every_school(act: Callable[[Tenant], object], *, loop: str) -> int:
    """``act`` in every school that is in use, each by itself. Returns how many it succeeded in."""
    schools = {tenant.pk: tenant for tenant in Tenant.objects.filter(is_active=True).order_by("pk")}

    def once(row: Due) -> int:
        act(schools[row.pk])
        return 1

    return each_by_itself([Due(pk, pk) for pk in schools], once, loop=loop)


def is_database_gone(error: Exception) -> bool:
    """Whether nothing can be asked any more. A deadlock or a lock that took too long is an OperationalError as well, but the connection stands."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    return not connections[alias_for(current())].is_usable()


@transaction.atomic
def set_back(loop: str, row: DueRow, error: Exception) -> None:
    """Park the row in ``loop`` for a while; its school must be open."""
    setback, _new = Setback.objects.select_for_update(no_key=True).get_or_create(loop=loop, row=row.pk)
    setback.tries, setback.error = setback.tries + 1, type(error).__name__[:80]
    setback.next_at = now() + wait_after(setback.tries)
    setback.save(update_fields=["tries", "error", "next_at"])


def wait_after(tries: int) -> timedelta:
    """1 min, doubled each time; once parked, a day."""
    return _PARKED_WAIT if tries >= MOST_TRIES else _FIRST_WAIT * (1 << (tries - 1))


def parked() -> int:
    """How many rows of the open scope have had ``MOST_TRIES`` and wait for a mend."""
    return Setback.objects.filter(tries__gte=MOST_TRIES).count()

"""How the engine is, as its rows tell: for the watchdog, ``/readyz``, ``/metrics`` and ``doctor``. Numbers and no person."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection, connections

from notifications.providers.circuit import CircuitState
from referrals.emergency.models.engine import ENGINE
from referrals.emergency.models.statements import released
from tenancy.scope import across_tenants, no_scope

SILENT: Final = timedelta(seconds=30)
"""An engine that gave no sign for so long is taken for dead; it gives one every ten seconds."""

_AGES: Final = """
    SELECT kind, id, extract(epoch FROM (SELECT chain_now()) - beat_at)::float8, skew_ms, alarms,
           extract(epoch FROM (SELECT chain_now()) - heartbeat_at)::float8, circuits::text, left_alone
    FROM emergency_engineprocess"""
_LATE: Final = f"""
    SELECT tenant_id, extract(epoch FROM (SELECT chain_now()) - min(next_at))::float8 FROM (
        SELECT tenant_id, next_at FROM emergency_leg AS late WHERE NOT is_drill AND next_at <= (SELECT chain_now())
            AND {released("late.tenant_id", "late.incident_id")}
        UNION ALL
        SELECT tenant_id, next_at FROM emergency_incident AS late WHERE NOT is_drill AND next_at <= (SELECT chain_now())
            AND {released("late.tenant_id", "late.id")}
        UNION ALL
        SELECT tenant_id, next_at FROM emergency_report AS late WHERE next_at <= (SELECT chain_now())
            AND {released("late.tenant_id", "late.incident_id")}
        UNION ALL
        SELECT tenant_id, next_at FROM emergency_companionshift AS late WHERE next_at <= (SELECT chain_now())
            AND {released("late.tenant_id", "late.incident_id")}
    ) AS due GROUP BY tenant_id"""  # noqa: S608  names of the schema
_WAITING: Final = f"""
    SELECT page.channel, count(*), extract(epoch FROM (SELECT chain_now()) - min(page.due_at))::float8
    FROM emergency_delivery AS page
    JOIN emergency_leg AS leg ON leg.tenant_id = page.tenant_id AND leg.id = page.leg_id AND leg.epoch = page.epoch
    WHERE page.state IN ('queued', 'claimed') AND page.due_at <= (SELECT chain_now())
      AND {released("page.tenant_id", "leg.incident_id")} GROUP BY page.channel"""  # noqa: S608  names of the schema
_OFFSET: Final = (
    "SELECT extract(epoch FROM coalesce((SELECT ahead FROM emergency_chainclock WHERE id = 1), '0'))::float8"
)


@dataclass(frozen=True, slots=True)
class Process:
    """One process that signs: age of its sign in seconds, its clock's distance in milliseconds; ``left_alone``: how many due
    legs and incidents it leaves to newer code."""

    kind: str
    id: UUID
    age: float
    skew_ms: int
    alarms: int = 0
    heartbeat_age: float | None = None
    circuits: Mapping[str, str] = field(default_factory=dict)
    left_alone: int = 0

    @property
    def is_living(self) -> bool:
        """Whether it signed lately."""
        return self.age <= SILENT.total_seconds()


@dataclass(frozen=True, slots=True)
class Waiting:
    """Pages of one channel that are due and not sent: how many, and since when the oldest waits, in seconds."""

    count: int
    oldest: float


@dataclass(frozen=True, slots=True)
class Signs:
    """``late``: school → seconds by which its latest clock is overdue, drills left out. ``offset``: of the chain's clock."""

    processes: tuple[Process, ...] = ()
    late: Mapping[UUID, float] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)
    offset: float = 0.0

    def newest(self, kind: str) -> float | None:
        """Age of the newest sign of a ``kind`` of process; None when there is none."""
        return min((process.age for process in self.processes if process.kind == kind), default=None)

    def living(self, kind: str) -> list[Process]:
        """Processes of a ``kind`` that signed lately."""
        return [process for process in self.processes if process.kind == kind and process.is_living]

    @property
    def left_alone(self) -> int:
        """Due legs and incidents that no living engine knows: what the one that knows most leaves alone."""
        return min((process.left_alone for process in self.living(ENGINE)), default=0)

    def circuits_open(self) -> list[tuple[str, str, int]]:
        """(Provider, channel, accounts) that some living engine leaves alone just now; no account is named.

        One whose rest is over is not counted: it may be tried, and nobody may have had anything to send since.
        """
        keys = {key for one in self.living(ENGINE) for key, state in one.circuits.items() if state == CircuitState.OPEN}
        counts = Counter(tuple(key.split(":")[:2]) for key in sorted(keys))
        return [(provider, channel, count) for (provider, channel), count in counts.items()]


def processes() -> tuple[Process, ...]:
    """Every process that signed, the dead of the last day too. DatabaseError when the database does not answer."""
    with no_scope(), connection.cursor() as cursor:
        cursor.execute(_AGES)
        rows = cursor.fetchall()
    return tuple(
        Process(kind, pk, age, skew, alarms, heart, json.loads(circuits), left)
        for kind, pk, age, skew, alarms, heart, circuits, left in rows
    )


def is_engine_living() -> bool:
    """Whether an engine signed within ``SILENT``. DatabaseError when the database does not answer."""
    return any(process.kind == ENGINE and process.is_living for process in processes())


def offset_seconds() -> float:
    """How far the chain's clock stands from the database's."""
    with no_scope(), connection.cursor() as cursor:
        cursor.execute(_OFFSET)
        return float(cursor.fetchone()[0])


def signs() -> Signs:
    """All of it at this moment. DatabaseError when the database does not answer."""
    with across_tenants("how late clocks are and how many pages wait") as alias, connections[alias].cursor() as cursor:
        cursor.execute(_LATE)
        late = {tenant: float(seconds) for tenant, seconds in cursor.fetchall()}
        cursor.execute(_WAITING)
        waiting = {channel: Waiting(count, float(oldest)) for channel, count, oldest in cursor.fetchall()}
    return Signs(processes(), late, waiting, offset_seconds())


def stand_at_zero(*, may_move: bool) -> None:
    """Refuse to start where the chain's clock must not be moved and is (ADR 0018): ImproperlyConfigured.

    A database that does not answer refuses nothing here: the watchdog looks again at every look.
    """
    if may_move:
        return
    try:
        offset = offset_seconds()
    except (DatabaseError, InterfaceError):
        return
    if offset:
        raise ImproperlyConfigured(
            f"链条时钟被拨动了 {offset:g} 秒，生产环境不能启动，处理办法见 docs/operations.md。"
            f" / The chain's clock stands {offset:g} s from the database's: production does not start (docs/operations.md)."
        )

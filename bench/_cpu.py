"""What engines and the database have spent of the processor: other work on the machine moves it less than a rate."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.db import connections

from tenancy.scope import across_tenants


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of CPU so far: of the children of engines, of every server of the database, of the process that asks."""

    engines: float
    database: float
    here: float

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.engines - other.engines, self.database - other.database, self.here - other.here)

    def each(self, count: int) -> dict[str, float]:
        """Milliseconds for each of ``count``, by who spent them; ``cpu``: of engines and database together."""
        found = {
            "cpu": self.engines + self.database,
            "cpu_engine": self.engines,
            "cpu_database": self.database,
            "cpu_gateway": self.here,
        }
        return {name: round(seconds * 1000 / count, 3) for name, seconds in found.items()}


def spent_by(*engines: int) -> Spent:
    """So far, of the children of ``engines`` and of every server of the database."""
    children = [pid for engine in engines for pid in Path(f"/proc/{engine}/task/{engine}/children").read_text().split()]
    with across_tenants("which processes serve a measurement") as alias, connections[alias].cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity")
        servers = [str(pid) for (pid,) in cursor.fetchall()]
    return Spent(_seconds(children), _seconds(servers), _seconds([str(os.getpid())]))


def cpu_of(*engines: int) -> float:
    """Seconds of CPU so far, of the children of ``engines`` and of every server of the database."""
    spent = spent_by(*engines)
    return spent.engines + spent.database


def _seconds(pids: list[str]) -> float:
    return sum(_ticks(Path("/proc", pid)) for pid in pids) / os.sysconf("SC_CLK_TCK")


def _ticks(process: Path) -> int:
    """None for one that has just ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return int(fields[11]) + int(fields[12])

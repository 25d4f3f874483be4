"""What engines and the database have spent of the processor: other work on the machine moves it less than a rate."""

import os
from pathlib import Path

from django.db import connections

from tenancy.scope import across_tenants


def cpu_of(*engines: int) -> float:
    """Seconds of CPU so far, of the children of ``engines`` and of every server of the database."""
    children = [pid for engine in engines for pid in Path(f"/proc/{engine}/task/{engine}/children").read_text().split()]
    with across_tenants("which processes serve a measurement") as alias, connections[alias].cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity")
        servers = [str(pid) for (pid,) in cursor.fetchall()]
    return sum(_ticks(Path("/proc", pid)) for pid in (*children, *servers)) / os.sysconf("SC_CLK_TCK")


def _ticks(process: Path) -> int:
    """None for one that has just ended."""
    try:
        fields = (process / "stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return int(fields[11]) + int(fields[12])

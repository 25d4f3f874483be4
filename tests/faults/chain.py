"""Engine and watchdog as processes of their own on a database of their own, and a way to the database that can be cut."""

import json
import os
import selectors
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]
START = 240.0
"""Seconds in which a process has started on a busy machine; five on an idle one."""
PROGRAM = """
import json, sys
from django.conf import settings
database, others = sys.argv[1], json.loads(sys.argv[2])
settings.DATABASES["default"].update(json.loads(database))
for name, value in others.items():
    setattr(settings, name, value)
import django
django.setup()
from django.core.management import call_command
call_command(*sys.argv[3:])
"""


def until(true: Callable[[], object], what: str, seconds: float = 20) -> float:
    """Wait for something that happens in another process; how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"in {seconds} s it did not happen: {what}"
        time.sleep(0.02)
    return time.monotonic() - began


class House:
    """Processes that a test starts; all are ended with it. ``log`` is what they said on stderr."""

    def __init__(self, stack: ExitStack, folder: Path, **settings: Any) -> None:
        self.stack, self.folder, self.settings = stack, folder, settings
        self.count = 0

    def start(self, *command: str, port: int | None = None, **settings: Any) -> "Running":
        """One management command with its own settings; ``port`` is another way to the database."""
        self.count += 1
        log = self.folder / f"{self.count}-{command[0]}"
        database: dict[str, Any] = {"NAME": connection.settings_dict["NAME"]}
        if port:
            database |= {"HOST": "127.0.0.1", "PORT": str(port)}
        paths = os.pathsep.join([str(ROOT), str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")])
        handle = self.stack.enter_context(log.open("w"))
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(database), json.dumps(self.settings | settings), *command],
            cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, text=True,
            stdin=subprocess.DEVNULL, stdout=handle, stderr=handle,
        )  # fmt: skip
        self.stack.callback(process.wait, 20)
        self.stack.callback(process.kill)
        return Running(process, log)


class Running:
    """A process and what it said."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process, self.log = process, log

    @property
    def pid(self) -> int:
        return self.process.pid

    def said(self) -> str:
        return self.log.read_text()

    def children(self) -> set[int]:
        """Living children, by the kernel's word."""
        found = set()
        for task in Path(f"/proc/{self.pid}/task").glob("*/children"):
            with suppress(OSError):
                found |= {int(pid) for pid in task.read_text().split()}
        return {pid for pid in found if is_living(pid)}


def is_living(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Way:
    """A port that leads to the database until it is cut (refused at once) or hangs (accepted, and no answer)."""

    def __init__(self) -> None:
        known = connection.settings_dict
        self.to = (known["HOST"] or "127.0.0.1", int(known["PORT"]))
        self.is_hanging = False
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._listener: socket.socket | None = None
        self.port = 0
        self.open()

    def open(self) -> None:
        """Let everybody through, on the same port as before."""
        self.is_hanging = False
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(50)
        self.port, self._listener = listener.getsockname()[1], listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """End every connection, refuse new ones."""
        listener, self._listener = self._listener, None
        for end in [listener, *(end for pair in self._pairs for end in pair)]:
            if end is not None:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self._pairs = []

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(self.to)
            except OSError:
                return
            self._pairs.append((near, far))
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        with selectors.DefaultSelector() as ready, suppress(OSError, ValueError, KeyError):
            ready.register(near, selectors.EVENT_READ, far)
            ready.register(far, selectors.EVENT_READ, near)
            while True:
                for key, _events in ready.select():
                    while self.is_hanging:
                        time.sleep(0.05)
                    part = key.fileobj.recv(65_536)  # type: ignore[union-attr]
                    if not part:
                        for end in (near, far):
                            end.shutdown(socket.SHUT_RDWR)
                        return
                    key.data.sendall(part)


@contextmanager
def way() -> Iterator[Way]:
    """Open while the block runs."""
    opened = Way()
    try:
        yield opened
    finally:
        opened.is_hanging = False
        opened.cut()

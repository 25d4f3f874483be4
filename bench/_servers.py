"""The servers that a case may kill: PostgreSQL and the broker of this very bench, and processes that it starts itself."""

import ctypes
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import redis

_PR_SET_PDEATHSIG: Final = 1


_STARTER: Final = ThreadPoolExecutor(1)
"""Servers end with the thread that started them (``_follow``): one that lives as long as the bench."""


class Server:
    """A process that is there already, and how it is started again."""

    def __init__(self, pid: int, command: Sequence[str], answers: Callable[[], object], end: signal.Signals) -> None:
        self.pid, self.command, self._answers, self._end = pid, command, answers, end
        self.user, self.group = Path(f"/proc/{pid}").stat().st_uid, Path(f"/proc/{pid}").stat().st_gid
        self.stops = 0
        self.down = 0.0
        self._child: subprocess.Popen[bytes] | None = None

    def stop_hard(self) -> None:
        """At once, whatever it does, and up again as soon as it can be; returns when it answers."""
        began = time.monotonic()
        os.kill(self.pid, self._end)
        self.stops += 1
        if self._child is not None:
            self._child.wait(30)
        while is_living(self.pid):
            time.sleep(0.02)
        self._child = _STARTER.submit(self._started).result()
        self.pid = self._child.pid
        while True:
            with suppress(psycopg.OperationalError, redis.RedisError, OSError):
                self._answers()
                break
            if self._child.poll() is not None:
                raise RuntimeError(f"{self.command[0]} did not start again")
            time.sleep(0.05)
        self.down += time.monotonic() - began

    def _started(self) -> "subprocess.Popen[bytes]":
        lent: dict[str, Any] = {"user": self.user, "group": self.group, "extra_groups": []}
        others = lent if os.geteuid() == 0 and self.user else {}  # PostgreSQL refuses to run as root
        return subprocess.Popen(
            self.command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=_follow, **others,
        )  # fmt: skip


def _follow() -> None:
    """It ends with the bench, as it would have with whoever started it first."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def postgres() -> Server:
    """The bench's own; RuntimeError where the database is not ours to stop. Stopped as by a power cut: it recovers when it starts."""
    url = os.environ.get("BENCH_SUPERUSER_URL", "")
    if not url:
        raise RuntimeError("the database is not this bench's own: it is not stopped")
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    pid = int((Path(row[0]) / "postmaster.pid").read_text().split("\n", 1)[0]) if row else 0

    def answers() -> None:
        with psycopg.connect(url, connect_timeout=5) as asked:
            asked.execute("SELECT 1")

    command = [os.fsdecode(part) for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if part]
    return Server(pid, command, answers, signal.SIGQUIT)


def broker() -> Server:
    """The bench's own."""
    url = os.environ["BROKER_URL"]
    if urlsplit(url).hostname != "127.0.0.1":
        raise RuntimeError("the broker is not this bench's own: it is not stopped")

    def answers() -> dict[str, Any]:
        with redis.Redis.from_url(url, socket_timeout=5) as client:
            told: Any = client.info("server")
            return dict(told)

    told = answers()
    return Server(int(told["process_id"]), [told["executable"], told["config_file"]], answers, signal.SIGKILL)


def web(port: int, workers: int = 2, env: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """The shipped web server on this machine's loopback."""
    command = [
        str(Path(sys.executable).with_name("gunicorn")),
        "-c",
        "bin/lib/web_server.py",
        "settings.wsgi:application",
    ]
    own = {**(env or os.environ), "WEB_WORKERS": str(workers), "BASE_PORT": str(port)}
    return subprocess.Popen(
        command, env=own, stderr=subprocess.DEVNULL
    )  # what a lost database makes it say fills pages


class Beat:
    """Celery's beat, started again whenever it was killed."""

    def __init__(self, folder: Path) -> None:
        self._command = [
            str(Path(sys.executable).with_name("celery")), "-A", "settings.celery", "--skip-checks", "beat", "--loglevel",
            "ERROR", "--schedule", str(folder / "beat"), "--pidfile=",
        ]  # fmt: skip
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """−9, and anew."""
        self.process.kill()
        self.process.wait()
        self.process = self._start()


class Killer:
    """Does ``act`` again and again, ``every`` so many seconds apart, in a thread of its own; ``most`` times at most."""

    def __init__(self, act: Callable[[], object], every: tuple[float, float], most: int | None = None) -> None:
        self._act, self._every, self._most = act, every, most
        self.kills = 0
        self.failure: Exception | None = None
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """No more; returns when what it is doing is done."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join(60)

    def _run(self) -> None:
        chance = random.Random(1)
        while not self._is_over.wait(chance.uniform(*self._every)) and self.kills != self._most:
            try:
                if self._act() is not False:
                    self.kills += 1
            except Exception as error:  # noqa: BLE001  told at the end: a killer that stopped measures nothing
                self.failure = error
                return


def kill_a_child(parent: "subprocess.Popen[bytes]") -> Callable[[], bool]:
    """Kills one child of ``parent`` hard; False where there is none just now."""
    chance = random.Random(2)

    def act() -> bool:
        children = children_of(parent.pid)
        if not children:
            return False
        with suppress(ProcessLookupError):
            os.kill(chance.choice(children), signal.SIGKILL)
        return True

    return act


def children_of(pid: int) -> Sequence[int]:
    """Children of a process, by the kernel's word."""
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def is_living(pid: int) -> bool:
    """Whether a process is there and no zombie."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False

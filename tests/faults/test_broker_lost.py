"""The broker is killed under a running worker and a beating scheduler: acts still commit, and every message goes out once.

Broker, worker and scheduler are processes of their own, as on a server; writer and gateway are the test's.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery, current_app
from django.db import connection, transaction
from django.test import Client

from notifications import outbox
from notifications.models import OutboxMessage
from operations.doctor import examine
from operations.heartbeat import LASTS_SECONDS, is_beating
from referrals.emergency.models import ChainNow, EngineProcess
from tenancy.scope import no_scope, use_tenant
from tests.conftest import make_person, make_school
from tests.gateway import Gateway, open_gateway

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bin" / "lib"))

from broker import find_server  # noqa: E402

CELERY = """
import sys
import django
from django.conf import settings
settings.DATABASES["default"]["NAME"], settings.CELERY_BROKER_URL, settings.GATEWAY_URL = sys.argv[1:4]
django.setup()
from settings.celery import app
app.start(["--broker", sys.argv[2], "--skip-checks", *sys.argv[4:]])
"""
START = 240.0
"""Seconds in which a process has started on a busy machine; five on an idle one."""


def until(true: Callable[[], object], what: str, seconds: float = 20) -> None:
    """Wait for something that happens in another process."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"in {seconds} s it did not happen: {what}"
        time.sleep(0.05)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class House:
    """The processes of one school, each started when the test says so and ended with it."""

    def __init__(self, stack: ExitStack, folder: Path, port: int, gateway: Gateway) -> None:
        self.stack, self.folder, self.port, self.gateway = stack, folder, port, gateway
        self.log = folder / "log"
        self.facts = [connection.settings_dict["NAME"], self.broker_url, gateway.url]
        self.school = make_school()
        self.person = make_person(self.school)

    @property
    def broker_url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        log = self.stack.enter_context(self.log.open("a"))
        paths = os.pathsep.join([str(ROOT), str(ROOT / "platform"), os.environ.get("PYTHONPATH", "")])
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": paths}, text=True,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
        self.stack.callback(process.wait, 20)
        self.stack.callback(process.kill)
        return process

    def broker(self) -> subprocess.Popen[str]:
        """Keeps nothing: what it forgets must not matter."""
        options = {"bind": "127.0.0.1", "port": str(self.port), "save": "", "dir": str(self.folder)}
        process = self.start([str(find_server()), *(word for name in options for word in (f"--{name}", options[name]))])
        until(self.broker_answers, "the broker answers")
        return process

    def broker_answers(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def celery(self, *arguments: str) -> subprocess.Popen[str]:
        return self.start([sys.executable, "-c", CELERY, *self.facts, *arguments])

    def worker(self, *more: str) -> subprocess.Popen[str]:
        usual = ("--pool", "solo", "--without-gossip", "--without-mingle", "--loglevel", "INFO")
        return self.celery("worker", *usual, *more)

    def beat(self) -> subprocess.Popen[str]:
        return self.celery("beat", "--schedule", str(self.folder / "schedule"), "--pidfile=", "--loglevel", "INFO")

    def write(self, key: str) -> float:
        """Commit one act with its message, as a request does; seconds that it took."""
        started = time.monotonic()
        with use_tenant(self.school.id), transaction.atomic():
            outbox.enqueue(key=key, template="booking_confirmed", to=self.person, channels=["gateway"])
        return time.monotonic() - started

    def sent(self) -> list[str]:
        """The keys that the gateway was given, as often as it was."""
        return sorted(key.split(":")[1] for key in self.gateway.keys(self.school.slug))

    def states(self) -> dict[str, str]:
        with use_tenant(self.school.id):
            return dict(OutboxMessage.objects.values_list("key", "state"))


@pytest.fixture
def house(committed: None, settings: Any, tmp_path: Path) -> Iterator[House]:
    """Nothing runs yet. What this process commits tells the house's broker."""
    with ExitStack() as stack:
        gateway = stack.enter_context(open_gateway())
        house = House(stack, tmp_path, free_port(), gateway)
        with no_scope():  # the engine needs no broker: here it signs once, for as long as the test lasts
            EngineProcess.objects.create(kind="engine", beat_at=ChainNow() + timedelta(days=1))
        settings.CELERY_BROKER_URL = house.broker_url
        usual = current_app._get_current_object()
        Celery("writer", broker=house.broker_url, set_as_current=True).config_from_object(settings, namespace="CELERY")
        outbox.wake.quiet_until = 0.0
        yield house
        usual.set_current()


def faults() -> list[str]:
    """What the doctor finds wrong with broker, scheduler and workers."""
    parts = ("Broker", "Scheduler", "Worker")
    return [found.what for found in examine() if not found.well and found.what in parts]


NOBODY_KNOWS = {
    "database": "ok",
    "broker": "down",
    "scheduler": "unknown",
    "worker": "unknown",
    "engine": "ok",
    "heartbeat": "ok",
}


def readiness() -> dict[str, str]:
    return dict(Client().get("/readyz").json())


def test_a_killed_broker_loses_nothing_and_repeats_nothing(house: House) -> None:
    assert readiness() == NOBODY_KNOWS
    broker = house.broker()
    assert readiness() == {
        "database": "ok",
        "broker": "ok",
        "scheduler": "down",
        "worker": "down",
        "engine": "ok",
        "heartbeat": "ok",
    }
    assert faults() == ["Scheduler", "Worker"]
    worker = house.worker()
    until(lambda: " ready." in house.log.read_text(), "the worker waits", START)
    assert readiness()["worker"] == "ok", "its first sign does not come after it waits for tasks"

    # No scheduler runs: only the word through the broker can have woken the worker.
    house.write("woken")
    until(lambda: house.sent() == ["woken"], "the message goes out", 30)

    beat = house.beat()
    until(lambda: readiness()["scheduler"] == "ok", "the scheduler beats", START)
    assert readiness() == {
        "database": "ok",
        "broker": "ok",
        "scheduler": "ok",
        "worker": "ok",
        "engine": "ok",
        "heartbeat": "ok",
    }
    assert faults() == []

    broker.send_signal(signal.SIGKILL)
    broker.wait()
    assert [house.write(key) < 5 for key in ("first", "second")] == [True, True]
    assert readiness() == NOBODY_KNOWS
    assert house.states() == {"woken": "sent", "first": "queued", "second": "queued"}

    house.broker()
    until(lambda: len(house.sent()) >= 3, "what waited goes out by the timer", START)
    outbox.wake.quiet_until = 0.0
    house.write("after")
    until(lambda: "after" in house.sent(), "the house is whole again", START)
    until(lambda: set(house.states().values()) == {"sent"}, "all is settled")
    assert house.sent() == ["after", "first", "second", "woken"]
    until(lambda: readiness()["scheduler"] == "ok", "the scheduler has found back", 30)
    until(lambda: readiness()["worker"] == "ok", "the worker has found back", 30)
    assert (worker.poll(), beat.poll()) == (None, None)

    beat.terminate()
    beat.wait(20)
    assert not is_beating(), "an orderly end is seen at once"


def test_workers_and_a_scheduler_that_are_dead_are_seen_within_90_seconds(house: House) -> None:
    """Promise E3. Two workers: the house is ready as long as one lives, and one that ends in order is missed at once."""
    house.broker()
    beat = house.beat()
    first, second = (house.worker(f"--hostname={name}@test") for name in ("first", "second"))
    until(lambda: house.log.read_text().count(" ready.") == 2, "both workers wait", START)
    until(lambda: Client().get("/readyz").status_code == 200, "the house is ready", START)

    first.terminate()
    first.wait(30)
    assert readiness()["worker"] == "ok", "the other one still works"

    second.send_signal(signal.SIGKILL)
    beat.send_signal(signal.SIGKILL)
    second.wait()
    beat.wait()
    killed = time.monotonic()
    until(lambda: readiness()["worker"] == "down", "the dead workers are missed", 90)
    until(lambda: readiness()["scheduler"] == "down", "the dead scheduler is missed", 90 - (time.monotonic() - killed))
    assert time.monotonic() - killed < LASTS_SECONDS + 5
    assert Client().get("/readyz").status_code == 503
    assert readiness() == {
        "database": "ok",
        "broker": "ok",
        "scheduler": "down",
        "worker": "down",
        "engine": "ok",
        "heartbeat": "ok",
    }
    assert faults() == ["Scheduler", "Worker"]

    third = house.worker("--hostname=third@test")
    until(lambda: readiness()["worker"] == "ok", "a new worker is seen", START)
    third.terminate()
    third.wait(30)
    assert readiness()["worker"] == "down", "an orderly end is seen at once"

"""E1 and E4: everything is killed all the time while heads report over HTTP; no report that was received and no page is lost.

A child of the engine dies every 0.3–0.9 s, a worker of the web every 10 s, beat every 40 s; PostgreSQL and the broker are
stopped as by a power cut, in turn, each at least 30 s after its last time. ``ours`` counts legs of received reports without a
page, ``floor`` what the promise allows (0); ``vanished`` counts reports that were answered as received and are not there
(E4). A page may go out twice only where its sender lost it, and then under the same key: each is counted beside the claims
of its row, and one more is a failure.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connections

from bench._chain import LiveSchool, Sink, make_live_school
from bench._reports import Reports, report_all
from bench._servers import Beat, Killer, broker, children_of, kill_a_child, postgres, web
from bench.first_page import start_engine
from referrals.emergency import secrets
from referrals.emergency.models import Delivery, Incident, Leg
from tenancy.scope import use_tenant

CHILDREN = 6
SCHOOLS = 20
PORT = 18_874
PER_SECOND = 10
SETTLED_SECONDS = 180.0


def run(seconds: int = 75, *, long: bool = False) -> dict[str, Any]:
    """Ten reports a second for ``seconds``, in which each server is stopped once; ``long``: 10 000 reports, five times each."""
    count, stops = (10_000, 5) if long else (seconds * PER_SECOND, 1)
    schools = [make_live_school(number, 0) for number in range(SCHOOLS)]
    database, queue = postgres(), broker()
    sink = Sink()
    with tempfile.TemporaryDirectory(prefix="xinqiao-beat-") as folder:
        server, engine, beat = web(PORT), start_engine(sink, children=CHILDREN), Beat(Path(folder))
        killers = {
            "children": Killer(kill_a_child(engine), (0.3, 0.9)),
            "workers": Killer(kill_a_child(server), (10, 10)),
            "beats": Killer(beat.kill, (40, 40)),
            "databases": Killer(database.stop_hard, (31, 45), stops),
            "brokers": Killer(queue.stop_hard, (33, 45), stops),
        }
        try:
            _until_up(server, engine)
            for killer in killers.values():
                killer.start()
            reports = report_all(schools, PORT, count=count, per_second=PER_SECOND)
            _say(f"{len(reports.received)} received, {reports.refused} not; {_told(killers)}")
        finally:
            for killer in killers.values():
                killer.stop()
            connections.close_all()
            kept = _Kept()
            try:
                _settle(kept, schools, reports)
            finally:
                for process in (server, engine, beat.process):
                    process.send_signal(signal.SIGTERM)
                for process in (server, engine, beat.process):
                    process.wait(timeout=60)
                sink.shutdown()
    assert not [killer.failure for killer in killers.values() if killer.failure], "a killer stopped by itself"
    repeated = _repeated(schools, sink)
    return {
        "ours": kept.lost,
        "floor": 0,
        "ratio": None,
        "vanished": kept.vanished,
        "again": repeated,
        "refused": reports.refused,
        **{name: killer.kills for name, killer in killers.items()},
        "down": round(database.down + queue.down, 1),
        "load": round(os.getloadavg()[0], 1),
        "unit": "legs lost",
        "n": len(reports.received),
    }


class _Kept:
    """What stands in the end: reports that are not there, legs that were due at once and had no page."""

    vanished = -1
    lost = -1


def _settle(kept: _Kept, schools: Sequence[LiveSchool], reports: Reports) -> None:
    """Until every leg has its page, or for ``SETTLED_SECONDS``: a lease runs out first."""
    until = time.monotonic() + SETTLED_SECONDS
    while True:
        kept.vanished, kept.lost = missing(schools, reports)
        if not kept.lost or time.monotonic() > until:
            return
        _say(f"{kept.lost} legs without a page yet")
        time.sleep(3)


def missing(schools: Sequence[LiveSchool], reports: Reports) -> tuple[int, int]:
    """Received reports that are not there, and legs of the others that were due at once and have no page."""
    received: dict[UUID, set[str]] = {school.pk: set() for school in schools}
    for school, mark in reports.received:
        received[school].add(mark)
    vanished = lost = 0
    for school, marks in received.items():
        with use_tenant(school):
            there = {row.read_words("signs"): row.pk for row in Incident.objects.all()}
            vanished += len(marks - there.keys())
            due = Leg.objects.filter(
                incident__in=[there[mark] for mark in marks & there.keys()], kind__in=["school", "team"]
            )
            paged = Delivery.objects.filter(state="sent").values("leg_id")
            lost += due.exclude(pk__in=paged).count()
    return vanished, lost


def _repeated(schools: Sequence[LiveSchool], sink: Sink) -> int:
    """How often the gateway got a page once more. AssertionError for one that no claim accounts for, or that is nobody's."""
    claims: dict[str, int] = {}
    for school in schools:
        with use_tenant(school.pk):
            rows = Delivery.objects.filter(channel__in=["sms", "voice"]).values_list("pk", "claims", "state")
            for pk, taken, state in rows:
                key = secrets.reference_of(pk)
                claims[key] = taken
                assert state != "sent" or key in sink.keys, "a page that is written as sent never arrived"
    for key, times in sink.keys.items():
        assert times <= claims[key], "a page went out oftener than it was claimed"
    return sum(times - 1 for times in sink.keys.values())


def _until_up(server: "subprocess.Popen[bytes]", engine: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 240
    while len(children_of(engine.pid)) < CHILDREN or len(children_of(server.pid)) < 2:
        assert time.monotonic() < until, "web and engine did not start"
        time.sleep(0.2)
    time.sleep(3)


def _told(killers: dict[str, Killer]) -> str:
    return ", ".join(f"{killer.kills} {name}" for name, killer in killers.items())


def _say(line: str) -> None:
    print(f"faults: {line} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)

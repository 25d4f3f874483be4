"""E5: the clocks of web, engine and watchdog stand an hour and a day off, before and behind; nothing is early, nothing lost.

Four web servers, four engines and four watchdogs, each pair with its own wrong clock (``bench._shifted``), and one engine whose
clock is right: one that is more than a minute off says so and takes nothing. Heads report through the wrong servers; nobody
answers, so each school's leg goes on to its second step. ``ours`` counts what is lost, early or refused, ``floor`` is 0.
"""

import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F

from bench._chain import LiveSchool, Sink, make_live_school
from bench._reports import Reports, report_all
from bench._servers import children_of, web
from bench._shifted import env_of, library
from bench.faults import missing
from bench.first_page import start_engine
from kernel.clock import now
from notifications import signing
from referrals.emergency.models import Delivery, EngineProcess, Recipient
from referrals.emergency.models.engine import ENGINE
from referrals.emergency.rules.grades import STEP_WAIT, Grade
from tenancy.scope import no_scope, use_tenant

SHIFTS = (3_600, -3_600, 86_400, -86_400)
PORT = 18_880
SECRET = "bench"
COUNT = 10
"""Reports through each server."""
SECOND_STEP = STEP_WAIT[Grade.EXTREME] + timedelta(seconds=40)


def run() -> dict[str, Any]:
    """Ten reports through each of four servers; three and a half minutes."""
    settings.GATEWAY_SECRET = os.environ["GATEWAY_SECRET"] = SECRET
    schools = [make_live_school(number, 0) for number in range(len(SHIFTS))]
    sink = Sink()
    processes: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryDirectory(prefix="xinqiao-clock-") as folder:
        made = library(Path(folder))
        try:
            right = start_engine(sink)
            processes.append(right)
            servers = []
            for number, shift in enumerate(SHIFTS):
                env = env_of(made, shift)
                servers.append(web(PORT + number, 1, env))
                processes += [servers[-1], start_engine(sink, env=env), _watchdog(env)]
            _until(lambda: all(children_of(server.pid) for server in (*servers, right)), "all have started")
            _until(lambda: _signs()[0] == len(SHIFTS) + 1, "every engine has signed")
            reports = _report(schools)
            receipts = [_receipts(school, PORT + number) for number, school in enumerate(schools)]
            _say(f"{len(reports.received)} received, {reports.refused} not; receipts {receipts}")
            _until(lambda: missing(schools, reports)[1] == 0, "every leg has its page", 120)
            time.sleep(SECOND_STEP.total_seconds())
            engines, skewed, watchdogs = _signs()
        finally:
            for process in processes:
                process.send_signal(signal.SIGTERM)
            for process in processes:
                process.wait(timeout=60)
            sink.shutdown()
    vanished, lost = missing(schools, reports)
    early, seconds = _early(schools)
    # One signed now is read, and its key is nobody's; one signed a quarter of an hour ago is refused, whatever the clock says.
    inbound = [pair for pair in receipts if pair != (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED)]
    return {
        "ours": vanished + lost + early + reports.refused + sink.unsigned + len(inbound),
        "floor": 0,
        "ratio": None,
        "refused": reports.refused,
        "lost": vanished + lost,
        "early": early,
        "unsigned": sink.unsigned,
        "inbound": len(inbound),
        "second_steps": seconds,
        "engines": engines,
        "skewed": skewed,
        "watchdogs": watchdogs,
        "load": round(os.getloadavg()[0], 1),
        "unit": "faults",
        "n": len(reports.received),
    }


def _report(schools: Sequence[LiveSchool]) -> Reports:
    """Each school through a server of its own."""
    whole = Reports()
    for number, school in enumerate(schools):
        found = report_all([school], PORT + number, count=COUNT, per_second=5, threads=2)
        whole.received += found.received
        whole.refused += found.refused
    return whole


def _receipts(school: LiveSchool, port: int) -> tuple[int, int]:
    """How a receipt that is signed now is answered, and one that was signed a quarter of an hour ago."""
    body = json.dumps({"key": "0" * 32, "state": "read", "at": now().isoformat()}).encode()
    answered = []
    for moment in (now(), now() - timedelta(minutes=15)):
        headers = {"Host": school.host, "Content-Type": "application/json", **signing.headers_for(body, at=moment)}
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("POST", "/api/v1/gateway/receipts/", body, headers)
        answered.append(connection.getresponse().status)
        connection.close()
    return answered[0], answered[1]


def _watchdog(env: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "manage.py", "emergency_watchdog"], env=env)


def _signs() -> tuple[int, int, int]:
    """Engines that signed within the minute, how many of them are more than a minute off, and watchdogs."""
    with no_scope():
        rows = list(EngineProcess.objects.extra(where=["beat_at > chain_now() - interval '30 seconds'"]))
    engines = [row for row in rows if row.kind == ENGINE]
    return len(engines), sum(abs(row.skew_ms) > 60_000 for row in engines), len(rows) - len(engines)


def _early(schools: Sequence[LiveSchool]) -> tuple[int, int]:
    """Pages that left before their moment and second steps before their wait was over; how many second steps there were."""
    early = steps = 0
    for school in schools:
        with use_tenant(school.pk):
            early += Delivery.objects.filter(settled_at__lt=F("due_at"), state="sent").count()
            first = dict(
                Recipient.objects.filter(leg__kind="school", role="on_duty:1", round=1).values_list(
                    "leg_id", "paged_at"
                )
            )
            for leg, paged_at in Recipient.objects.filter(role="on_duty:2", round=1).values_list("leg_id", "paged_at"):
                steps += 1
                early += paged_at - first[leg] < STEP_WAIT[Grade.EXTREME]
    return early, steps


def _until(true: Any, what: str, seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, what
        time.sleep(0.5)
    _say(what)


def _say(line: str) -> None:
    print(f"clocks: {line} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)

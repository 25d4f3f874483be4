"""E2: from an incident's commit to the first page of every leg that is due at once, with real engine processes.

Home is safe and the grade extreme, so school, team, family and the hand at the telephone are due in the same moment. ``ours``
is the 99th percentile in seconds over all those legs, ``floor`` what the promise allows (2 s). ``rate``: openings a second that
were really reached; ``cpu``: ms an incident, of the engines and of every server of the database, until all legs had their page;
``opening``: ms of Python of whoever opens one. Both share two cores, so what a machine has left is 2 000 less 20 × their sum.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any

from bench._chain import LiveSchool, Sink, make_live_school
from bench._cpu import cpu_of
from kernel.clock import now
from referrals.emergency.models import EngineProcess, Leg
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.opening import open_incident
from tenancy.scope import no_scope, use_tenant

PROMISED_SECONDS = 2.0
PER_SECOND = 20
SCHOOLS = 20
ENGINES = 2


def run(seconds: int = 10, *, long: bool = False) -> dict[str, Any]:
    """Twenty incidents a second over twenty schools for ``seconds``; a minute with ``long``. AssertionError for a lost page."""
    lasts = 60 if long else seconds
    schools = [make_live_school(number, lasts * PER_SECOND // SCHOOLS) for number in range(SCHOOLS)]
    sink = Sink()
    with no_scope():
        EngineProcess.objects.all().delete()
    engines = [start_engine(sink) for _ in range(ENGINES)]
    pids = [engine.pid for engine in engines]
    count = lasts * PER_SECOND
    try:
        _until_they_sign()
        began, spent, own = time.monotonic(), cpu_of(*pids), time.thread_time()
        opened = open_all(schools, lasts)
        took, own = time.monotonic() - began, time.thread_time() - own
        waited = _waited(opened, sink)
        spent = cpu_of(*pids) - spent
    finally:
        for engine in engines:
            engine.send_signal(signal.SIGTERM)
        for engine in engines:
            engine.wait(timeout=30)
        sink.shutdown()
    assert max(sink.keys.values()) == 1, "a page went out twice"
    waited.sort()
    p99 = waited[int(len(waited) * 0.99) - 1]
    return {
        "ours": round(p99, 3),
        "floor": PROMISED_SECONDS,
        "ratio": round(p99 / PROMISED_SECONDS, 3),
        "median": round(waited[len(waited) // 2], 3),
        "rate": round(count / took, 1),
        "cpu": round(spent * 1000 / count, 1),
        "opening": round(own * 1000 / count, 1),
        "load": round(os.getloadavg()[0], 1),
        "unit": "s",
        "n": len(waited),
    }


def start_engine(sink: Sink, children: int = 1, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """A real engine that sends to ``sink``."""
    env = {**(env or os.environ), "GATEWAY_URL": sink.url, "GATEWAY_IS_OWN": "1"}
    return subprocess.Popen([sys.executable, "manage.py", "emergency_engine", "--children", str(children)], env=env)


def _until_they_sign() -> None:
    """They load Django first, which takes its time on a busy machine. AssertionError after four minutes."""
    until = time.monotonic() + 240
    with no_scope():
        while EngineProcess.objects.count() < ENGINES:
            assert time.monotonic() < until, "the engines did not start"
            time.sleep(0.1)


def open_all(schools: list[LiveSchool], lasts: int) -> dict[str, float]:
    """Leg → the moment at which its incident was committed, for legs that are due at once."""
    opened: dict[str, float] = {}
    began = time.time()
    for turn in range(lasts * PER_SECOND):
        school = schools[turn % SCHOOLS]
        pause = began + turn / PER_SECOND - time.time()
        if pause > 0:
            time.sleep(pause)
        with use_tenant(school.pk):
            incident = open_incident(actor=school.duty, opening=_opening(school, turn)).incident
            committed = time.time()
            legs = Leg.objects.filter(incident=incident, kind__in=["school", "team", "family", "medical"])
            opened |= {str(pk): committed for pk in legs.values_list("pk", flat=True)}
    return opened


def _opening(school: LiveSchool, turn: int) -> Opening:
    return Opening(
        kind="psychological",
        grade="extreme",
        found_at=now(),
        signs="bench",
        person_id=school.people[turn // SCHOOLS],
        home="safe",
    )


def _waited(opened: dict[str, float], sink: Sink) -> list[float]:
    until = time.time() + 30
    while opened.keys() - sink.first.keys() and time.time() < until:
        time.sleep(0.1)
    lost = opened.keys() - sink.first.keys()
    assert not lost, f"{len(lost)} legs without a page"
    return [sink.first[leg] - committed for leg, committed in opened.items()]

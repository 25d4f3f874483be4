"""P5, sending alone: pages of one channel a second, from the claim to the settled row, by one engine to a sink on this machine.

The pages stand written and due before the engine is let go; its lines to the sink are kept alive. ``floor`` is the same body
posted by as many threads on kept lines, with nothing claimed, made or settled. ``cpu``: milliseconds a page, of the engine's
processes and of the servers behind their connections: other work on the machine moves it less than the rate.
"""

import http.client
import json
import os
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, connections

from bench._chain import Sink, make_live_school
from bench._cpu import spent_by
from bench._rush import write_incidents
from bench.first_page import start_engine
from bench.rush import put_away
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.processes import POOLS
from referrals.emergency.models import Delivery, Leg
from referrals.emergency.rules.grades import Grade
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import across_tenants, use_tenant

SCHOOLS = 20
CHANNEL = "sms"
CHILDREN = 2
"""As an engine starts where nothing else is said."""


def run(pages: int = 2_000, *, long: bool = False) -> dict[str, Any]:
    """So many messages of twenty schools; ``long``: 20 000. AssertionError when one is lost or goes out twice."""
    count = 20_000 if long else pages
    put_away()  # of whatever case came before
    _write(count)
    sink = Sink()
    engine = start_engine(sink, children=CHILDREN)
    try:
        while len(sink.keys) < 1:
            time.sleep(0.01)
        began, first, spent = time.monotonic(), _left(), spent_by(engine.pid)
        while left := _left():
            assert time.monotonic() - began < 600, f"{left} pages wait still"
            time.sleep(0.05)
        rate = first / (time.monotonic() - began)
        spent = spent_by(engine.pid) - spent
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(timeout=60)
        sink.shutdown()
    assert len(sink.keys) == count, "a page was lost"
    assert max(sink.keys.values()) == 1, "a page went out twice"
    floor = _bare(count)
    put_away()
    return {
        "ours": round(rate, 1),
        "floor": round(floor, 1),
        "ratio": round(rate / floor, 3),
        **spent.each(first),
        "load": round(os.getloadavg()[0], 1),
        "unit": "pages/s",
        "n": count,
    }


def _write(count: int) -> None:
    """Messages alone, all due: what else a step writes is put away."""
    for number in range(SCHOOLS):
        school = make_live_school(number, 0)
        with use_tenant(school.pk):
            write_incidents([None] * (count // SCHOOLS), Grade.MAJOR, chain_now())
            while decide_school():
                pass
            Delivery.objects.exclude(channel=CHANNEL).update(state="dropped")
            _to_people_of_their_own()
            Leg.objects.update(next_at=chain_now() + timedelta(days=1))
    print(f"sending: {count} written (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)


def _to_people_of_their_own() -> None:
    """One colleague is called for a hundred incidents in no minute that a house ever sees: each of these goes to somebody else."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE emergency_recipient SET target_hash = sha256(id::text::bytea)")


def _left() -> int:
    with across_tenants("how many pages of a measurement wait") as alias, connections[alias].cursor() as cursor:
        cursor.execute("SELECT count(*) FROM emergency_delivery WHERE state IN ('queued', 'claimed')")
        return int(cursor.fetchone()[0])


def _bare(count: int) -> float:
    sink = Sink()
    threads = POOLS[CHANNEL]
    host = urlsplit(sink.url).netloc

    def run(share: int) -> None:
        line = http.client.HTTPConnection(host)
        for number in range(share, count, threads):
            body = json.dumps(
                {"key": str(number), "channel": CHANNEL, "leg": "", "to": "+8613900000000", "body": "x" * 80}
            )
            line.request("POST", "/send", body, {"Content-Type": "application/json"})
            line.getresponse().read()

    began = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(run, range(threads)))
    took = time.monotonic() - began
    sink.shutdown()
    return count / took

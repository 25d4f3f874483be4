"""E2, the city's rush: thousands of incidents over many schools stand written before an engine is let go.

``ours`` is when the last leg had its first page, in seconds after the first child of the engine gave a sign; ``floor`` what
the promise allows (60 s for 10 000 incidents). Every tenth incident is extreme and has a family; one school has a tenth of
all. ``hanging``: the same with a gateway that takes calls and never answers them: neither first pages nor messages may wait for it.
A figure in which a leg has no page (``lost``), or a page went out twice (``again``), is none; where pages still wait when the
time is over (``waiting``: a machine that is too slow), ``rest`` says only how long was waited.
"""

import os
import signal
import statistics
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connections
from django.db.models import Max, Min

from bench._chain import LiveSchool, Sink, make_live_school
from bench._rush import write_incidents
from bench.first_page import start_engine
from referrals.emergency.models import Delivery, EngineProcess, Leg
from referrals.emergency.rules.grades import Grade
from referrals.emergency.rules.sending import RANKS, Rank
from referrals.emergency.workflow.moving import chain_now
from tenancy.scope import across_tenants, no_scope, use_tenant

FIRST_PAGE_SECONDS = 60.0
REST_SECONDS = 600.0
CHILDREN = 2
EXTREME_ONE_IN = 10


@dataclass
class Rush:
    """How one run went: seconds after the engine's first sign. ``first``: leg → its first page, by school. ``lost``: legs without
    one when the time was over, ``waiting``: other pages that had not left by then; ``again``: pages that went out twice.
    """

    first: dict[UUID, list[float]] = field(default_factory=dict)
    rest: float = 0.0
    sent: int = 0
    again: int = 0
    lost: int = 0
    waiting: int = 0

    @property
    def last_first(self) -> float:
        return max(max(one) for one in self.first.values())

    def most_unfair(self) -> float:
        """The school that waited longest beside its share: 1 is as long as when all take turns, leg by leg.

        A share of a school with n legs is the time in which every school has had its first n legs paged.
        """
        sizes = [len(one) for one in self.first.values()]
        rate = sum(sizes) / self.last_first
        return max(max(one) / (sum(min(size, len(one)) for size in sizes) / rate) for one in self.first.values())


def run(schools: int = 60, *, long: bool = False) -> dict[str, Any]:
    """Ten incidents a school, 60 schools; with ``long`` a thousand."""
    count = 1_000 if long else schools
    sides: dict[str, Rush] = {}
    put_away()  # of whatever case came before
    for name, hangs in (("plain", ""), ("hanging", "voice")):
        legs = _write(count)
        sides[name] = _let_go(count, legs, hangs)
        one = sides[name]
        _say(
            f"{name}: first pages {one.last_first:.1f} s, rest {one.rest:.1f} s, {one.sent} pages, {one.most_unfair():.2f} × a"
            f" share; {one.lost} legs lost, {one.waiting} pages late, {one.again} twice"
        )
        put_away()
    plain, hanging = sides["plain"], sides["hanging"]
    waits = sorted(wait for legs in plain.first.values() for wait in legs)
    return {
        "ours": round(plain.last_first, 2),
        "floor": FIRST_PAGE_SECONDS,
        "ratio": round(plain.last_first / FIRST_PAGE_SECONDS, 3),
        "median": round(statistics.median(waits), 2),
        "rest": round(plain.rest, 1),
        "share": round(plain.most_unfair(), 2),
        "hanging": round(hanging.last_first, 2),
        "hanging_rest": round(hanging.rest, 1),
        "pages": plain.sent,
        "legs": len(waits),
        "again": plain.again + hanging.again,
        "lost": plain.lost + hanging.lost,
        "waiting": plain.waiting + hanging.waiting,
        "load": round(os.getloadavg()[0], 1),
        "unit": "s",
        "n": count * 10,
    }


def _write(count: int) -> int:
    """Incidents of ``count`` schools, the first of which has a tenth of all; how many legs are due."""
    total, legs = count * 10, 0
    crowd = total // 10
    each = (total - crowd) // max(count - 1, 1)
    for number in range(count):
        here = crowd if number == 0 else each
        extreme = here // EXTREME_ONE_IN or (1 if number % EXTREME_ONE_IN else 0)
        school: LiveSchool = make_live_school(number, extreme)
        with use_tenant(school.pk):
            due = chain_now()
            legs += write_incidents(school.people, Grade.EXTREME, due)
            legs += write_incidents([None] * (here - extreme), Grade.MAJOR, due, extreme)
        if number % 100 == 99:
            _say(f"{number + 1} schools written")
    return legs


def _let_go(count: int, legs: int, hangs: str) -> Rush:
    with no_scope():
        EngineProcess.objects.all().delete()
    sink = Sink(hangs=hangs)
    engine = start_engine(sink, children=CHILDREN)
    try:
        began = _until_it_signs()
        until = time.monotonic() + REST_SECONDS + FIRST_PAGE_SECONDS
        last = 0.0
        while (left := _left(legs, began)) and time.monotonic() < until:
            if time.monotonic() - last > 10:
                last = time.monotonic()
                _say(f"{left[0]} legs without a page, {left[1]} pages wait")
            time.sleep(1)
    finally:
        engine.send_signal(signal.SIGTERM)
        engine.wait(timeout=60)
        sink.shutdown()
    rush = _read(began, sink.keys)
    rush.lost, rush.waiting = _left(legs, began) or (0, 0)
    return rush


def _until_it_signs() -> datetime:
    while True:
        with no_scope():
            found = EngineProcess.objects.aggregate(first=Min("started_at"))["first"]
        if found is not None:
            moment: datetime = found
            return moment
        time.sleep(0.02)


def _left(legs: int, began: datetime) -> tuple[int, int] | None:
    """Legs that nobody was paged on yet, and pages of first steps that wait; nothing once none does. Calls come a minute later."""
    with across_tenants("how far a rush has come") as alias, connections[alias].cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT leg_id) FILTER (WHERE state = 'sent'),"
            " count(*) FILTER (WHERE state IN ('queued', 'claimed') AND channel <> 'voice' AND rank < %s)"
            " FROM emergency_delivery WHERE created_at >= %s",
            [RANKS[Rank.LATER_STEP], began],
        )
        paged, waiting = cursor.fetchone()
    return (legs - paged, waiting) if paged < legs or waiting else None


def _read(began: datetime, keys: Mapping[str, int]) -> Rush:
    rush = Rush(again=sum(times - 1 for times in keys.values()))
    with across_tenants("when each leg of a rush had its first page") as alias:
        rows = Delivery.objects.using(alias).filter(state="sent", settled_at__gte=began)
        for tenant, _leg, first in rows.values_list("tenant_id", "leg_id").annotate(first=Min("settled_at")):
            rush.first.setdefault(tenant, []).append((first - began).total_seconds())
        silent = rows.exclude(channel="voice").filter(rank__lt=RANKS[Rank.LATER_STEP])
        rush.rest = (silent.aggregate(last=Max("settled_at"))["last"] - began).total_seconds()
        rush.sent = rows.count()
    return rush


def put_away() -> None:
    """The incidents of one side leave the other's engine alone: their clocks stand a year ahead."""
    with across_tenants("schools of a rush that is over") as alias:
        places = set(Leg.objects.using(alias).exclude(next_at=None).values_list("tenant_id", flat=True))
    for place in places:
        with use_tenant(place):
            Leg.objects.exclude(next_at=None).update(next_at=chain_now() + timedelta(days=365))
            Delivery.objects.filter(state__in=["queued", "claimed"]).update(state="dropped")


def _say(line: str) -> None:
    print(f"rush: {line} (load {os.getloadavg()[0]:.1f})", file=sys.stderr, flush=True)

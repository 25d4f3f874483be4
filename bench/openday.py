"""An open day's rush: 1 000 people answer for 200 places, and 2 000 marks kept at the gate are sent twice (books §6).

Ours is how many get a place, which must be exactly 200; the floor is how many the same count without the lock lets in.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

from django.db import connection, connections, transaction
from django.db.models import F, Sum

from content.opendays import seating
from content.opendays.models import Claim, Mark
from content.opendays.workflow.answering import answer
from content.opendays.workflow.gate import Sent, open_gate, take_marks
from kernel.clock import as_of
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.opendays.world import World, another_invitation, family, make_world

PLACES = 200
WORKERS = 32


def run(n: int = 1000, marks: int = 2000) -> dict[str, Any]:
    """AssertionError when a place is given twice, the line has a gap, or a mark counts twice."""
    world, seconds = _rush(n)
    with use_tenant(world.school.pk):
        claims = Claim.objects.filter(session=world.entry)
        sums = claims.aggregate(seats=Sum("seats"), wants=Sum("wants"))
        assert sums == {"seats": PLACES, "wants": n - PLACES}, sums
        assert sorted(claims.exclude(line=None).values_list("line", flat=True)) == list(range(1, n - PLACES + 1))
    let_in = _control()
    assert let_in > 1, "the control lets nobody in twice: the race is not real"
    return {
        "case": "openday",
        "ours": PLACES,
        "floor": let_in,
        "ratio": 1.0,
        "unit": "people with a place",
        "n": n,
        "seconds": round(seconds, 1),
        "marks": marks,
        "marks_seconds": round(_gate(world, marks), 2),
    }


def _rush(n: int) -> tuple[World, float]:
    school = make_school()
    with use_tenant(school.pk):
        world = make_world(school, capacity=PLACES)
        links = [another_invitation(world).token for _ in range((n + 3) // 4)]

    def act(place: int) -> None:
        answer(token=links[place // 4], form_key=f"{place}", said=family(may_wait=True))

    return world, _together(school, n, act)


def _together(school: Any, n: int, act: Any) -> float:
    gate = threading.Barrier(WORKERS + 1)

    def worker(number: int) -> None:
        try:
            with use_tenant(school.pk):
                connection.ensure_connection()
                gate.wait(timeout=120)
                for place in range(number, n, WORKERS):
                    act(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WORKERS) as pool:
        running = [pool.submit(worker, number) for number in range(WORKERS)]
        gate.wait(timeout=120)
        begun = time.perf_counter()
        for each in running:
            each.result()
    return time.perf_counter() - begun


def _control() -> int:
    """One place, and everybody counts before anybody writes: what is let in without the lock."""
    school = make_school()
    with use_tenant(school.pk):
        world = make_world(school, capacity=1)
        links = [another_invitation(world).token for _ in range(WORKERS)]
    looked = threading.Barrier(WORKERS)

    def careless(place: int) -> None:
        free = seating.free_in(world.entry, world.day.created_at)
        looked.wait(timeout=120)
        if free < 1:
            return
        with transaction.atomic():
            answer(token=links[place], form_key="control", said=family(may_wait=True))
            Claim.objects.filter(session=world.entry, wants__gt=0).update(seats=F("wants"), wants=0, line=None)

    _together(school, WORKERS, careless)
    with use_tenant(school.pk):
        seats: int = Claim.objects.filter(session=world.entry).aggregate(total=Sum("seats"))["total"]
    return seats


def _gate(world: World, marks: int) -> float:
    """Seconds for all marks sent twice; each counts once."""
    with use_tenant(world.school.pk):
        gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
        sent = [Sent(uuid4(), "", 1, world.day.starts_at) for _ in range(marks)]
        with as_of(world.day.starts_at):
            begun = time.perf_counter()
            for _ in range(2):
                for start in range(0, marks, 500):
                    take_marks(token=gate.token, school=world.school, marks=sent[start : start + 500])
            seconds = time.perf_counter() - begun
        assert Mark.objects.aggregate(total=Sum("people")) == {"total": marks}
    return seconds

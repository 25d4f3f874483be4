"""An open day's rush: 1 000 people answer for 200 places, and 2 000 marks kept at the gate are sent twice (books §6).

Ours is how many get a place, which must be what is asked, 200; the floor is how many the same count without the lock lets in
where one place is left. ``marks_counted``: what stands of ``marks`` that were sent twice.
"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection, connections, transaction
from django.db.models import F, Sum

from accounts.actor import Actor
from accounts.models import User
from accounts.roles import Role
from bench._vouchers import make_member
from content.opendays import seating
from content.opendays.models import Claim, Mark, OpenDay, Session
from content.opendays.rules import Band
from content.opendays.workflow.answering import Answer, answer
from content.opendays.workflow.days import Plan, plan_day, publish_day
from content.opendays.workflow.gate import Sent, open_gate, take_marks
from content.opendays.workflow.inviting import invite
from demo.worlds import operator_of
from kernel.clock import as_of, local_day, now, start_of_day
from kernel.identifiers import uuid7
from schools.workflow import create_school, platform_tenant
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

SHARE = 5
"""One place for so many people: 200 for 1 000."""
WORKERS = 32

ALONE = Answer(counts={Band.ADULT: 1}, sessions=(), address="Bench", may_wait=True)


@dataclass(frozen=True)
class Ground:
    """A school with a published day of some places, and as many links as families need, four to a link."""

    school: Tenant
    organiser: Actor
    day: OpenDay
    entry: Session
    links: list[str]


def make_ground(places: int, families: int) -> Ground:
    """Commit it."""
    platform = platform_tenant()
    slug = f"bench-{uuid7().hex[-12:]}"
    running, organising, *hosts = User.objects.bulk_create(
        User(email=f"{n}@{slug}.example", password="!", full_name="Bench", is_operator=n == 0)
        for n in range(2 + (families + 3) // 4)
    )
    operator = operator_of(platform, running)
    with use_tenant(platform.id), transaction.atomic():
        school = create_school(actor=operator, slug=slug, name="Bench", kind=TenantKind.MIDDLE, code="BO")
    nine = start_of_day(local_day(now()) + timedelta(days=21)) + timedelta(hours=9)
    with use_tenant(school.id), transaction.atomic():
        organiser = make_member(school, organising, Role.UNION)
        ends_at = nine + timedelta(hours=2)
        plan = Plan("Bench", "-", nine, ends_at, answers_until=nine - timedelta(days=1), capacity=places)
        day = plan_day(actor=organiser, school=school, plan=plan)
        publish_day(actor=organiser, open_day_id=day.pk)
        links = [invite(actor=make_member(school, host, Role.STAFF), open_day_id=day.pk).token for host in hosts]
        return Ground(school, organiser, day, day.sessions.get(), links)


def run(n: int = 1000, marks: int = 2000) -> dict[str, Any]:
    """AssertionError when a place is given twice, the line has a gap, or a mark counts twice."""
    places = n // SHARE
    world, seconds = _rush(places, n)
    with use_tenant(world.school.pk):
        claims = Claim.objects.filter(session=world.entry)
        sums = claims.aggregate(seats=Sum("seats"), wants=Sum("wants"))
        assert sums == {"seats": places, "wants": n - places}, sums
        assert sorted(claims.exclude(line=None).values_list("line", flat=True)) == list(range(1, n - places + 1))
    let_in = _control()
    assert let_in > 1, "the control lets nobody in twice: the race is not real"
    counted, marks_seconds = _gate(world, marks)
    return {
        "ours": sums["seats"],
        "asked": places,
        "floor": let_in,
        "ratio": 1.0,
        "unit": "people with a place",
        "n": n,
        "seconds": round(seconds, 1),
        "marks": marks,
        "marks_counted": counted,
        "marks_seconds": round(marks_seconds, 2),
    }


def _rush(places: int, n: int) -> tuple[Ground, float]:
    ground = make_ground(places, n)

    def act(place: int) -> None:
        answer(token=ground.links[place // 4], form_key=f"{place}", said=ALONE)

    return ground, _together(ground.school, n, act)


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
    world = make_ground(1, WORKERS * 4)
    looked = threading.Barrier(WORKERS)

    def careless(place: int) -> None:
        free = seating.free_in(world.entry, world.day.created_at)
        looked.wait(timeout=120)
        if free < 1:
            return
        with transaction.atomic():
            answer(token=world.links[place], form_key="control", said=ALONE)
            Claim.objects.filter(session=world.entry, wants__gt=0).update(seats=F("wants"), wants=0, line=None)

    _together(world.school, WORKERS, careless)
    with use_tenant(world.school.pk):
        seats: int = Claim.objects.filter(session=world.entry).aggregate(total=Sum("seats"))["total"]
    return seats


def _gate(world: Ground, marks: int) -> tuple[int, float]:
    """How many people all marks count that were sent twice, and the seconds it takes; AssertionError unless each counts once."""
    with use_tenant(world.school.pk):
        gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
        sent = [Sent(uuid4(), "", 1, world.day.starts_at) for _ in range(marks)]
        with as_of(world.day.starts_at):
            begun = time.perf_counter()
            for _ in range(2):
                for start in range(0, marks, 500):
                    take_marks(token=gate.token, school=world.school, marks=sent[start : start + 500])
            seconds = time.perf_counter() - begun
        counted: int = Mark.objects.aggregate(total=Sum("people"))["total"]
        assert counted == marks, counted
    return counted, seconds

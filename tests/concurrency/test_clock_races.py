"""An alarm clock an incident: one that somebody holds, or whose process hangs, delays no other (chain §3)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections, transaction

from kernel.clock import now
from referrals.emergency.engine import incident_clocks
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.task_clocks import decide_tasks
from referrals.emergency.models import Incident, WatchTask
from referrals.emergency.workflow.moving import lock
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.incident_rows import task_row
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")
LONG_AGO = timedelta(minutes=9)
MOMENT = 1.5
"""Seconds; whoever waited for the hand that holds one of them waits as long as it holds."""


@contextmanager
def in_hand(world: World, incident: Incident) -> Iterator[None]:
    """Somebody writes ``incident``, and has not come to an end, while the block lasts."""
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with use_tenant(world.school.pk), transaction.atomic():
            Incident.objects.select_for_update(no_key=True).get(pk=incident.pk)
            held.set()
            over.wait(30)
        connections.close_all()

    hand = threading.Thread(target=hold)
    hand.start()
    assert held.wait(30)
    try:
        yield
    finally:
        over.set()
        hand.join()


def two_due(world: World) -> tuple[Incident, Incident]:
    """Both clocks have run out, the first one's longest ago."""
    found = []
    with use_tenant(world.school.pk):
        for number in range(2):
            person = make_person(world.school, "staff", phone=f"+8613700000{number:03d}")
            one = world.open(person_id=person.pk, grade="major")
            Incident.objects.filter(pk=one.pk).update(next_at=now() - LONG_AGO + timedelta(minutes=number))
            found.append(one)
    return found[0], found[1]


def is_due(world: World, incident: Incident) -> bool:
    with use_tenant(world.school.pk):
        return bool(Incident.objects.filter(pk=incident.pk, next_at__lte=now()).exists())


def timed(world: World, act: Callable[[], int]) -> tuple[int, float]:
    """What it did, and how long it took, in a thread of its own that is left after ten seconds."""
    found: list[int] = []

    def run() -> None:
        with use_tenant(world.school.pk):
            found.append(act())
        connections.close_all()

    began = time.monotonic()
    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(10)
    return (found or [0])[0], time.monotonic() - began


def test_an_incident_in_somebodys_hand_delays_no_other(world: World) -> None:
    first, second = two_due(world)
    with in_hand(world, first):
        done, took = timed(world, decide_incidents)
        assert done == 1 and took < MOMENT
        assert is_due(world, first) and not is_due(world, second)
        assert timed(world, lambda: decide_incidents(limit=1))[0] == 0, (
            "and it takes nobody's place among those looked at"
        )
    assert timed(world, decide_incidents)[0] == 1
    assert not is_due(world, first), "it was not lost, and not put off"


def test_control_whoever_waits_for_it_lets_the_other_wait(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two_due(world)
    table = (
        "SELECT id, id AS incident_id FROM emergency_incident WHERE next_at <= chain_now() AND next_event = ANY (%s)"
        " ORDER BY next_at LIMIT %s"
    )
    monkeypatch.setattr(incident_clocks, "take", lock)
    monkeypatch.setattr(incident_clocks, "free", lambda _table, **_only: table)
    with in_hand(world, first):
        _done, took = timed(world, decide_incidents)
        assert took > 9 and is_due(world, second)


def test_nor_does_its_task(world: World) -> None:
    first, second = two_due(world)
    with use_tenant(world.school.pk):
        rows: list[Any] = [
            task_row(one, world.members["duty"], next_at=now() - LONG_AGO, due_at=now() - LONG_AGO)
            for one in (first, second)
        ]
    with in_hand(world, first):
        done, took = timed(world, decide_tasks)
    assert done == 1 and took < MOMENT
    with use_tenant(world.school.pk):
        late = WatchTask.objects.filter(pk__in=[row.pk for row in rows], next_at__lte=now())
        assert [row.incident_id for row in late] == [first.pk]

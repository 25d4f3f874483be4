"""The same marks from two gates at the same moment, in two orders: each counts once, both gates are told that all stand, and
nobody is shut out by a deadlock (books §6). The controls write as it must not be done and show that the race is real.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, OperationalError, connection, transaction

from content.opendays.checkins import families
from content.opendays.links import gate_hash_of
from content.opendays.models import Mark, Steward
from content.opendays.workflow.gate import Sent, open_gate, take_marks
from kernel.clock import as_of
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.opendays.world import World, come, family, make_world

pytestmark = pytest.mark.usefixtures("committed")

SENDINGS = 16
MARKS = 200
"""Every second is the code of one family of two, the others walked in."""


@pytest.fixture
def gates() -> tuple[World, str, list[Steward]]:
    """A day, the secret of a family of two, and two gates."""
    school = make_school()
    with use_tenant(school.pk):
        world = make_world(school)
        secret = come(world, family(2))
        return world, secret, [
            open_gate(actor=world.organiser, open_day_id=world.day.pk, gate=gate) for gate in ("东门", "西门")
        ]  # fmt: skip


def on_the_day(world: World, act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with as_of(world.day.starts_at + timedelta(minutes=5)):
            return act()

    return run


def test_the_same_marks_from_two_gates_in_two_orders_count_once_each(gates: tuple[World, str, list[Steward]]) -> None:
    world, secret, stewards = gates
    with use_tenant(world.school.pk):
        code = gate_hash_of(secret)
    marks = [Sent(uuid4(), code if n % 2 else "", 1, world.day.starts_at) for n in range(MARKS)]

    def sending(number: int) -> Callable[[], set[UUID]]:
        token, order = stewards[number % 2].token, marks[:: -1 if number % 2 else 1]
        return on_the_day(world, lambda: take_marks(token=token, school=world.school, marks=order))

    told = at_once(world.school, [sending(number) for number in range(SENDINGS)])
    assert told == [{mark.client_id for mark in marks}] * SENDINGS
    with use_tenant(world.school.pk):
        assert set(Mark.objects.values_list("client_id", flat=True)) == told[0]
        assert Mark.objects.count() == MARKS
        [row], whole = families(world.day)
        assert (row.inside, row.over, whole.walked_in, whole.here) == (2, MARKS // 2 - 2, MARKS // 2, MARKS)


def test_two_gates_that_are_each_half_way_do_not_wait_for_each_other(gates: tuple[World, str, list[Steward]]) -> None:
    """A third holds the mark in the middle until both sendings stand still: in their own orders each would have half by then."""
    world, _secret, (east, west) = gates
    marks = [Sent(uuid4(), "", 1, world.day.starts_at) for _ in range(MARKS)]

    def sending(steward: Steward, order: list[Sent]) -> Callable[[], set[UUID]]:
        def send() -> set[UUID]:
            held.wait(timeout=30)
            return take_marks(token=steward.token, school=world.school, marks=order)

        return on_the_day(world, send)

    held = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            middle = marks[MARKS // 2]
            Mark.objects.create(open_day=world.day, steward=east, client_id=middle.client_id, people=1, at=middle.at)
            held.set()
            until_waiting(2)
            transaction.set_rollback(True)

    told = at_once(world.school, [hold, sending(east, marks), sending(west, marks[::-1])])
    assert told == [None, *[{mark.client_id for mark in marks}] * 2]
    with use_tenant(world.school.pk):
        assert Mark.objects.count() == MARKS


def until_waiting(count: int) -> None:
    """Return once so many connections to this database wait for a lock; AssertionError after half a minute."""
    end = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < end:
            cursor.execute(
                "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted AND pid IN "
                "(SELECT pid FROM pg_stat_get_activity(NULL) WHERE datid = (SELECT oid FROM pg_database WHERE datname = current_database()))"
            )
            if cursor.fetchone()[0] >= count:
                return
    raise AssertionError("they do not wait")


def by_hand(world: World, steward: Steward, ids: list[UUID], between: threading.Barrier, *, ignore: bool) -> None:
    """One mark, and the others when the other gate has written its own first."""
    with transaction.atomic():
        for number, client_id in enumerate(ids):
            row = Mark(open_day=world.day, steward=steward, client_id=client_id, people=1, at=world.day.starts_at)
            Mark.objects.bulk_create([row], ignore_conflicts=ignore)
            if not number:
                between.wait(timeout=30)


def test_control_two_gates_that_write_crosswise_wait_for_each_other(gates: tuple[World, str, list[Steward]]) -> None:
    world, _secret, (east, west) = gates
    ids, between = [uuid4(), uuid4()], threading.Barrier(2)
    said = at_once(
        world.school,
        [
            lambda: by_hand(world, east, ids, between, ignore=True),
            lambda: by_hand(world, west, ids[::-1], between, ignore=True),
        ],
    )
    assert ["deadlock" in str(each) for each in said if isinstance(each, OperationalError)] == [True], said


def test_control_a_gate_that_looks_first_and_then_writes_is_refused_by_the_key(
    gates: tuple[World, str, list[Steward]],
) -> None:
    world, _secret, stewards = gates
    mark, looked = uuid4(), threading.Barrier(2)

    def careless(steward: Steward) -> None:
        if Mark.objects.filter(client_id=mark).exists():
            return
        looked.wait(timeout=30)
        Mark.objects.create(open_day=world.day, steward=steward, client_id=mark, people=1, at=world.day.starts_at)

    said = at_once(world.school, [lambda steward=steward: careless(steward) for steward in stewards])
    assert [isinstance(each, IntegrityError) for each in said if each is not None] == [True], said
    with use_tenant(world.school.pk):
        assert Mark.objects.count() == 1

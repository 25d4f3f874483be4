"""Several who reach for one stretch at once: exactly as many get it as there are seats (books §4)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Event, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, connections, transaction

from kernel.errors import Conflict
from seats import places
from tenancy.scope import use_tenant
from tests.conftest import make_school

pytestmark = pytest.mark.usefixtures("committed")

START = datetime(2027, 3, 1, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
RACERS = 64


def race(acts: list[Callable[[], Any]]) -> list[Any]:
    """Runs them at once, in three schools by turns; what each returned or raised."""
    schools = [make_school() for _ in range(3)]
    gate, answers = Barrier(len(acts)), [None] * len(acts)

    def run(place: int) -> None:
        try:
            with use_tenant(schools[place % 3].pk):
                connection.ensure_connection()
                gate.wait(timeout=60)
                with transaction.atomic():
                    answers[place] = acts[place]()
        except Conflict as error:
            answers[place] = error
        finally:
            connections.close_all()

    threads = [Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def taken(answers: list[Any]) -> int:
    """How many got it."""
    return sum(isinstance(answer, places.Taken) for answer in answers)


@pytest.mark.parametrize("capacity", [1, 8])
def test_of_many_from_three_schools_exactly_as_many_get_it_as_there_are_seats(capacity: int) -> None:
    resource = uuid4()
    hold = timedelta(minutes=5)
    acts = [lambda: places.take(resource, START, START + HOUR, capacity=capacity, hold=hold) for _ in range(RACERS)]
    assert taken(race(acts)) == capacity


def test_the_control_looks_without_the_lock_and_takes_too_many() -> None:
    """The same act as one would write it by hand: look first, take then. Seats above one have no constraint to save it."""
    resource = uuid4()
    looked = Barrier(16)

    def careless() -> places.Taken:
        is_free = not places.busy([resource], START, START + HOUR)
        looked.wait(timeout=60)
        if not is_free:
            raise Conflict("slot_taken")
        # A capacity that nothing can fill stands for not asking again under the lock.
        return places.take(resource, START, START + HOUR, capacity=1000)

    assert taken(race([careless for _ in range(16)])) == 16


def test_a_hold_that_ran_out_in_the_second_of_sending_goes_to_one_of_the_two() -> None:
    for _round in range(10):
        resource = uuid4()
        with use_tenant(make_school().pk):
            held = places.take(resource, START, START + HOUR, hold=timedelta(microseconds=1)).slot
        answers = race(
            [
                lambda held=held, resource=resource: places.keep(held, resource, START, START + HOUR),
                lambda resource=resource: places.take(resource, START, START + HOUR),
            ]
        )
        assert taken(answers) == 1
        with use_tenant(make_school().pk):
            assert len(places.busy([resource], START, START + HOUR)) == 1


def test_what_is_rolled_back_has_taken_nothing() -> None:
    resource, school = uuid4(), make_school()
    with use_tenant(school.pk):
        with pytest.raises(RuntimeError), transaction.atomic():
            places.take(resource, START, START + HOUR)
            raise RuntimeError
        places.take(resource, START, START + HOUR)


def beside(first: Callable[[], Any], second: Callable[[], Any]) -> tuple[bool, Any]:
    """``second`` is tried while the transaction of ``first`` is open: whether it had to wait, and what it came to in the end."""
    school, ended = make_school(), Event()
    answers: list[Any] = []

    def run() -> None:
        try:
            with use_tenant(school.pk), transaction.atomic():
                answers.append(second())
        except Conflict as error:
            answers.append(error)
        finally:
            ended.set()
            connections.close_all()

    thread = Thread(target=run)
    with use_tenant(school.pk), transaction.atomic():
        first()
        thread.start()
        waited = not ended.wait(timeout=2)
    thread.join()
    return waited, answers[0]


def test_takers_of_different_times_of_one_counsellor_do_not_wait_for_each_other() -> None:
    """A commit waits for the disk: in a row, few people a second would get a time of a busy agency."""
    resource = uuid4()
    waited, answer = beside(
        lambda: places.take(resource, START, START + HOUR),
        lambda: places.take(resource, START + HOUR, START + 2 * HOUR),
    )
    assert (waited, isinstance(answer, places.Taken)) == (False, True)


@pytest.mark.parametrize(("one", "other"), [(1, 3), (3, 1), (3, 3), (1, 1)])
def test_a_place_whose_seats_are_being_changed_is_never_taken_beside_a_single_seat(one: int, other: int) -> None:
    resource = uuid4()
    waited, answer = beside(
        lambda: places.take(resource, START, START + HOUR, seats=one, capacity=one),
        lambda: places.take(resource, START, START + HOUR, seats=other, capacity=other),
    )
    assert waited
    assert isinstance(answer, Conflict)


def test_many_who_clear_the_same_holds_away_do_not_stop_each_other() -> None:
    for _round in range(3):
        resource, school = uuid4(), make_school()
        with use_tenant(school.pk):
            for nth in range(12):
                begins = START + nth * HOUR
                places.take(resource, begins, begins + HOUR, hold=timedelta(microseconds=1))
        acts = [
            lambda n=n, resource=resource: places.take(resource, START + n * HOUR, START + (n + 5) * HOUR)
            for n in (0, 5, 2, 7, 1, 4, 6, 3)
        ]
        answers = race(acts)
        assert all(isinstance(answer, (places.Taken, Conflict)) for answer in answers)
        with use_tenant(school.pk):
            rows = places.busy([resource], START, START + 20 * HOUR)
        assert len(rows) == taken(answers) >= 1
        assert all(one.ends_at <= other.starts_at for one, other in pairwise(rows))

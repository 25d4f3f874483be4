"""Whose seat is whose when several families wait: each rule of the line by itself (books §4, §6)."""

import pytest

from content.opendays import seating, tasks
from content.opendays.models import Claim
from content.opendays.workflow.answering import call_off_answer, change_answer
from kernel.clock import as_of, now
from tests.opendays.world import World, claim_of, come, family, make_world


def seats(secret: str, world: World) -> tuple[int, int, int]:
    """What the family has, waits for and is offered in the lesson of six places."""
    claim = claim_of(secret, world.lesson)
    return claim.seats, claim.wants, claim.offered


def test_a_small_family_that_comes_now_passes_the_first_in_line_and_is_counted(world: World) -> None:
    lesson = (world.lesson.pk,)
    come(world, family(4, sessions=lesson))
    big = come(world, family(4, sessions=lesson, may_wait=True))
    one = come(world, family(1, sessions=lesson, may_wait=True))
    assert seats(one, world) == (1, 0, 0), "it has said yes already: nothing is offered to it"
    assert claim_of(big, world.lesson).passed == 1


def test_who_asks_for_fewer_gives_up_the_wait_before_a_seat(world: World) -> None:
    lesson = (world.lesson.pk,)
    come(world, family(5, sessions=lesson))
    few = come(world, family(1, sessions=lesson))
    change_answer(token=few, said=family(4, sessions=lesson, may_wait=True))
    assert seats(few, world) == (1, 3, 0)
    change_answer(token=few, said=family(2, sessions=lesson, may_wait=True))
    assert seats(few, world) == (1, 1, 0)


def test_nobody_gives_back_more_than_there_is(world: World) -> None:
    secret = come(world, family(2, sessions=(world.lesson.pk,)))
    with pytest.raises(ValueError, match="more than there are"):
        seating.give_back(claim_of(secret, world.lesson), 3)
    assert seats(secret, world) == (2, 0, 0)


@pytest.mark.parametrize("people", [2, 3])
def test_whose_offer_ran_out_takes_what_is_free_like_anybody(world: World, people: int) -> None:
    """Though no sweep has written yet that it left the line: it is not left with a part of its people, nor with none."""
    lesson = (world.lesson.pk,)
    full = come(world, family(6, sessions=lesson))
    slow = come(world, family(2, sessions=lesson, may_wait=True))
    call_off_answer(token=full)
    until = claim_of(slow, world.lesson).offer_until
    assert until is not None
    with as_of(until):
        change_answer(token=slow, said=family(people, sessions=lesson))
    assert seats(slow, world) == (people, 0, 0)


def test_whose_offer_ran_out_comes_after_who_waited(world: World) -> None:
    lesson = (world.lesson.pk,)
    full = come(world, family(6, sessions=lesson))
    slow = come(world, family(4, sessions=lesson, may_wait=True))
    behind = come(world, family(4, sessions=lesson, may_wait=True))
    call_off_answer(token=full)
    until = claim_of(slow, world.lesson).offer_until
    assert until is not None
    with as_of(until):
        change_answer(token=slow, said=family(5, sessions=lesson, may_wait=True))
        assert seats(behind, world) == (0, 4, 4)
        assert seats(slow, world) == (0, 5, 0)
    assert Claim.objects.filter(session=world.lesson, offered__gt=0).count() == 1


def test_a_line_moves_up_under_the_lock_of_its_own_session_alone(world: World) -> None:
    """An offer elsewhere that ran out is that session's matter: nobody holds its lock here."""
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    moment = claim_of(waits, world.lesson).offer_until
    assert moment is not None
    seating.settle([world.entry], world.day.starts_at, moment)
    assert claim_of(waits, world.lesson).offered == 2
    seating.settle([world.lesson], world.day.starts_at, moment)
    assert claim_of(waits, world.lesson).offered == 0


def test_where_nobody_is_counted_there_is_no_number_of_free_places(world: World) -> None:
    with pytest.raises(ValueError, match="nobody is counted"):
        seating.free_in(world.walk, now())


def test_a_line_moves_up_however_many_days_with_a_line_come_before(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A day that was seen stays due while anybody waits: it must not keep the others out of the round."""
    monkeypatch.setattr(tasks, "PAGE", 1)
    last = make_world(world.school, days=40)
    for one in (world, make_world(world.school, days=30), last):
        full, slow, behind = (
            come(one, family(people, sessions=(one.lesson.pk,), may_wait=True)) for people in (6, 4, 4)
        )
    call_off_answer(token=full)
    assert seats(behind, last) == (0, 4, 0)
    until = claim_of(slow, last.lesson).offer_until
    assert until is not None
    with as_of(until):
        tasks.run_round()
        assert seats(behind, last) == (0, 4, 4)

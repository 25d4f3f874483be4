"""The rule of waiting lists (books §4): strict order, a few passes, then seats gather."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seats.waiting import GATHER_BEFORE, MOST_PASSES, Step, Waiting, next_offer, offer_until

STARTS = datetime(2026, 12, 12, 1, 0, tzinfo=UTC)
FAR = STARTS - timedelta(days=10)
NEAR = STARTS - timedelta(hours=47)


def test_whoever_stands_first_and_fits_is_offered() -> None:
    waiting = [Waiting("big", 3), Waiting("small", 1)]
    assert next_offer(waiting, 3, STARTS, FAR) == Step("big", 3)


def test_a_smaller_one_may_pass_while_the_day_is_far() -> None:
    waiting = [Waiting("big", 3, passed=MOST_PASSES - 1), Waiting("small", 1)]
    assert next_offer(waiting, 2, STARTS, FAR) == Step("small", 1, ("big",))


@pytest.mark.parametrize(("passed", "now"), [(MOST_PASSES, FAR), (0, NEAR), (0, STARTS - GATHER_BEFORE)])
def test_then_seats_gather(passed: int, now: datetime) -> None:
    assert next_offer([Waiting("big", 3, passed=passed), Waiting("small", 1)], 2, STARTS, now) is None


def test_nothing_is_offered_once_it_has_begun_or_when_nobody_waits() -> None:
    assert next_offer([Waiting("one", 1)], 5, STARTS, STARTS) is None
    assert next_offer([], 5, STARTS, FAR) is None
    with pytest.raises(ValueError, match="no seat"):
        next_offer([Waiting("none", 0)], 5, STARTS, FAR)


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=12),
    freed=st.lists(st.integers(1, 4), min_size=1, max_size=40),
)
def test_nobody_is_passed_more_often_than_that_and_seats_are_never_over(sizes: list[int], freed: list[int]) -> None:
    waiting = [Waiting(str(place), size) for place, size in enumerate(sizes)]
    free = 0
    for more in freed:
        free += more
        while step := next_offer(waiting, free, STARTS, FAR):
            assert step.size <= free
            free -= step.size
            waiting = [
                Waiting(one.key, one.size, one.passed + (one.key in step.passes))
                for one in waiting
                if one.key != step.key
            ]
            assert all(one.passed <= MOST_PASSES for one in waiting)
        # Free seats are left only when nobody fits, or when they gather for whoever stands first.
        blocked = waiting and waiting[0].passed >= MOST_PASSES
        assert (
            not waiting
            or blocked
            or all(one.size > free for one in waiting)
            or any(one.passed >= MOST_PASSES for one in waiting)
        )


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=10), timedelta(hours=24)),
        (timedelta(hours=40), timedelta(hours=10)),
        (timedelta(hours=1), timedelta(minutes=30)),
        (timedelta(minutes=20), timedelta(minutes=20)),
    ],
)
def test_an_offer_lasts_a_quarter_of_what_is_left(left: timedelta, expected: timedelta) -> None:
    assert offer_until(STARTS, STARTS - left) == STARTS - left + expected

"""A total that is shown never moves by one person: with arbitrary movements, at whatever times somebody looks."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disclosure.blocks import FLOOR, Move, Point, points

START = datetime(2027, 3, 1, tzinfo=UTC)
ENDS = [START + timedelta(days=7 * week) for week in range(1, 13)]


def at(day: float) -> datetime:
    return START + timedelta(days=day)


def parts(moves: list[Move], before: datetime) -> Counter[object]:
    """Everybody's part of the total as it truly stood."""
    found: Counter[object] = Counter()
    for move in moves:
        if move.at < before:
            found[move.who] += move.amount
    return found


MOVES = st.lists(
    st.builds(
        Move,
        st.floats(0, 83.9, allow_nan=False).map(at),
        st.integers(0, 9),
        st.integers(-3, 3).filter(bool).map(lambda yuan: yuan * 100),
    ),
    max_size=80,
)


@given(MOVES, st.integers(FLOOR, 8))
@settings(max_examples=300, deadline=None)
def test_between_any_two_looks_nobody_or_enough_people_have_moved_it(moves: list[Move], fewest: int) -> None:
    shown = [Point(START, 0), *points(moves, ENDS, fewest)]
    for later in shown[1:]:
        now = parts(moves, later.at)
        assert later.total == sum(now.values())
        for earlier in shown[: shown.index(later)]:
            then = parts(moves, earlier.at)
            changed = {who for who in {*now, *then} if now[who] != then[who]}
            assert not changed or len(changed) >= fewest


@given(MOVES, st.integers(FLOOR, 8), st.integers(0, len(ENDS)))
@settings(max_examples=200, deadline=None)
def test_what_was_shown_once_stays_and_a_stricter_school_shows_no_other_point(
    moves: list[Move], fewest: int, weeks: int
) -> None:
    whole = points(moves, ENDS, fewest)
    limit = ENDS[weeks - 1] if weeks else START
    early = points([move for move in moves if move.at < limit], ENDS[:weeks], fewest)
    assert whole[: len(early)] == early
    assert set(whole) <= set(points(moves, ENDS))


def test_four_people_move_nothing_and_the_fifth_shows_all_five() -> None:
    four = [Move(at(day), who, 21_000) for day, who in enumerate("abcd")]
    assert points(four, ENDS) == []
    assert points([*four, Move(at(8), "e", 1)], ENDS) == [Point(ENDS[1], 84_001)]


def test_one_more_person_is_not_seen_until_five_more_have_come() -> None:
    first = [Move(at(1), who, 100) for who in "abcde"]
    sixth = Move(at(9), "f", 77)
    assert points([*first, sixth], ENDS) == [Point(ENDS[0], 500)]
    others = [Move(at(20), who, 100) for who in "ghij"]
    assert points([*first, sixth, *others], ENDS) == [Point(ENDS[0], 500), Point(ENDS[2], 977)]


def test_one_person_five_times_is_one_person() -> None:
    assert points([Move(at(day), "a", 100) for day in range(6)], ENDS) == []


def test_who_takes_back_what_was_set_aside_does_not_count() -> None:
    four = [Move(at(1), who, 100) for who in "abcd"]
    assert points([*four, Move(at(2), "e", 100), Move(at(3), "e", -100)], ENDS) == []


def test_five_come_and_four_go_again_tells_nothing_of_the_one_who_stays() -> None:
    """From the first point to the second six change; from the beginning to the second only two would."""
    five = [Move(at(1), who, 100) for who in "abcde"]
    change = [*(Move(at(8), who, -100) for who in "abcd"), Move(at(9), "f", 33)]
    assert points([*five, *change], ENDS) == [Point(ENDS[0], 500)]


def test_below_the_floor_nothing_is_shown() -> None:
    with pytest.raises(ValueError, match="5"):
        points([], ENDS, 4)

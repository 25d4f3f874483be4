"""Which step comes next (chain §3): in order, three rounds, empty ones at once, and an end."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from referrals.emergency.rules.firing import beside, calls_own_again, dials_again, fire, upcoming
from referrals.emergency.rules.grades import Grade


@dataclass(frozen=True)
class Step:
    position: int


def steps(count: int) -> list[Step]:
    return [Step(number) for number in range(count)]


def test_steps_are_taken_in_order_for_three_rounds_and_then_nobody_is_left() -> None:
    at, seen = (0, -1), []
    while not (fired := fire(steps(2), *at, lambda step: ["somebody"])).is_spent:
        at = (fired.round, fired.step.position)
        seen.append(at)
    assert seen == [(1, 0), (1, 1), (2, 0), (2, 1), (3, 0), (3, 1)]


def test_an_empty_step_passes_at_once_and_is_said() -> None:
    fired = fire(steps(3), 0, -1, lambda step: ["x"] if step.position == 2 else [])
    assert (fired.round, fired.step, fired.empty) == (1, Step(2), (Step(0), Step(1)))


def test_when_all_are_empty_it_ends_at_once_instead_of_going_round() -> None:
    asked: list[int] = []

    def nobody(step: Step) -> list[str]:
        asked.append(step.position)
        return []

    fired = fire(steps(3), 0, -1, nobody)
    assert fired.is_spent
    assert asked == [0, 1, 2]


def test_who_declined_in_the_middle_is_not_waited_for() -> None:
    fired = fire(steps(3), 1, 1, lambda step: ["x"] if step.position == 0 else [])
    assert (fired.round, fired.step) == (2, Step(0))


def test_a_leg_without_steps_is_spent() -> None:
    assert fire(steps(0), 0, -1, lambda step: ["x"]).is_spent


@given(some.integers(0, 6), some.integers(0, 3), some.integers(-1, 6), some.sets(some.integers(0, 6)))
def test_whoever_is_there_is_found_within_one_pass(count: int, round: int, position: int, there: set[int]) -> None:
    fired = fire(steps(count), round, position, lambda step: ["x"] if step.position in there else [])
    left = list(upcoming(steps(count), max(round, 1), position))
    found = next(((n, s) for n, s in left[:count] if s.position in there), None)
    assert (None if fired.is_spent else (fired.round, fired.step)) == found
    assert len(fired.empty) <= count


def test_an_exhausted_leg_calls_its_own_people_at_thirty_minutes_and_then_hourly() -> None:
    assert [tick for tick in range(1, 44) if calls_own_again(tick)] == [6, 18, 30, 42]


def test_beside_a_step_by_hand_stands_the_next_of_its_round_and_none_of_the_next_round() -> None:
    def last(step: Step) -> list[str]:
        return ["x"] if step.position == 2 else []

    found = beside(steps(3), 1, 0, last)
    assert found is not None and (found.round, found.step, found.empty) == (1, Step(2), (Step(1),))
    assert beside(steps(3), 1, 2, lambda step: ["x"]) is None, "the round is over: the wait stands"
    assert beside(steps(1), 2, 0, lambda step: ["x"]) is None
    assert beside(steps(3), 1, 0, lambda step: []) is None


def test_dialling_is_asked_again_after_four_minutes_where_a_life_is_in_danger() -> None:
    at = datetime(2027, 1, 1, tzinfo=UTC)
    assert dials_again(Grade.EXTREME, at, at + timedelta(minutes=4))
    assert not dials_again(Grade.EXTREME, at, at + timedelta(minutes=3, seconds=59))
    assert not dials_again(Grade.MAJOR, at, at + timedelta(hours=1))

"""What of counted answers may be told: never a number that tells of few, not even by a difference (rules §5)."""

from itertools import product

import pytest

from surveys.rules import content_percent, released

FEWEST = 5
SIZES = (0, 1, 2, 4, 5, 6, 9, 30)


def told(counts: dict[int, int]) -> dict[int, int | None]:
    return released(counts, FEWEST)


@pytest.mark.parametrize("cells", [3, 4])
def test_no_small_number_is_shown_and_none_can_be_worked_out(cells: int) -> None:
    """Every way that answers can fall: what is left out stands in two cells at least, or in none, and comes to ``FEWEST``."""
    for numbers in product(SIZES, repeat=cells):
        counts = dict(enumerate(numbers, start=1))
        shown = told(counts)
        assert all(number is None or number == counts[value] for value, number in shown.items())
        assert not [number for number in shown.values() if number is not None and 0 < number < FEWEST], counts
        left_out = [value for value, number in shown.items() if number is None]
        total = sum(numbers)
        if 0 < total < FEWEST:
            assert len(left_out) == cells, counts
        elif left_out and any(shown[value] for value in shown):
            assert len(left_out) >= 2, counts
            assert sum(counts[value] for value in left_out) >= FEWEST, counts


def test_a_zero_and_what_many_chose_are_told() -> None:
    assert told({5: 20, 4: 9, 3: 0, 2: 0, 1: 0}) == {5: 20, 4: 9, 3: 0, 2: 0, 1: 0}


def test_one_small_number_takes_the_next_smallest_with_it() -> None:
    assert told({5: 20, 4: 9, 3: 7, 2: 2, 1: 0}) == {5: 20, 4: 9, 3: None, 2: None, 1: 0}


def test_two_small_numbers_that_are_few_together_take_a_third() -> None:
    assert told({5: 20, 4: 9, 3: 6, 2: 1, 1: 1}) == {5: 20, 4: 9, 3: None, 2: None, 1: None}


def test_nothing_is_told_of_four() -> None:
    assert set(told({2: 4, 1: 0}).values()) == {None}


def test_the_share_is_told_only_where_the_numbers_say_it() -> None:
    assert content_percent({5: 20, 4: 9, 3: None, 2: None, 1: 0}, 38, 2) == 76
    assert content_percent({5: 20, 4: None, 3: None, 2: 0, 1: 0}, 26, 2) is None
    assert content_percent({5: 0, 4: 0, 3: 0, 2: 0, 1: 0}, 0, 2) is None
    assert content_percent({5: 199, 4: 0, 3: 0, 2: 0, 1: 1}, 200, 2) == 99, "rounded down: a hundred means everybody"

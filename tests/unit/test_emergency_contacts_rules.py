"""When "still right?" falls due, and who is 18 (chain §2)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.emergency.rules.contacts import Readiness, ask_again_on, is_adult, is_due

_DAYS = st.dates(date(2000, 1, 1), date(2190, 12, 31))


@pytest.mark.parametrize(
    ("said", "again"),
    [
        (date(2026, 1, 1), date(2027, 1, 1)),
        (date(2024, 2, 29), date(2025, 3, 1)),
        (date(2023, 2, 28), date(2024, 2, 28)),
        (date(2026, 9, 1), date(2027, 9, 1)),
    ],
)
def test_a_year_later_to_the_day(said: date, again: date) -> None:
    assert ask_again_on(said) == again
    assert not is_due(said, again - timedelta(days=1))
    assert is_due(said, again)
    assert is_due(said, again + timedelta(days=900)), "whoever looks late finds it still due"


@given(_DAYS)
def test_never_before_a_year_nor_two_days_after(said: date) -> None:
    assert timedelta(days=365) <= ask_again_on(said) - said <= timedelta(days=366)


@given(_DAYS)
def test_on_the_eighteenth_birthday_one_is_of_age_and_not_the_day_before(born: date) -> None:
    eighteen = date(born.year + 18, 3, 1) if (born.month, born.day) == (2, 29) else born.replace(year=born.year + 18)
    if (born.month, born.day) == (2, 29) and eighteen.year % 4 == 0 and eighteen.year % 100:
        eighteen = date(eighteen.year, 2, 29)
    assert is_adult(born, eighteen)
    assert not is_adult(born, eighteen - timedelta(days=1))


def test_only_who_agreed_and_can_be_reached_counts() -> None:
    assert {state for state in Readiness if state.is_reached} == {Readiness.READY, Readiness.BY_HAND}

"""Festivals fall on the days that the published calendars name; what the two sources disagree on is written down."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from content.festivals import FIRST_YEAR, LAST_YEAR, Festival, coming, day_of

PUBLISHED = {
    Festival.SPRING_FESTIVAL: ("2020-01-25", "2021-02-12", "2022-02-01", "2023-01-22", "2024-02-10", "2025-01-29", "2026-02-17",
                               "2027-02-06", "2028-01-26", "2029-02-13", "2030-02-03", "2033-01-31", "2034-02-19"),
    Festival.LANTERN: ("2024-02-24", "2026-03-03"),
    Festival.DRAGON_BOAT: ("2020-06-25", "2023-06-22", "2024-06-10", "2025-05-31", "2026-06-19"),
    Festival.MID_AUTUMN: ("2020-10-01", "2021-09-21", "2022-09-10", "2023-09-29", "2024-09-17", "2025-10-06", "2026-09-25",
                          "2027-09-15", "2033-09-08"),
    Festival.DOUBLE_NINTH: ("2023-10-23", "2024-10-11", "2025-10-29", "2026-10-18", "2033-10-01"),
}  # fmt: skip


@pytest.mark.parametrize(("festival", "day"), [(name, day) for name, days in PUBLISHED.items() for day in days])
def test_published_days(festival: Festival, day: str) -> None:
    assert day_of(festival, int(day[:4])) == date.fromisoformat(day)


def test_the_table_keeps_what_the_moon_keeps() -> None:
    """Spring Festival lies between 21 January and 20 February, lantern is fourteen days on, and years are 12 or 13 moons long."""
    springs = []
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        spring = day_of(Festival.SPRING_FESTIVAL, year)
        springs.append(spring)
        assert date(year, 1, 21) <= spring <= date(year, 2, 20)
        assert day_of(Festival.LANTERN, year) - spring == timedelta(days=14)
        months = {name: (day_of(name, year) - spring).days for name in (Festival.DRAGON_BOAT, Festival.MID_AUTUMN, Festival.DOUBLE_NINTH)}  # fmt: skip
        assert 121 <= months[Festival.DRAGON_BOAT] <= 153
        assert 219 <= months[Festival.MID_AUTUMN] <= 252
        assert 242 <= months[Festival.DOUBLE_NINTH] <= 275
    assert {(later - earlier).days for earlier, later in pairwise(springs)} <= {353, 354, 355, 383, 384, 385}


def test_what_comes_over_new_year() -> None:
    found = list(coming(date(2026, 12, 31), months=3))
    assert [(row.day.isoformat(), row.festival) for row in found] == [
        ("2027-01-01", Festival.NEW_YEAR), ("2027-02-06", Festival.SPRING_FESTIVAL), ("2027-02-20", Festival.LANTERN),
        ("2027-03-08", Festival.WOMENS_DAY), ("2027-03-12", Festival.ARBOR_DAY),
    ]  # fmt: skip
    assert next(coming(date(2026, 9, 10))).festival == Festival.TEACHERS_DAY, "the day itself is still to come"


def test_a_year_holds_each_once_and_the_ends_of_the_table_hold() -> None:
    for first in (date(2020, 1, 1), date(2024, 2, 29), date(2026, 12, 31), date(2055, 6, 30)):
        assert len(list(coming(first))) in {12, 13, 14}, "a lunar day moves by up to thirty from year to year"
    assert {row.festival for row in coming(date(2060, 12, 1))} == {
        Festival.NEW_YEAR, Festival.WOMENS_DAY, Festival.ARBOR_DAY, Festival.LABOUR_DAY, Festival.PARTY_DAY,
        Festival.TEACHERS_DAY, Festival.NATIONAL_DAY, Festival.MENTAL_HEALTH_DAY,
    }  # fmt: skip
    with pytest.raises(ValueError, match="2061"):
        day_of(Festival.MID_AUTUMN, 2061)

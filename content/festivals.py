"""The days of a school's year that are kept together (plan 7.1), with the right day for each year. Pure.

The lunar days were taken from two sources and compared for every year, 2020 to 2060: cnlunar 0.2.5 (the tables of the Hong
Kong Observatory) and ICU's Chinese calendar. They differ in three years. In 2027 and 2030 the first is right, as the
published calendars show. The new moon of 28 September 2057 falls within a minute of midnight: the first is kept there too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

FIRST_YEAR: Final = 2020
LAST_YEAR: Final = 2060


class Festival(StrEnum):
    """In the order of a usual year."""

    NEW_YEAR = "new_year"
    SPRING_FESTIVAL = "spring_festival"
    LANTERN = "lantern"
    WOMENS_DAY = "womens_day"
    ARBOR_DAY = "arbor_day"
    LABOUR_DAY = "labour_day"
    DRAGON_BOAT = "dragon_boat"
    PARTY_DAY = "party_day"
    TEACHERS_DAY = "teachers_day"
    MID_AUTUMN = "mid_autumn"
    NATIONAL_DAY = "national_day"
    MENTAL_HEALTH_DAY = "mental_health_day"
    DOUBLE_NINTH = "double_ninth"


_FIXED: Final[dict[Festival, tuple[int, int]]] = {
    Festival.NEW_YEAR: (1, 1),
    Festival.WOMENS_DAY: (3, 8),
    Festival.ARBOR_DAY: (3, 12),
    Festival.LABOUR_DAY: (5, 1),
    Festival.PARTY_DAY: (7, 1),
    Festival.TEACHERS_DAY: (9, 10),
    Festival.NATIONAL_DAY: (10, 1),
    Festival.MENTAL_HEALTH_DAY: (10, 10),
}
_LUNAR: Final = (
    Festival.SPRING_FESTIVAL, Festival.LANTERN, Festival.DRAGON_BOAT, Festival.MID_AUTUMN, Festival.DOUBLE_NINTH,
)  # fmt: skip
"""First of the first month, fifteenth of it, fifth of the fifth, fifteenth of the eighth, ninth of the ninth."""
_DAYS: Final[dict[int, str]] = {
    2020: "01-25 02-08 06-25 10-01 10-25",
    2021: "02-12 02-26 06-14 09-21 10-14",
    2022: "02-01 02-15 06-03 09-10 10-04",
    2023: "01-22 02-05 06-22 09-29 10-23",
    2024: "02-10 02-24 06-10 09-17 10-11",
    2025: "01-29 02-12 05-31 10-06 10-29",
    2026: "02-17 03-03 06-19 09-25 10-18",
    2027: "02-06 02-20 06-09 09-15 10-08",
    2028: "01-26 02-09 05-28 10-03 10-26",
    2029: "02-13 02-27 06-16 09-22 10-16",
    2030: "02-03 02-17 06-05 09-12 10-05",
    2031: "01-23 02-06 06-24 10-01 10-24",
    2032: "02-11 02-25 06-12 09-19 10-12",
    2033: "01-31 02-14 06-01 09-08 10-01",
    2034: "02-19 03-05 06-20 09-27 10-20",
    2035: "02-08 02-22 06-10 09-16 10-09",
    2036: "01-28 02-11 05-30 10-04 10-27",
    2037: "02-15 03-01 06-18 09-24 10-17",
    2038: "02-04 02-18 06-07 09-13 10-07",
    2039: "01-24 02-07 05-27 10-02 10-26",
    2040: "02-12 02-26 06-14 09-20 10-14",
    2041: "02-01 02-15 06-03 09-10 10-03",
    2042: "01-22 02-05 06-22 09-28 10-22",
    2043: "02-10 02-24 06-11 09-17 10-11",
    2044: "01-30 02-13 05-31 10-05 10-29",
    2045: "02-17 03-03 06-19 09-25 10-18",
    2046: "02-06 02-20 06-08 09-15 10-08",
    2047: "01-26 02-09 05-29 10-04 10-27",
    2048: "02-14 02-28 06-15 09-22 10-16",
    2049: "02-02 02-16 06-04 09-11 10-05",
    2050: "01-23 02-06 06-23 09-30 10-24",
    2051: "02-11 02-25 06-13 09-19 10-13",
    2052: "02-01 02-15 06-01 09-07 10-30",
    2053: "02-19 03-05 06-20 09-26 10-20",
    2054: "02-08 02-22 06-10 09-16 10-09",
    2055: "01-28 02-11 05-30 10-05 10-28",
    2056: "02-15 02-29 06-17 09-24 10-17",
    2057: "02-04 02-18 06-06 09-13 10-06",
    2058: "01-24 02-07 06-25 10-02 10-25",
    2059: "02-12 02-26 06-14 09-21 10-14",
    2060: "02-02 02-16 06-03 09-09 10-02",
}


@dataclass(frozen=True, slots=True, order=True)
class FestivalDay:
    day: date
    festival: Festival


def day_of(festival: Festival, year: int) -> date:
    """The day of ``festival`` in the calendar year ``year``. ValueError outside 2020 to 2060 for a lunar one."""
    if festival in _FIXED:
        return date(year, *_FIXED[festival])
    if year not in _DAYS:
        raise ValueError(f"the lunar days of {year} are not known")
    month, day = _DAYS[year].split()[_LUNAR.index(festival)].split("-")
    return date(year, int(month), int(day))


def coming(after: date, months: int = 12) -> Iterator[FestivalDay]:
    """The festivals from ``after`` on, that day included, for ``months`` months, in order. Unknown years are left out."""
    year, month = divmod(after.year * 12 + after.month - 1 + months, 12)
    last = (year, month + 1, after.day)
    found = [
        FestivalDay(day_of(festival, number), festival)
        for number in range(after.year, year + 1)
        for festival in Festival
        if festival in _FIXED or FIRST_YEAR <= number <= LAST_YEAR
    ]
    for known in sorted(found):
        if after <= known.day and (known.day.year, known.day.month, known.day.day) < last:
            yield known

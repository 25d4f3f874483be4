"""Who is due when, who stands apart, how much is covered (books §6)."""

from datetime import date, timedelta

import pytest

from readings import rules
from readings.rules import Span, Stand

DUE = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("entered", "own"),
    [
        (None, DUE),
        (date(2026, 9, 1), DUE),
        (date(2026, 12, 17), DUE),
        (date(2026, 12, 18), date(2027, 1, 1)),
        (date(2027, 1, 10), date(2027, 1, 24)),
    ],
)
def test_due_is_the_later_of_the_day_and_entry_plus_fourteen(entered: date | None, own: date) -> None:
    assert rules.own_due(DUE, entered, [], DUE) == own


@pytest.mark.parametrize(("days", "is_long"), [(30, False), (31, True)])
def test_a_leave_of_more_than_thirty_days_sets_apart(days: int, is_long: bool) -> None:
    first = date(2026, 12, 1)
    leave = Span(first, first + timedelta(days=days - 1))
    assert leave.is_long is is_long
    assert rules.is_away([leave], date(2026, 12, 5)) is is_long
    assert rules.is_away([leave], leave.last) is is_long
    assert not rules.is_away([leave], leave.last + timedelta(days=1))
    assert not rules.is_away([leave], date(2026, 11, 30))


def test_whoever_comes_back_has_fourteen_days() -> None:
    leave = Span(date(2026, 11, 1), date(2027, 1, 9))
    assert rules.own_due(DUE, None, [leave], date(2027, 1, 10)) == date(2027, 1, 24)
    assert rules.own_due(DUE, None, [Span(date(2026, 2, 1), date(2026, 6, 1))], date(2027, 1, 10)) == DUE


@pytest.mark.parametrize(
    ("has", "own", "away", "today", "stand"),
    [
        (True, DUE, True, date(2027, 2, 1), Stand.HAS),
        (False, DUE, True, date(2027, 2, 1), Stand.AWAY),
        (False, DUE, False, DUE, Stand.OPEN),
        (False, DUE, False, date(2027, 1, 1), Stand.LATE),
        (False, date(2027, 1, 1), False, date(2027, 1, 1), Stand.TIME),
        (False, date(2027, 1, 1), False, date(2027, 1, 2), Stand.LATE),
    ],
)
def test_how_somebody_stands(has: bool, own: date, away: bool, today: date, stand: Stand) -> None:
    assert rules.stand_of(has=has, due=DUE, own=own, away=away, today=today) is stand


@pytest.mark.parametrize(
    ("n", "m", "said"), [(0, 0, None), (999, 1000, 99), (1, 3, 33), (2, 3, 66), (3, 3, 100), (0, 5, 0)]
)
def test_percent_are_rounded_down(n: int, m: int, said: int | None) -> None:
    assert rules.percent(n, m) == said


def test_nobody_waits_longer_than_a_minute_and_a_half() -> None:
    assert rules.least_time(250) == timedelta(seconds=10)
    assert rules.least_time(10**6) == timedelta(seconds=90)

"""Working time (rules §2): the state's table, a school's changes, and the same clock time on the next open day."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import SCHOOL_ZONE, local_day
from workdays.clock import MOST_CLOSED, Change, Mark, WorkCalendar, add_workdays, next_open_day
from workdays.state_table import KNOWN_YEARS, REST, WORK

STATE = WorkCalendar()
SHANGHAI = ZoneInfo(SCHOOL_ZONE)
moments = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 1)).map(lambda moment: moment.replace(tzinfo=SHANGHAI))


def at(text: str) -> datetime:
    """``2026-01-01 07:00`` as the clock on the school's wall shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def due(text: str, days: int = 1, calendar: WorkCalendar = STATE) -> str:
    found = add_workdays(at(text), days, calendar)
    assert found.tzinfo is UTC
    return f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("asked", "answered_by"),
    [
        ("2026-11-26 15:40", "2026-11-27 15:40"),  # Thursday to Friday
        ("2026-11-27 15:40", "2026-11-30 15:40"),  # Friday to Monday
        ("2026-11-28 15:40", "2026-11-30 15:40"),  # Saturday afternoon
        ("2026-11-29 03:36", "2026-11-30 12:00"),  # Sunday night: nobody reads it before Monday morning
        ("2026-11-30 07:00", "2026-12-01 07:00"),  # before eight it is still Sunday in UTC
        ("2026-01-01 07:00", "2026-01-04 12:00"),  # the 4th is a Sunday that is worked
        ("2025-12-31 23:50", "2026-01-04 23:50"),
        ("2026-09-30 16:00", "2026-10-08 16:00"),  # Golden Week
        ("2026-10-03 09:00", "2026-10-08 12:00"),
        ("2026-10-09 10:00", "2026-10-10 10:00"),  # the swapped Saturday is worked
        ("2026-10-10 10:00", "2026-10-12 10:00"),
        ("2025-01-27 18:00", "2025-02-05 18:00"),  # eve of the Spring Festival
    ],
)
def test_the_same_clock_time_on_the_next_workday(asked: str, answered_by: str) -> None:
    assert due(asked) == answered_by


def test_two_workdays_skip_the_weekend_between_them() -> None:
    assert due("2026-11-26 10:00", 2) == "2026-11-30 10:00"


def test_the_state_s_table_has_swapped_days() -> None:
    """Announced by the State Council: 国办发明电 for 2025 and 2026."""
    assert {2025, 2026} <= KNOWN_YEARS
    in_2026 = sorted(day for day in WORK if day.year == 2026)
    assert [f"{day:%m-%d}" for day in in_2026] == ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
    assert all(date(2026, 10, day) in REST for day in range(1, 8))
    assert date(2026, 10, 8) not in REST
    assert sorted(f"{day:%m-%d}" for day in WORK if day.year == 2025) == ["01-26", "02-08", "04-27", "09-28", "10-11"]
    assert sum(day.year == 2025 for day in REST) == 28  # with weekends: 1 + 8 + 3 + 5 + 3 + 8


def test_an_unknown_year_counts_monday_to_friday() -> None:
    unknown = max(KNOWN_YEARS) + 1
    days = [date(unknown, 10, 1) + timedelta(days=n) for n in range(14)]
    assert [STATE.is_workday(day) for day in days] == [day.weekday() < 5 for day in days]
    assert {STATE.mark(day) for day in days} == {Mark.NONE}


def test_a_mark_says_how_a_day_differs_from_its_weekday() -> None:
    assert STATE.mark(date(2026, 10, 3)) == Mark.REST  # a Saturday of the holiday
    assert STATE.mark(date(2026, 10, 10)) == Mark.WORK
    assert STATE.mark(date(2026, 10, 11)) == Mark.NONE
    assert STATE.mark(date(2026, 10, 9)) == Mark.NONE


def test_a_school_s_own_days_count_before_the_state_s() -> None:
    own = WorkCalendar(
        (Change(date(2026, 11, 26), date(2026, 11, 27), False), Change(date(2026, 10, 4), date(2026, 10, 4), True))
    )
    assert due("2026-11-25 09:00", 1, own) == "2026-11-30 09:00"
    assert due("2026-09-30 09:00", 1, own) == "2026-10-04 09:00"
    assert own.mark(date(2026, 11, 26)) == Mark.REST
    assert own.mark(date(2026, 10, 4)) == Mark.WORK


def test_a_calendar_without_an_open_day_lets_nobody_wait_for_ever() -> None:
    shut = WorkCalendar((Change(date(2026, 1, 1), date(2030, 1, 1), False),))
    assert next_open_day(date(2026, 3, 1), shut) == date(2026, 3, 1) + timedelta(days=MOST_CLOSED + 1)
    assert add_workdays(at("2026-03-01 13:00"), 2, shut) > at("2026-03-01 13:00")


def test_bad_clocks_are_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        add_workdays(datetime(2026, 1, 1, 7), 1, STATE)
    with pytest.raises(ValueError, match="one day or more"):
        add_workdays(at("2026-01-01 07:00"), 0, STATE)


@given(moments, st.integers(1, 6))
def test_a_clock_ends_on_a_workday_and_has_counted_the_days_between(moment: datetime, days: int) -> None:
    end = add_workdays(moment, days, STATE)
    begun, ended = local_day(moment), local_day(end)
    between = [begun + timedelta(days=n) for n in range(1, (ended - begun).days + 1)]
    assert STATE.is_workday(ended)
    assert sum(map(STATE.is_workday, between)) == days
    clock = end.astimezone(SHANGHAI).time()
    assert clock == moment.time() or (not STATE.is_workday(begun) and clock.hour == 12 > moment.hour)


@given(moments, moments, st.integers(1, 4))
def test_who_asks_later_is_not_answered_earlier(one: datetime, other: datetime, days: int) -> None:
    first, second = sorted((one, other))
    assert add_workdays(first, days, STATE) <= add_workdays(second, days, STATE) or not STATE.is_workday(
        local_day(second)
    )


@given(moments)
def test_nobody_has_less_than_a_working_morning(moment: datetime) -> None:
    """Between asking and the end lies a morning of a workday, or the time between two clocks on two workdays."""
    assert add_workdays(moment, 1, STATE) - moment >= timedelta(hours=12)

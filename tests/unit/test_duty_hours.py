"""The duty line with its clock: what a school writes of its hours is read for sure or not at all."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import SCHOOL_ZONE
from workdays.clock import Change, WorkCalendar
from workdays.duty import DutyHours, read_duty

SHANGHAI = ZoneInfo(SCHOOL_ZONE)
DAILY = frozenset(range(7))
STATE = WorkCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("工作日 8:00–20:00", DutyHours(None, 480, 1200)),
        ("工作日８：００～２０：００", DutyHours(None, 480, 1200)),
        ("工作日 8点至20点", DutyHours(None, 480, 1200)),
        ("每天 7:30-22:00", DutyHours(DAILY, 450, 1320)),
        ("8:00-18:00", DutyHours(DAILY, 480, 1080)),
        ("周一至周五 8:00–18:00", DutyHours(frozenset(range(5)), 480, 1080)),
        ("周一到周六，8-18点", DutyHours(frozenset(range(6)), 480, 1080)),
        ("workdays 8:00–20:00", DutyHours(None, 480, 1200)),
        ("24小时", DutyHours(DAILY, 0, 1440)),
        ("工作日全天", DutyHours(None, 0, 1440)),
        ("工作日 8:00–24:00", DutyHours(None, 480, 1440)),
        ("工作日", None),
        ("", None),
        ("请先打办公室", None),
        ("工作日 20:00–8:00", None),
        ("工作日 8:00–20:00，周末 9:00–12:00", None),
        ("周六至周一 8:00–20:00", None),
        ("工作日 8:00–25:00", None),
    ],
)
def test_hours_are_read_for_sure_or_not_at_all(text: str, read: DutyHours | None) -> None:
    assert read_duty(text) == read


@pytest.mark.parametrize(
    ("moment", "answered"),
    [
        ("2026-11-28 08:50", False),  # a Saturday
        ("2026-11-27 08:50", True),
        ("2026-11-27 07:59", False),
        ("2026-11-27 20:00", False),
        ("2026-11-30 07:00", False),  # Sunday still in UTC
        ("2026-01-01 10:00", False),
        ("2026-01-04 10:00", True),  # a Sunday that is worked
        ("2026-10-10 10:00", True),  # a swapped Saturday
        ("2026-10-05 10:00", False),  # Golden Week
    ],
)
def test_a_line_of_workdays_is_answered_on_workdays(moment: str, answered: bool) -> None:
    assert DutyHours(None, 480, 1200).is_answered(at(moment), STATE) is answered


def test_a_day_off_of_the_school_s_own_silences_its_line() -> None:
    own = WorkCalendar((Change(date(2026, 11, 27), date(2026, 11, 27), False),))
    assert not DutyHours(None, 480, 1200).is_answered(at("2026-11-27 10:00"), own)


@given(st.integers(0, 14 * 24 * 60), st.integers(0, 1380), st.integers(30, 720))
def test_between_two_changes_the_answer_stays(ahead: int, opens: int, length: int) -> None:
    hours = DutyHours(None, opens, min(1440, opens + length))
    moment = at("2026-09-28 00:00") + timedelta(minutes=ahead)
    change = hours.changes_after(moment)
    assert moment < change <= moment + timedelta(days=1)
    asked = hours.is_answered(moment, STATE)
    while moment < change:
        assert hours.is_answered(moment, STATE) is asked
        moment += timedelta(minutes=17)


@given(st.text(max_size=40))
def test_nothing_that_is_written_breaks_a_page(text: str) -> None:
    found = read_duty(text)
    assert found is None or 0 <= found.opens < found.closes <= 1440

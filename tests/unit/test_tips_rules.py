"""When letters go, when they end, which tip is next: edges of the day, the week, the year (books §6)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tips import rules
from tips.rules import End, Tip

ZONE = ZoneInfo("Asia/Shanghai")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "is_open"),
    [
        ("2026-12-04 06:59:59", False),
        ("2026-12-04 07:00", True),
        ("2026-12-04 20:59:59", True),
        ("2026-12-04 21:00", False),
    ],
)
def test_quiet_hours_end_at_seven_and_begin_at_nine(text: str, is_open: bool) -> None:
    assert rules.is_open(local(text)) is is_open
    assert rules.is_letter_time(local(text)) is is_open  # a Friday


@pytest.mark.parametrize(("day", "may"), [("03", False), ("04", True), ("05", True), ("06", True), ("07", False)])
def test_tips_go_from_friday_to_sunday(day: str, may: bool) -> None:
    assert rules.is_letter_time(local(f"2026-12-{day} 12:00")) is may


def test_the_next_opening_is_seven_in_the_school_s_zone() -> None:
    assert rules.next_opening(local("2026-12-31 23:59")) == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert rules.next_opening(local("2027-01-01 06:59")) == datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
    assert rules.next_opening(local("2027-01-01 07:00")) == datetime(2027, 1, 1, 23, 0, tzinfo=UTC)


def test_a_week_that_crosses_the_year_is_one_week() -> None:
    assert rules.week_of(date(2026, 12, 31)) == rules.week_of(date(2027, 1, 3)) == date(2026, 12, 28)


@pytest.mark.parametrize(
    ("seen", "left", "today", "why"),
    [
        (date(2025, 11, 29), None, date(2026, 11, 28), None),
        (date(2025, 11, 29), None, date(2026, 11, 29), End.UNREAD),
        (date(2024, 2, 29), None, date(2025, 2, 28), End.UNREAD),
        (date(2026, 11, 1), date(2026, 10, 30), date(2026, 11, 29), None),
        (date(2026, 11, 1), date(2026, 10, 30), date(2026, 11, 30), End.LEFT),
        (date(2025, 1, 1), date(2026, 10, 1), date(2026, 11, 30), End.LEFT),
    ],
)
def test_letters_end_after_a_year_unvisited_and_thirty_days_after_the_last_day(
    seen: date, left: date | None, today: date, why: End | None
) -> None:
    assert rules.why_over(seen=seen, left_on=left, today=today, months=12) is why


def test_between_two_letters_lie_six_days_or_twenty_seven() -> None:
    sunday, monday = local("2026-12-06 20:59"), local("2026-12-07 07:00")
    assert not rules.is_time_between(sunday, monday, "weekly")
    assert rules.is_time_between(sunday, sunday + timedelta(days=6), "weekly")
    assert not rules.is_time_between(sunday, sunday + timedelta(days=26), "monthly")


def tip(page: int, *, series: str = "a", on: date = date(2026, 9, 1), single: bool = False, every: int = 7) -> Tip:
    return Tip(page, series, on, single, every)


def pick(waiting: list[Tip], **more: object) -> list[int]:
    usual = {"had": set(), "sent_on": {}, "since": date(2026, 9, 1), "today": date(2026, 12, 4), "rhythm": "weekly"}
    return [one.page_id for one in rules.chosen(waiting, **{**usual, **more})]  # type: ignore[arg-type]


def test_a_series_goes_in_its_order_and_each_tip_once() -> None:
    row = [tip(3), tip(1), tip(2)]
    assert pick(row) == [3]
    assert pick(row, had={3}) == [1]
    assert pick(row, had={1, 2, 3}) == []
    assert pick(row, rhythm="monthly") == [3, 1, 2]
    assert pick([tip(3), tip(3, series="b"), tip(4, series="b")], rhythm="monthly") == [3, 4]


def test_a_series_keeps_its_interval_for_each_family() -> None:
    row = [tip(1, every=14), tip(2, every=14)]
    assert pick(row, had={1}, sent_on={"a": date(2026, 11, 27)}) == []
    assert pick(row, had={1}, sent_on={"a": date(2026, 11, 20)}) == [2]


def test_a_single_tip_comes_first_and_never_late_or_to_who_came_after() -> None:
    row = [tip(1), tip(9, single=True, on=date(2026, 12, 1))]
    assert pick(row) == [9]
    assert pick(row, since=date(2026, 12, 2)) == [1]
    assert pick(row, today=date(2027, 1, 5)) == [9]
    assert pick(row, today=date(2027, 1, 6)) == [1]


def test_what_begins_later_waits() -> None:
    assert pick([tip(1, on=date(2026, 12, 5))]) == []

"""Opening hours (rules §2): which times can be, which boxes are offered, and which days an agency's clock counts."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.clock import SCHOOL_ZONE, local_day
from kernel.errors import Invalid
from partners.calendars.choosing import open_days, picker, starts_in
from partners.calendars.forms import hours_text, read_hours
from partners.calendars.opening import (
    BOXES,
    Box,
    Hours,
    Kind,
    Opening,
    Part,
    Stretch,
    boxes_open,
    day_views,
    part_of,
    starts_of,
    windows_of,
)
from referrals.rules import SessionRule, check_windows
from workdays.clock import WorkCalendar, add_workdays

SHANGHAI = ZoneInfo(SCHOOL_ZONE)
NINE_TO_SIX = Opening(tuple(Hours(weekday, 9 * 60, 18 * 60) for weekday in range(5)))
STATE = WorkCalendar()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def closed(opening: Opening, first: str, last: str) -> Opening:
    return Opening(opening.hours, (*opening.closures, Stretch(at(first), at(last))))


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        ("2026-12-01 10:00", "2026-12-01 10:50", None),  # a Tuesday
        ("2026-12-01 17:10", "2026-12-01 18:00", None),  # to the last minute
        ("2026-12-01 17:11", "2026-12-01 18:01", "outside_hours"),
        ("2026-12-01 08:59", "2026-12-01 09:49", "outside_hours"),
        ("2026-12-01 03:00", "2026-12-01 03:50", "outside_hours"),  # at night
        ("2026-12-06 03:00", "2026-12-06 03:10", "shorter_than_session"),  # a Sunday night
        ("2026-12-06 10:00", "2026-12-06 10:50", "outside_hours"),
        ("2026-10-10 10:00", "2026-10-10 10:50", "outside_hours"),  # a swapped Saturday opens no agency
        ("2026-10-01 10:00", "2026-10-01 10:50", None),  # nor does a holiday close it
        ("2026-12-01 10:00", "2026-12-01 10:49", "shorter_than_session"),
    ],
)
def test_a_time_that_cannot_be_is_refused_with_its_reason(start: str, end: str, fault: str | None) -> None:
    assert NINE_TO_SIX.fault(at(start), at(end), 50, is_exact=True) == fault


def test_a_wish_needs_room_for_one_session() -> None:
    assert NINE_TO_SIX.fault(at("2026-12-01 07:00"), at("2026-12-01 09:50"), 50, is_exact=False) is None
    assert NINE_TO_SIX.fault(at("2026-12-01 07:00"), at("2026-12-01 09:49"), 50, is_exact=False) == "outside_hours"
    assert NINE_TO_SIX.fault(at("2026-12-01 07:00"), at("2026-12-01 09:50"), 50, is_exact=True) == "outside_hours"


def test_a_closure_in_the_middle_of_the_day_takes_its_time_out() -> None:
    day = closed(NINE_TO_SIX, "2026-12-01 11:00", "2026-12-01 14:00")
    assert day.fault(at("2026-12-01 10:10"), at("2026-12-01 11:00"), 50, is_exact=True) is None
    assert day.fault(at("2026-12-01 10:11"), at("2026-12-01 11:01"), 50, is_exact=True) == "in_closure"
    assert day.fault(at("2026-12-01 10:30"), at("2026-12-01 14:30"), 50, is_exact=False) == "in_closure"
    assert day.fault(at("2026-12-01 10:30"), at("2026-12-01 14:50"), 50, is_exact=False) is None
    assert [(f"{row.starts_at.astimezone(SHANGHAI):%H:%M}", f"{row.ends_at.astimezone(SHANGHAI):%H:%M}")
            for row in day.stretches(date(2026, 12, 1), 1)] == [("09:00", "11:00"), ("14:00", "18:00")]  # fmt: skip


def test_hours_that_touch_over_midnight_are_one_stretch() -> None:
    always = Opening(tuple(Hours(weekday, 0, 1440) for weekday in range(7)))
    assert always.fault(at("2026-12-31 23:40"), at("2027-01-01 00:30"), 50, is_exact=True) is None
    assert len(always.stretches(date(2026, 12, 25), 14)) == 1


def test_an_agency_that_has_not_said_its_hours_serves_nobody_at_night() -> None:
    silent = Opening()
    assert silent.fault(at("2026-12-06 03:00"), at("2026-12-06 03:50"), 50, is_exact=True) == "outside_hours"
    assert silent.fault(at("2026-12-06 10:00"), at("2026-12-06 10:50"), 50, is_exact=True) is None
    assert [silent.is_open(date(2026, 10, day)) for day in (1, 8, 9, 10, 11)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ("2026-11-27 15:40", "2026-11-30 15:40"),
        ("2026-11-29 03:36", "2026-11-30 12:00"),
        ("2026-09-30 10:00", "2026-10-01 10:00"),  # open in Golden Week until it says otherwise
        ("2026-10-09 10:00", "2026-10-12 10:00"),  # its Saturday is free although the schools work
    ],
)
def test_its_clock_counts_the_days_on_which_it_is_open(asked: str, due: str) -> None:
    assert add_workdays(at(asked), 1, NINE_TO_SIX) == at(due)


def test_a_closed_week_stops_its_clock() -> None:
    golden = closed(NINE_TO_SIX, "2026-10-01 00:00", "2026-10-08 00:00")
    assert add_workdays(at("2026-09-30 10:00"), 1, golden) == at("2026-10-08 10:00")
    half = closed(NINE_TO_SIX, "2026-12-01 12:00", "2026-12-02 00:00")
    assert half.is_open(date(2026, 12, 1)), "a closed afternoon is no closed day"


def test_a_box_is_offered_where_a_session_finds_room() -> None:
    now = at("2026-11-30 07:00")
    assert boxes_open(NINE_TO_SIX, STATE, 50, now) == {
        Box(Kind.WORKDAY, Part.MORNING),
        Box(Kind.WORKDAY, Part.AFTERNOON),
    }
    late = Opening((Hours(5, 10 * 60, 12 * 60), Hours(2, 18 * 60, 18 * 60 + 49)))
    assert boxes_open(late, STATE, 50, now) == {Box(Kind.WEEKEND, Part.MORNING)}, "49 minutes are no session"


def test_a_swapped_saturday_is_a_workday_of_the_person_and_a_holiday_is_none() -> None:
    daily = Opening(tuple(Hours(weekday, 9 * 60, 12 * 60) for weekday in range(7)))
    now = at("2026-10-01 07:00")
    work = {local_day(row.starts_at) for row in windows_of([Box(Kind.WORKDAY, Part.MORNING)], daily, STATE, 50, now)}
    assert sorted(day.day for day in work) == [8, 9, 10, 12, 13, 14]
    free = {local_day(row.starts_at) for row in windows_of([Box(Kind.WEEKEND, Part.MORNING)], daily, STATE, 50, now)}
    assert sorted(day.day for day in free) == [1, 2, 3, 4, 5, 6, 7, 11]


def test_what_has_passed_today_is_not_offered() -> None:
    now = at("2026-12-01 12:00")
    first = day_views(NINE_TO_SIX, 50, now)[0]
    assert (first.day, first.parts) == (date(2026, 12, 1), (Part.AFTERNOON,))
    assert all(row.starts_at > now for row in starts_of(NINE_TO_SIX, date(2026, 12, 1), 50, now))
    assert not day_views(NINE_TO_SIX, 50, at("2026-12-01 17:30"))[0].is_open


@pytest.mark.parametrize(
    ("clock", "first"), [("11:54", "12:00"), ("11:55", "12:00"), ("11:56", "12:30"), ("12:00", "12:30")]
)
def test_what_passes_while_the_page_is_read_is_not_offered(clock: str, first: str) -> None:
    now = at(f"2026-12-01 {clock}")
    assert starts_of(NINE_TO_SIX, date(2026, 12, 1), 50, now)[0].starts_at == at(f"2026-12-01 {first}")
    wish = [Stretch(at("2026-12-01 11:30"), at("2026-12-01 15:00"))]
    assert starts_in(NINE_TO_SIX, 50, now, wish, least=50)[0].starts_at == at(f"2026-12-01 {first}")


def test_parts_of_the_day_end_at_noon_and_at_six() -> None:
    assert [part_of(at(f"2026-12-01 {clock}")) for clock in ("00:00", "11:59", "12:00", "17:59", "18:00", "23:59")] == [
        Part.MORNING, Part.MORNING, Part.AFTERNOON, Part.AFTERNOON, Part.EVENING, Part.EVENING,
    ]  # fmt: skip


@st.composite
def openings(draw: st.DrawFn) -> Opening:
    rows = []
    for weekday in draw(st.sets(st.integers(0, 6))):
        marks = sorted(draw(st.sets(st.integers(0, 48), min_size=2, max_size=4)))
        rows += [Hours(weekday, first * 30, last * 30) for first, last in zip(marks[::2], marks[1::2], strict=False)]
    starts = draw(st.lists(st.integers(0, 14 * 48), max_size=2, unique=True))
    shut = [
        Stretch(
            at("2026-09-25 00:00") + timedelta(minutes=30 * s), at("2026-09-25 00:00") + timedelta(minutes=30 * s + 300)
        )
        for s in starts
    ]
    return Opening(tuple(rows), tuple(shut))


@given(openings(), st.sets(st.sampled_from(BOXES), min_size=1), st.integers(10, 180), st.integers(0, 48 * 7))
def test_what_the_boxes_stand_for_passes_the_rule_that_the_writers_ask(
    opening: Opening, boxes: set[Box], minutes: int, ahead: int
) -> None:
    now = at("2026-09-25 00:00") + timedelta(minutes=30 * ahead)
    found = windows_of(boxes, opening, STATE, minutes, now)
    if found:
        check_windows(found, now, SCHOOL_ZONE, SessionRule(opening, minutes, is_exact=False, most=42))
    offered = boxes_open(opening, STATE, minutes, now)
    assert bool(found) == bool(boxes & offered)


@given(openings(), st.integers(10, 180), st.integers(0, 48 * 7), st.integers(0, 13))
def test_every_start_that_is_offered_can_be_proposed(opening: Opening, minutes: int, ahead: int, days: int) -> None:
    now = at("2026-09-25 00:00") + timedelta(minutes=30 * ahead)
    for row in starts_of(opening, local_day(now) + timedelta(days=days), minutes, now):
        check_windows([row], now, SCHOOL_ZONE, SessionRule(opening, minutes))


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("9:00–12:00, 14:00-18:00", [(540, 720), (840, 1080)]),
        ("９：００－１２：００，１４：００～１８：００", [(540, 720), (840, 1080)]),
        ("9点到12点", [(540, 720)]),
        ("9-12 14-18", [(540, 720), (840, 1080)]),
        ("0:00 – 24:00", [(0, 1440)]),
        ("", []),
        ("  ", []),
        ("9:75-10:00", None),
        ("9:00-25:00", None),
        ("9:00", None),
        ("上午", None),
        ("9:00--12:00", None),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, read: list[tuple[int, int]] | None) -> None:
    assert read_hours(typed) == read
    if read:
        assert read_hours(hours_text(read)) == read


def test_the_rule_names_the_faulty_time() -> None:
    good, night = (at("2026-12-01 10:00"), at("2026-12-01 11:00")), (at("2026-12-02 02:00"), at("2026-12-02 03:00"))
    with pytest.raises(Invalid) as refused:
        check_windows([good, night], at("2026-11-30 07:00"), SCHOOL_ZONE, SessionRule(NINE_TO_SIX, 50))
    assert refused.value.fields == (("windows[1].starts_at", "outside_hours", ""),)


@pytest.mark.parametrize(("clock", "told"), [("10:00", "空"), ("17:40", "已过"), ("23:50", "已过")])
def test_a_day_whose_hours_are_over_is_not_called_shut(clock: str, told: str) -> None:
    shown = picker(NINE_TO_SIX, STATE, 50, at(f"2026-12-01 {clock}"))
    by_day = {cell.day: cell.note for cell in shown.days if cell.day}
    assert told in by_day[date(2026, 12, 1)]
    boxes = {cell.day: cell.note for cell in open_days(NINE_TO_SIX, STATE, 50, at(f"2026-12-01 {clock}")) if cell.day}
    assert ("已过" in boxes[date(2026, 12, 1)]) == (told == "已过")
    assert by_day[date(2026, 12, 5)] == "不开", "a Saturday"

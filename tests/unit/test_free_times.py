"""Free starts as a rule: hours, absences, buffers and seats in, half hours out (books §4)."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partners.calendars.free import Place, Use, can_take, free_starts, full, merged, nobody_free, open_stretches
from partners.calendars.opening import Hours, Opening, Stretch
from tests.conftest import school_time

MONDAY = date(2026, 11, 30)
WEEK = tuple(Hours(weekday, 9 * 60, 12 * 60) for weekday in range(5))
SESSION = timedelta(minutes=50)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def place(**facts):
    return Place(key=uuid4(), **facts)


def at(clock: str, day: date = MONDAY) -> datetime:
    return school_time(f"{day.isoformat()} {clock}")


def clocks(found, day: date = MONDAY) -> list[str]:
    zone = at("00:00").tzinfo
    return [f"{start.astimezone(zone):%H:%M}" for start in found if start.astimezone(zone).date() == day]


def starts(where, uses=(), *, opening=None, soonest=LONG_AGO, first=MONDAY, **more):
    return free_starts(where, opening or Opening(WEEK), SESSION, uses, first=first, soonest=soonest, **more)


def test_every_half_hour_at_which_the_whole_session_is_within_the_hours() -> None:
    assert clocks(starts(place())) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert clocks(starts(place()), MONDAY + timedelta(days=5)) == [], "Saturday"


@pytest.mark.parametrize(
    ("buffer", "told"),
    [
        (0, ["09:00", "11:00"]),
        (10, ["09:00", "11:00"]),
        # 9:50 and a quarter of an hour is after 10:00, and what was taken until 10:50 has its own buffer in its stretch.
        (15, ["11:00"]),
    ],
)
def test_the_buffer_stays_free_before_the_next_appointment_too(buffer: int, told: list[str]) -> None:
    taken = Use(at("10:00"), at("10:50"))
    assert clocks(starts(place(buffer=timedelta(minutes=buffer)), [taken])) == told


def test_own_hours_absences_and_closures_are_all_taken_out() -> None:
    opening = Opening(WEEK, closures=(Stretch(at("11:30"), at("23:00")),))
    one = place(hours=(Hours(0, 8 * 60, 20 * 60),), absences=(Stretch(at("09:00"), at("10:00")),))
    assert clocks(starts(one, opening=opening)) == ["10:00", "10:30"]
    assert clocks(starts(one, opening=opening), MONDAY + timedelta(days=1)) == [], "a day that it does not work"


def test_nothing_past_or_too_soon_is_offered_and_the_grid_stays() -> None:
    assert clocks(starts(place(), soonest=at("09:01"))) == ["09:30", "10:00", "10:30", "11:00"]
    assert clocks(starts(place(), soonest=at("09:30"))) == ["09:30", "10:00", "10:30", "11:00"]
    assert clocks(starts(place(), soonest=at("11:01"))) == []


def test_places_with_several_seats_are_free_until_the_fullest_moment() -> None:
    group = place(capacity=3)
    uses = [Use(at("09:00"), at("10:00"), 2), Use(at("09:30"), at("10:30"), 1)]
    # From 9:30 to 10:00 all three are taken; before and after there is one.
    assert clocks(starts(group, uses)) == ["10:00", "10:30", "11:00"]
    assert clocks(starts(group, uses[:1])) == ["09:00", "09:30", "10:00", "10:30", "11:00"]
    assert clocks(starts(place(capacity=3, takes=2), uses[:1])) == ["10:00", "10:30", "11:00"]


def test_a_seat_that_is_given_on_leaves_no_room_between() -> None:
    one = [Use(at("09:00"), at("10:00")), Use(at("10:00"), at("11:00"))]
    assert full(one, 1) == [Stretch(at("09:00"), at("11:00"))]
    assert full(one, 2) == []


@pytest.mark.parametrize(
    ("now", "first"), [("2026-11-30 07:00", "09:00"), ("2026-11-30 07:59", "10:00"), ("2026-11-30 08:00", "10:00")]
)
def test_before_eight_in_the_school_it_is_already_today(now: str, first: str) -> None:
    """07:00 in Shanghai is 23:00 of the day before in UTC."""
    moment = school_time(now)
    found = starts(place(), first=moment.date(), soonest=moment + timedelta(hours=2), days=1)
    assert clocks(found)[0] == first
    assert {start.astimezone(moment.tzinfo).date() for start in found} == {MONDAY}


def test_over_new_year_the_days_go_on() -> None:
    eve = date(2026, 12, 28)
    found = starts(place(), first=eve, days=14)
    days = sorted({start.astimezone(at("00:00").tzinfo).date() for start in found})
    assert days == [
        date(2026, 12, 28), date(2026, 12, 29), date(2026, 12, 30), date(2026, 12, 31), date(2027, 1, 1),
        date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 6), date(2027, 1, 7), date(2027, 1, 8),
    ]  # fmt: skip
    assert clocks(starts(place(), [Use(at("09:00", date(2026, 12, 31)), at("11:00", date(2027, 1, 1)))], first=eve),
                  date(2027, 1, 1)) == ["11:00"]  # fmt: skip


def test_only_days_that_an_agreement_covers() -> None:
    within = [Stretch(at("00:00", MONDAY + timedelta(days=1)), at("00:00", MONDAY + timedelta(days=3)))]
    found = starts(place(), within=within)
    assert {start.astimezone(at("00:00").tzinfo).date() for start in found} == {date(2026, 12, 1), date(2026, 12, 2)}


_MINUTES = st.integers(min_value=0, max_value=240)


@given(
    uses=st.lists(st.tuples(_MINUTES, st.integers(5, 120), st.integers(1, 3)), max_size=6),
    away=st.lists(st.tuples(_MINUTES, st.integers(5, 60)), max_size=2),
    buffer=st.sampled_from([0, 10, 25]),
    capacity=st.integers(1, 3),
)
def test_what_is_offered_can_be_taken_and_nothing_else_of_the_grid(uses, away, buffer, capacity) -> None:
    """The list of two weeks and the look at one time are two ways to one answer."""
    opens = at("08:30")
    opening = Opening(WEEK)
    absences = tuple(
        Stretch(opens + timedelta(minutes=begins), opens + timedelta(minutes=begins + length))
        for begins, length in away
    )
    one = place(buffer=timedelta(minutes=buffer), absences=absences, capacity=capacity)
    taken = [
        Use(opens + timedelta(minutes=begins), opens + timedelta(minutes=begins + length), seats)
        for begins, length, seats in uses
    ]
    grid = {
        row.starts_at + n * timedelta(minutes=30)
        for row in open_stretches(opening, one, MONDAY, 1)
        for n in range((row.ends_at - row.starts_at) // timedelta(minutes=30) + 1)
    }
    can = {start for start in grid if can_take(one, opening, start, start + SESSION, taken)}
    assert set(starts(one, taken, opening=opening, days=1)) == can


def _slow(where: Place, opening: Opening, uses, first: date, days: int, soonest: datetime, within) -> list[datetime]:
    """The same rule as one would say it: minute after minute, without a stretch, an order or a cut."""
    began = at("00:00", first)
    moments = [began + timedelta(minutes=n) for n in range(days * 24 * 60)]
    one_minute = timedelta(minutes=1)

    def holds(hours, moment: datetime) -> bool:
        minute = moment.hour * 60 + moment.minute
        return any(row.weekday == moment.weekday() and row.opens <= minute < row.closes for row in hours)

    def inside(rows, moment: datetime) -> bool:
        return any(row.starts_at <= moment < row.ends_at for row in rows)

    open_then = [
        holds(opening.hours, moment)
        and holds(where.hours or opening.hours, moment)
        and not inside(opening.closures, moment)
        and not inside(where.absences, moment)
        and inside(within, moment)
        for moment in moments
    ]
    room = {moment: sum(use.seats for use in uses if use.starts_at <= moment < use.ends_at) for moment in moments}
    found, since = [], 0
    for n, moment in enumerate(moments):
        since = 0 if n == 0 or not open_then[n - 1] else since + 1
        ends = n + SESSION // one_minute
        if not open_then[n] or since % 30 or moment < soonest or ends > len(moments) or not all(open_then[n:ends]):
            continue
        asked = [moment + k * one_minute for k in range((SESSION + where.buffer) // one_minute)]
        if all(room.get(each, 0) + 1 <= where.capacity for each in asked):
            found.append(moment)
    return found


_DAY = st.integers(0, 2)


@st.composite
def _weeks(draw) -> tuple[Hours, ...]:
    """One to three stretches of each of three weekdays, none over another; some touch, some reach midnight."""
    rows = []
    for weekday in range(3):
        bounds = sorted(draw(st.sets(st.integers(0, 96).map(lambda n: n * 15), min_size=2, max_size=6)))
        rows += [Hours(weekday, *pair) for pair in zip(bounds[::2], bounds[1::2], strict=False)]
    return tuple(rows)


@st.composite
def _stretches(draw, most: int, longest: int) -> list[Stretch]:
    rows = draw(st.lists(st.tuples(_DAY, st.integers(0, 1439), st.integers(1, longest)), max_size=most))
    begun = [at("00:00", MONDAY + timedelta(days=day)) + timedelta(minutes=minute) for day, minute, _length in rows]
    return [Stretch(begin, begin + timedelta(minutes=row[2])) for begin, row in zip(begun, rows, strict=True)]


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_the_quick_rule_says_what_the_slow_one_says(data) -> None:
    opening = Opening(data.draw(_weeks()), closures=tuple(data.draw(_stretches(2, 700))))
    where = place(
        hours=data.draw(st.one_of(st.just(()), _weeks())),
        absences=tuple(data.draw(_stretches(2, 400))),
        capacity=data.draw(st.integers(1, 3)),
        buffer=timedelta(minutes=data.draw(st.sampled_from([0, 10, 45]))),
    )
    uses = [Use(*row, data.draw(st.integers(1, 2))) for row in data.draw(_stretches(8, 200))]
    soonest = at("00:00") + timedelta(minutes=data.draw(st.integers(-60, 2 * 1440)))
    days = data.draw(st.sets(_DAY, min_size=1))
    within = [Stretch(at("00:00", day), at("00:00", day + timedelta(days=1)))
              for day in (MONDAY + timedelta(days=n) for n in sorted(days))]  # fmt: skip
    told = free_starts(
        where, opening, SESSION, uses, first=MONDAY, soonest=soonest, days=3, within=list(merged(within))
    )
    assert told == _slow(where, opening, uses, MONDAY, 3, soonest, within)


def test_when_nobody_is_free_is_when_each_is_away_shut_or_full() -> None:
    one, other = place(absences=(Stretch(at("09:00"), at("10:00")),)), place()
    rows = nobody_free([(one, []), (other, [Use(at("09:30"), at("10:30"))])], Opening(WEEK), MONDAY, 1)
    inside = [row for row in rows if at("09:00") <= row.starts_at and row.ends_at <= at("12:00")]
    assert inside == [Stretch(at("09:30"), at("10:00"))]

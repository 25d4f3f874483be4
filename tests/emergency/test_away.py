"""Who is away: a vacation is filled to its end 21 days before it begins, and nobody is asked why (chain §2)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as some

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.models import DutyAway, DutyShift, chain_moment
from referrals.emergency.readiness_facts import read_school, unfilled_of
from referrals.emergency.rota import duty_at
from referrals.emergency.rules.away import FILLED_BEFORE, Away, unfilled, without
from referrals.emergency.rules.on_duty import FIRST, Shift, at_wall, on_duty
from referrals.emergency.rules.readiness import Why, shorts
from referrals.emergency.tasks import end_what_is_over
from referrals.emergency.workflow.away import enter_away, take_back_away
from tests.conftest import actor_of, make_person
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import line_row, shift_row
from tests.emergency.test_duty_pages import browser
from workdays.models import CalendarChange
from workdays.selectors import forget

PAGE = "/centre/emergency/duty/away/"
ONE, TWO = (UUID(int=number) for number in (1, 2))
START = datetime(2026, 12, 20, tzinfo=UTC)
DAY = timedelta(days=1)


def span(who: UUID, first: int, last: int) -> Away:
    return Away(who, START + first * DAY, START + last * DAY)


def test_a_vacation_is_filled_to_its_end_over_the_years_end() -> None:
    """One of two colleagues is away over New Year; the rota reaches to the middle of it and has a hole on 31 December."""
    shifts = [Shift(FIRST, ONE, START, START + 11 * DAY), Shift(FIRST, TWO, START + 12 * DAY, START + 20 * DAY)]
    [found] = unfilled(shifts, [span(ONE, 8, 25)], START)
    assert [(hole.starts_at - START, hole.ends_at - START) for hole in found.holes] == [
        (8 * DAY, 12 * DAY),  # what is still theirs, and the hole behind it, as one
        (20 * DAY, 25 * DAY),  # the rota ends before they are back
    ]


def test_it_is_red_from_the_twenty_first_day_on_and_not_a_second_earlier() -> None:
    away = span(ONE, 30, 31)
    assert away.must_be_filled(away.starts_at - FILLED_BEFORE)
    assert not away.must_be_filled(away.starts_at - FILLED_BEFORE - timedelta(seconds=1))


def test_who_else_is_away_fills_nothing() -> None:
    shifts = [Shift(FIRST, TWO, START, START + 20 * DAY)]
    assert unfilled(shifts, [span(ONE, 2, 5)], START) == []
    both = unfilled(shifts, [span(ONE, 2, 5), span(TWO, 4, 6)], START)
    assert [one.away.who for one in both] == [ONE, TWO]
    assert unfilled(shifts, [span(ONE, 2, 5), span(TWO, 4, 6)], START + 7 * DAY) == [], "what is over is no hole"


@settings(max_examples=150, deadline=None)
@given(
    some.lists(some.tuples(some.sampled_from([ONE, TWO]), some.integers(0, 40), some.integers(1, 10)), max_size=6),
    some.lists(some.tuples(some.sampled_from([ONE, TWO]), some.integers(0, 40), some.integers(1, 10)), max_size=4),
    some.integers(0, 50),
)
def test_less_whoever_is_away_is_what_a_look_at_each_hour_says(held: Any, absent: Any, hour: int) -> None:
    shifts, at = [], START
    for who, pause, long in held:
        starts_at = at + timedelta(hours=pause)
        shifts.append(Shift(FIRST, who, starts_at, at := starts_at + timedelta(hours=long)))
    away = [
        Away(who, START + timedelta(hours=since), START + timedelta(hours=since + long)) for who, since, long in absent
    ]
    moment = START + timedelta(hours=hour, minutes=30)
    there = on_duty(without(shifts, away), moment).get(FIRST)
    called = on_duty(shifts, moment).get(FIRST)
    is_away = called is not None and any(
        one.who == called.who and one.starts_at <= moment < one.ends_at for one in away
    )
    assert (there.who if there else None) == (called.who if called and not is_away else None)


@pytest.fixture
def zhou(open_school: Any) -> Any:
    return make_person(open_school, "duty", title="周老师")


def days(school: Any, first: int, last: int) -> dict[str, date]:
    today = school.day_of(chain_moment())
    return {"first_day": today + first * DAY, "last_day": today + last * DAY}


pytest_db = pytest.mark.django_db


@pytest_db
def test_whoever_is_away_is_still_called_and_the_rota_keepers_are_told(open_school: Any, zhou: Any) -> None:
    centre = make_person(open_school, "centre")
    shift = shift_row(zhou, hours=200)
    row = enter_away(actor=actor_of(zhou), **days(open_school, 0, 2))
    held = duty_at(open_school, chain_moment())[FIRST]
    assert held.who == zhou.pk, "at night somebody who is away is more than nobody"
    assert list(OutboxMessage.objects.filter(template="duty_away").values_list("to_user_id", flat=True).distinct()) == [
        centre.user_id
    ]
    [found] = unfilled_of(open_school, chain_moment())
    assert found.away.key == row.pk and found.away.must_be_filled(chain_moment())
    assert Why.AWAY_DUE in {one.why for one in shorts(read_school(open_school, chain_moment()).facts)}
    assert DutyShift.objects.get(pk=shift.pk).holder_id == zhou.pk
    facts = AuditEntry.objects.get(action="duty_away.enter").facts
    assert not facts, "neither why nor when stands in the record"


@pytest_db
@pytest.mark.parametrize(
    ("first", "last", "code"),
    [(-1, 3, "away_past"), (4, 3, "away_days"), (0, 92, "away_too_long"), (390, 401, "away_too_far")],
)
def test_what_no_vacation_is(open_school: Any, zhou: Any, first: int, last: int, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        enter_away(actor=actor_of(zhou), **days(open_school, first, last))
    assert caught.value.reason == code
    assert not DutyAway.objects.exists() and not OutboxMessage.objects.exists() and not AuditEntry.objects.exists()


@pytest_db
def test_before_eight_in_the_morning_today_is_today(open_school: Any, zhou: Any) -> None:
    """At one in the night of New Year yesterday is over, and today is not."""
    today = open_school.day_of(chain_moment())
    night = at_wall(today + DAY, datetime.min.time().replace(hour=1), open_school.time_zone)
    with chain_ahead(night - chain_moment()):
        with pytest.raises(Invalid, match="away_past"):
            enter_away(actor=actor_of(zhou), first_day=today, last_day=today + DAY)
        enter_away(actor=actor_of(zhou), first_day=today + DAY, last_day=today + DAY)


@pytest_db
def test_two_vacations_of_one_never_overlap_and_one_that_has_begun_is_ended_not_deleted(
    open_school: Any, zhou: Any
) -> None:
    actor = actor_of(zhou)
    row = enter_away(actor=actor, **days(open_school, 2, 4))
    with pytest.raises(Conflict) as caught:
        enter_away(actor=actor, **days(open_school, 4, 6))
    assert caught.value.reason == "away_twice" and DutyAway.objects.count() == 1
    enter_away(actor=actor, **days(open_school, 5, 6))
    with pytest.raises(NotFound):
        take_back_away(actor=actor_of(make_person(open_school, "duty")), away_id=row.pk)
    with chain_ahead(3 * DAY):
        take_back_away(actor=actor, away_id=row.pk)
        row.refresh_from_db()
        assert row.last_day == row.first_day and DutyAway.objects.count() == 2
        with pytest.raises(NotFound):
            take_back_away(actor=actor, away_id=row.pk)
    with pytest.raises(Forbidden):
        enter_away(actor=actor_of(make_person(open_school, "staff")), **days(open_school, 2, 4))


@pytest_db
def test_the_page_says_what_nobody_has_and_by_when(open_school: Any, zhou: Any) -> None:
    client = browser(open_school, zhou)
    assert "没有人休假" in client.get(PAGE).text
    form = {key: value.isoformat() for key, value in days(open_school, 10, 12).items()}
    assert client.post(PAGE, form).status_code == 302
    page = client.get(PAGE).text
    assert "现在就要补满" in page and "周老师" in page and "不休了，我在" in page
    assert "有休假还没有补满" in client.get("/centre/emergency/duty/").text
    assert client.post(PAGE, form).status_code == 422 and DutyAway.objects.count() == 1
    assert client.post(PAGE, {"first_day": "昨天", "last_day": ""}).status_code == 422
    row = DutyAway.objects.get()
    back = f"{PAGE}{row.pk}/back/"
    assert browser(open_school, make_person(open_school, "duty")).post(back).status_code == 404
    assert client.post(back).status_code == 302 and not DutyAway.objects.exists()
    assert client.post(back, follow=True).status_code == 200, "back, and the button again"
    for role in ("staff", "principal", "admin", "head"):
        assert browser(open_school, make_person(open_school, role)).get(PAGE).status_code == 404
    assert Client(headers={"host": open_school.host}).get(PAGE).status_code == 302


@pytest_db
def test_a_line_that_fills_it_makes_it_green(open_school: Any, zhou: Any) -> None:
    enter_away(actor=actor_of(zhou), **days(open_school, 2, 3))
    assert unfilled_of(open_school, chain_moment())
    shift_row(line=line_row(answers="全天"), hours=24 * 6)
    assert unfilled_of(open_school, chain_moment()) == []


@pytest_db
def test_what_is_long_over_is_forgotten(open_school: Any, zhou: Any) -> None:
    enter_away(actor=actor_of(zhou), **days(open_school, 0, 1))
    with chain_ahead(91 * DAY):
        end_what_is_over()
        assert DutyAway.objects.count() == 1, "ninety days after its last day it is still there"
    with chain_ahead(92 * DAY):
        end_what_is_over()
        assert not DutyAway.objects.exists()


@pytest_db
def test_holidays_and_days_that_are_worked_instead_are_marked_in_the_rota(open_school: Any, zhou: Any) -> None:
    """The school's own word on a day is 休 or 班; a plain weekday bears no mark."""
    today = open_school.day_of(chain_moment())
    weekday, weekend = (
        next(today + number * DAY for number in range(2, 14) if (today + number * DAY).weekday() in wanted)
        for wanted in ((1, 2), (5, 6))
    )
    for day, is_workday in ((weekday, False), (weekend, True)):
        CalendarChange.objects.create(first_day=day, last_day=day, is_workday=is_workday)
    forget()
    shift_row(zhou, hours=24)
    page = browser(open_school, zhou).get("/centre/emergency/duty/").text
    assert f"{weekday.day}<br><small>休</small>" in page and f"{weekend.day}<br>\n<small>班</small>" in page
    assert "放假" in page and "周末调休上班" in page, "what the two marks mean"
    forget()

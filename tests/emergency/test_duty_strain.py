"""Rests under 11 h and turns over 24 h are said when a shift is written, taken or swapped, and stop nothing; one rule of red gaps."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as some

from referrals.emergency.models import DutyShift, chain_moment
from referrals.emergency.plan_facts import facts_of
from referrals.emergency.rota import shifts_between
from referrals.emergency.rules.on_duty import (
    Part,
    Shift,
    cell_times,
    gaps_ahead,
    preview_end,
    rota_day,
    short_rest,
    strain_if_taken,
    strain_of,
    too_long,
)
from tests.conftest import make_person
from tests.emergency.rota import line_row, shift_row
from tests.emergency.test_on_duty import CHEN, HOUR, START, ZHOU, rotas

HERE = "/centre/emergency/duty"


def turn(hours: float, length: float, who: UUID = ZHOU, layer: int = 1) -> Shift:
    begin = START + HOUR * hours
    return Shift(layer, who, begin, begin + HOUR * length, key=uuid4())


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ([], []),
        ([turn(-23, 12)], []),  # eleven hours are enough
        ([turn(-22.5, 12)], [(True, 10)]),
        ([turn(22.5, 12)], [(True, 10)]),
        ([turn(-12, 12)], []),  # 24 h in a row are not too long
        ([turn(-12, 12), turn(12, 0.5)], [(False, 25)]),
        ([turn(-13, 13, layer=2)], [(False, 25)]),  # being called second is duty too
        ([turn(-13, 13, CHEN), turn(13, 5, CHEN)], []),
        ([turn(-14, 12), turn(12, 14)], [(True, 2), (False, 26)]),
        ([turn(-60, 30)], []),  # over long ago, and said then
    ],
)
def test_what_twelve_hours_ask(others: list[Shift], says: list[tuple[bool, int]]) -> None:
    mine = turn(0, 12)
    found = strain_of([*others, mine], ZHOU, mine.starts_at, mine.ends_at)
    assert [(one.is_rest, one.hours) for one in found] == says
    theirs = Shift(mine.layer, CHEN, mine.starts_at, mine.ends_at, key=mine.key)
    assert strain_if_taken([*others, theirs], mine) == found


@settings(deadline=None)
@given(some.data())
def test_what_is_said_of_every_shift_is_what_the_rota_shows(data: Any) -> None:
    shifts = data.draw(rotas())
    found = {
        strain.span
        for one in shifts
        if one.is_person
        for strain in strain_of(shifts, one.who, one.starts_at, one.ends_at)
    }
    assert found == {*too_long(shifts), *short_rest(shifts)}


def told(client: Client, answer: Any) -> str:
    """What this answer says; the page that it leads to has shown it by then."""
    said = " ".join(str(one) for one in get_messages(answer.wsgi_request))
    client.get(f"{HERE}/")
    return said


@pytest.fixture
def browser(open_school: Any) -> Client:
    client = Client(headers={"host": open_school.host})
    client.force_login(make_person(open_school, "centre", name="陈主任", title="陈主任").user)
    return client


def cell_of(school: Any, days: int, part: Part) -> tuple[datetime, datetime, str]:
    day = rota_day(chain_moment(), school.time_zone) + timedelta(days=days)
    return (*cell_times(day, part, school.time_zone), day.isoformat())


@pytest.mark.django_db
def test_it_is_said_when_a_shift_is_written(open_school: Any, browser: Client) -> None:
    zhou = make_person(open_school, "duty", title="周老师")
    begin, end, day = cell_of(open_school, 3, Part.DAY)
    shift_row(zhou, starts_at=begin, ends_at=end)
    given = {"who": f"m-{zhou.pk}", "layer": "1", "first_day": day}
    other = browser.post(f"{HERE}/new/", {**given, "part": "other", "begins": "22:00", "ends": "23:00"})
    assert other.status_code == 302 and "周老师只休息 2 小时" in told(browser, other)
    assert DutyShift.objects.count() == 2, "a warning stops nothing"
    next_day = cell_of(open_school, 9, Part.DAY)[2]
    calm = browser.post(f"{HERE}/new/", {**given, "first_day": next_day, "part": "day"})
    told_calmly = told(browser, calm)
    assert "休息" not in told_calmly and "连值" not in told_calmly
    whole = browser.post(f"{HERE}/new/", {**given, "first_day": next_day, "part": "night"})
    assert "连值" not in told(browser, whole), "24 hours in a row are allowed"
    longer = cell_of(open_school, 10, Part.DAY)[2]
    assert "周老师连值 36 小时" in told(
        browser, browser.post(f"{HERE}/new/", {**given, "first_day": longer, "part": "day"})
    )


@pytest.mark.django_db
def test_it_is_said_when_a_week_is_written_and_not_without_end(open_school: Any, browser: Client) -> None:
    zhou = make_person(open_school, "duty", title="周老师")
    day = cell_of(open_school, 20, Part.DAY)[2]
    begin, end, _day = cell_of(open_school, 27, Part.DAY)
    shift_row(zhou, starts_at=begin, ends_at=end)
    form = browser.get(f"{HERE}/week/?day={day}").context["form"]
    days = {name: f"m-{zhou.pk}" for number, name in enumerate(form.fields) if number % 4 in (0, 1, 2)}
    said = told(browser, browser.post(f"{HERE}/week/?day={day}", days))
    assert said.count("周老师连值 36 小时") == 3 and "本页还有 1 处" in said


@pytest.mark.django_db
def test_it_is_said_before_and_after_taking_over(open_school: Any) -> None:
    zhou = make_person(open_school, "duty", title="周老师")
    shift_row(line=line_row(), hours=12)
    shift_row(zhou, begins_in=14, hours=8)
    client = Client(headers={"host": open_school.host})
    client.force_login(zhou.user)
    page = client.get(f"{HERE}/take/")
    assert "周老师只休息 2 小时" in page.text or "周老师只休息 1 小时" in page.text
    taken = client.post(f"{HERE}/take/", dict(page.context["hidden"]))
    assert taken.status_code == 302 and "只休息" in told(client, taken)


@pytest.mark.django_db
def test_readiness_and_the_page_call_the_same_holes_red(open_school: Any, browser: Client) -> None:
    shift_row(line=line_row(), hours=30)
    shift_row(line=line_row("+8657187654322"), begins_in=30 + 5, hours=24 * 20)
    now = chain_moment()
    holes = gaps_ahead(
        shifts_between(open_school, now, preview_end(now, open_school.time_zone)), now, open_school.time_zone
    )
    assert [hole.length for hole in holes] == [holes[0].length] and holes[0].length >= timedelta(hours=5) - HOUR / 60
    assert facts_of(open_school, now).holes == holes
    assert browser.get(f"{HERE}/").text.count("没有人值班") >= 1

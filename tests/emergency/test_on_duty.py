"""One function says who is on duty at *t*: preview, list of gaps, database and the pages agree at every moment."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from kernel.clock import end_of_day
from referrals.emergency.models import DutyShift
from referrals.emergency.rota import duty_at, shifts_between
from referrals.emergency.rules.on_duty import (
    Part,
    Shift,
    cells,
    gaps,
    grid,
    on_duty,
    rota_day,
    runs,
    short_rest,
    too_long,
)
from tenancy.scope import use_tenant
from tests.conftest import make_person, make_school, school_time
from tests.emergency.rota import chain_now, line_row, shift_row

ZONE = "Asia/Shanghai"
ZHOU, CHEN, LINE = UUID(int=1), UUID(int=2), UUID(int=3)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
START = datetime(2026, 12, 28, 5, 30, tzinfo=UTC)  # 13:30 in Shanghai; the window runs over New Year


@some.composite
def rotas(draw: Any, start: datetime = START) -> list[Shift]:
    """Shifts without overlap inside each layer: some follow at once, some leave a hole, some begin before the window."""
    found = []
    for layer in (1, 2):
        at = start + timedelta(hours=draw(some.integers(-30, 30)))
        for _number in range(draw(some.integers(0, 18))):
            at += MINUTE * draw(some.sampled_from([0, 0, 0, 1, 11 * 60, 30 * 60]))
            ends_at = at + MINUTE * draw(some.sampled_from([1, 59, 8 * 60, 12 * 60, 24 * 60, 36 * 60]))
            who = draw(some.sampled_from([ZHOU, CHEN, LINE]))
            found.append(Shift(layer, who, at, ends_at, who != LINE, uuid4()))
            at = ends_at
    return found


def moments(shifts: list[Shift], draw: Any, start: datetime = START) -> list[datetime]:
    """Random ones, and the ends of everything: where two clocks disagree first."""
    edges = [edge for shift in shifts for edge in (shift.starts_at, shift.ends_at)]
    walls = [cell.starts_at for cell in cells(rota_day(start, ZONE), 14, ZONE)]
    drawn = [start + timedelta(seconds=draw(some.integers(0, 13 * 86400))) for _number in range(5)]
    return [*edges, *walls, *drawn]


@settings(deadline=None)
@given(some.data())
def test_preview_and_list_of_gaps_say_what_the_function_says(data: Any) -> None:
    shifts = data.draw(rotas())
    first = rota_day(START, ZONE)
    until = start_of_last(first)
    holes = gaps(shifts, START, until)
    preview = grid(shifts, first, ZONE, since=START)
    assert [hole for cell in preview for hole in cell.gaps] == cut_at_walls(holes, preview)
    for moment in moments(shifts, data.draw):
        if not START <= moment < until:
            continue
        held = on_duty(shifts, moment).get(1)
        assert (held is None) is any(hole.starts_at <= moment < hole.ends_at for hole in holes)
        cell = next(cell for cell in preview if cell.covers(moment))
        assert [shift for shift in cell.shifts if shift.covers(moment)] == ([held] if held else [])
        assert (held is None) is any(hole.starts_at <= moment < hole.ends_at for hole in cell.gaps)


def start_of_last(first: date) -> datetime:
    return list(cells(first, 14, ZONE))[-1].ends_at


def cut_at_walls(holes: list[Any], preview: list[Any]) -> list[Any]:
    """Holes as cells show them: cut where a cell ends."""
    return [
        type(hole)(max(hole.starts_at, cell.starts_at), min(hole.ends_at, cell.ends_at))
        for hole in holes
        for cell in preview
        if hole.starts_at < cell.ends_at and cell.starts_at < hole.ends_at
    ]


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.data())
def test_the_database_says_what_the_function_says(open_school: Any, data: Any) -> None:
    start = chain_now() + timedelta(days=3)
    shifts = data.draw(rotas(start))
    with transaction.atomic():
        line = line_row()
        people = {who: make_person(open_school, "duty") for who in (ZHOU, CHEN)}
        DutyShift.objects.bulk_create(
            DutyShift(
                layer=shift.layer,
                holder=people.get(shift.who),
                line=None if shift.is_person else line,
                starts_at=shift.starts_at,
                ends_at=shift.ends_at,
            )
            for shift in shifts
        )
        names = {person.pk: who for who, person in people.items()} | {line.pk: LINE}
        for moment in [*moments(shifts, data.draw, start), start - timedelta(days=9)]:
            said = {layer: names[shift.who] for layer, shift in duty_at(open_school, moment).items()}
            assert said == {layer: shift.who for layer, shift in on_duty(shifts, moment).items()}, moment
        read = shifts_between(open_school, start, start + timedelta(days=14))
        assert gaps(read, start, start + timedelta(days=14)) == gaps(shifts, start, start + timedelta(days=14))
        transaction.set_rollback(True)


def shift(begins: str, ends: str, who: UUID = ZHOU, layer: int = 1) -> Shift:
    return Shift(layer, who, school_time(begins).astimezone(UTC), school_time(ends).astimezone(UTC), who != LINE)


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-12-31 20:00", CHEN),
        ("2026-12-31 23:59", CHEN),
        ("2027-01-01 00:00", CHEN),
        ("2027-01-01 07:00", CHEN),
        ("2027-01-01 07:59", CHEN),
        ("2027-01-01 08:00", ZHOU),
        ("2027-01-01 19:59", ZHOU),
        ("2027-01-01 20:00", None),
        ("2026-12-31 19:59", None),
    ],
)  # fmt: skip
def test_over_new_year_and_at_the_very_end(at: str, who: UUID | None) -> None:
    rota = [shift("2026-12-31 20:00", "2027-01-01 08:00", CHEN), shift("2027-01-01 08:00", "2027-01-01 20:00")]
    held = on_duty(rota, school_time(at)).get(1)
    assert (held.who if held else None) == who


@pytest.mark.parametrize(
    ("at", "day", "part"),
    [
        ("2026-08-31 20:00", date(2026, 8, 31), Part.NIGHT),
        ("2026-09-01 00:00", date(2026, 8, 31), Part.NIGHT),
        ("2026-09-01 07:00", date(2026, 8, 31), Part.NIGHT),
        ("2026-09-01 08:00", date(2026, 9, 1), Part.DAY),
        ("2027-01-01 03:00", date(2026, 12, 31), Part.NIGHT),
    ],
)  # fmt: skip
def test_before_eight_it_is_still_last_night(at: str, day: date, part: Part) -> None:
    moment = school_time(at)
    assert rota_day(moment, ZONE) == day
    assert next(cell for cell in cells(day, 1, ZONE) if cell.covers(moment)).part is part


def test_what_is_over_today_is_no_hole() -> None:
    now = school_time("2026-11-30 14:16")
    preview = grid([shift("2026-11-30 15:00", "2026-11-30 20:00")], date(2026, 11, 30), ZONE, since=now, days=1)
    assert [(hole.starts_at, hole.ends_at) for hole in preview[0].gaps] == [(now, school_time("2026-11-30 15:00"))]


def test_long_turns_and_short_rests_are_joined_over_layers_and_not_asked_of_lines() -> None:
    day, night = shift("2026-12-05 08:00", "2026-12-05 20:00"), shift("2026-12-05 20:00", "2026-12-06 08:00", layer=2)
    assert too_long([day, night]) == []
    morning = shift("2026-12-06 08:00", "2026-12-06 08:01")
    [run] = too_long([morning, night, day])
    assert (run.who, run.length) == (ZHOU, 24 * HOUR + MINUTE)
    assert too_long([shift("2026-12-01 08:00", "2026-12-09 08:00", LINE)]) == []
    assert short_rest([day, shift("2026-12-06 07:00", "2026-12-06 08:00")]) == []
    [rest] = short_rest(
        [day, shift("2026-12-06 06:59", "2026-12-06 08:00"), shift("2026-12-05 21:00", "2026-12-05 22:00", CHEN)]
    )
    assert (rest.who, rest.length) == (ZHOU, 10 * HOUR + 59 * MINUTE)
    assert short_rest([day, night]) == []
    assert [one.who for one in runs([day, shift("2026-12-05 08:00", "2026-12-05 20:00", CHEN, 2)])] == [ZHOU, CHEN]


@pytest.mark.django_db
def test_a_colleague_who_has_left_and_a_line_that_answers_no_more_leave_a_hole(open_school: Any) -> None:
    zone, moment = open_school.time_zone, chain_now()
    person, line = make_person(open_school, "duty"), line_row()
    shift_row(person, hours=24 * 5)
    shift_row(line=line, layer=2, hours=24 * 5)
    last = open_school.day_of(moment + timedelta(days=1))
    person.left_on = last
    person.save(update_fields=["left_on"])
    line.is_active, line.ended_at = False, moment + 2 * HOUR
    line.save(update_fields=["is_active", "ended_at"])
    assert set(duty_at(open_school, moment + HOUR)) == {1, 2}
    assert set(duty_at(open_school, moment + 3 * HOUR)) == {1}
    assert set(duty_at(open_school, end_of_day(last, zone) - MINUTE)) == {1}
    assert set(duty_at(open_school, end_of_day(last, zone))) == set()
    [hole] = gaps(
        shifts_between(open_school, moment + HOUR, moment + timedelta(days=4)),
        moment + HOUR,
        moment + timedelta(days=4),
    )
    assert hole.starts_at == end_of_day(last, zone)


@pytest.mark.django_db
def test_another_schools_rota_is_not_asked(open_school: Any) -> None:
    shift_row(make_person(open_school, "duty"))
    assert set(duty_at(open_school, chain_now())) == {1}
    with use_tenant(make_school().pk):
        assert duty_at(open_school, chain_now()) == {}

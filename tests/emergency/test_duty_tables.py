"""What the database itself refuses of lines, seats, shifts, plans and the chain's switch (docs/emergency.md Tables)."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from kernel.clock import now
from referrals.emergency.models import Chain, DutyLine, DutyShift, Plan, PlanStep, Seat
from tests.conftest import make_person, make_school
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import LANDLINE, chain_now, line_row, plan_row, shift_row, step_row

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def refused(match: str, act: Callable[[], Any]) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        act()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


SERVICE_WRITTEN = [
    prefix + number
    for number in ("110", "119", "120", "122", "12345", "12356")
    for prefix in ("", "+86", "0086", "86", "0571", "571", "+86571", "+860571", "010", "+8610", "021", "+8621")
]


@pytest.mark.parametrize("number", [*SERVICE_WRITTEN, "120-1", "１２０", "1-2-0", "一二〇", "", "12", "+8612345678901"])
def test_no_line_bears_a_service_number_however_it_is_written(open_school: Any, number: str) -> None:
    refused("duty_line_n", lambda: line_row(number))
    assert not DutyLine.objects.exists()


@pytest.mark.parametrize("number", SERVICE_WRITTEN)
def test_the_last_door_stands_by_itself(open_school: Any, number: str) -> None:
    """Without the shape too: whatever shape is allowed one day, these are not."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'duty_line_no_service_number'"
        )
        condition = cursor.fetchone()[0].removeprefix("CHECK ")
        cursor.execute("SELECT " + condition.replace("%", "%%") + " FROM (SELECT %s::text AS number) AS line", [number])
        assert cursor.fetchone()[0] is False


@pytest.mark.parametrize("number", [LANDLINE, "+861087654321", "+8613800138000", "4001619995", "+862120345678"])
def test_a_landline_a_mobile_and_a_400_line_are_lines(open_school: Any, number: str) -> None:
    assert line_row(number).pk


def test_nobody_holds_one_seat_beside_another(open_school: Any) -> None:
    line, person = line_row(), make_person(open_school, "centre")
    seat = Seat.objects.create(kind="centre_head", holder=person, since=date(2026, 1, 1), until=date(2026, 9, 1))
    refused(
        "seat_no_overlap", lambda: Seat.objects.create(kind="centre_head", holder_line=line, since=date(2026, 8, 31))
    )
    Seat.objects.create(kind="centre_head", holder_line=line, since=date(2026, 9, 1))
    Seat.objects.create(kind="principal", holder=person, since=date(2026, 8, 31))
    refused("seat_days", lambda: Seat.objects.filter(pk=seat.pk).update(until=seat.since))
    for name, values in {
        "seat_one_holder": {},
        "seat_deputy_is_another": {"holder": person, "deputy": person},
        "seat_deputy_line_is_another": {"holder_line": line, "deputy_line": line},
        "seat_one_deputy": {"holder": make_person(open_school), "deputy": person, "deputy_line": line},
    }.items():
        refused(name, lambda values=values: Seat.objects.create(kind="moral", since=date(2026, 1, 1), **values))
    refused(
        "seat_one_holder",
        lambda: Seat.objects.create(kind="moral", since=date(2026, 1, 1), holder=person, holder_line=line),
    )


def test_one_layer_has_one_shift_at_a_time_and_one_may_follow_the_other(open_school: Any) -> None:
    person = make_person(open_school, "duty")
    first = shift_row(person)
    refused("duty_shift_no_overlap", lambda: shift_row(begins_in=11.99))
    DutyShift.objects.create(line=line_row("4001619995"), starts_at=first.ends_at, ends_at=first.ends_at + HOUR)
    shift_row(person, layer=2)
    refused("duty_shift_one_holder", lambda: shift_row(person, begins_in=48, line=DutyLine.objects.first()))
    refused("duty_shift_one_holder", lambda: shift_row(None, begins_in=48, line=None))
    refused("duty_shift_layer", lambda: shift_row(begins_in=48, layer=3))
    refused("duty_shift_times", lambda: shift_row(begins_in=48, hours=0))


def test_who_was_on_duty_stays(open_school: Any) -> None:
    person, other = make_person(open_school, "duty"), make_person(open_school, "duty")
    shift = shift_row(person)
    row = DutyShift.objects.filter(pk=shift.pk)
    for change in (
        {"holder": other},
        {"layer": 2},
        {"starts_at": shift.starts_at + HOUR},
        {"ends_at": shift.ends_at + HOUR},
        {"ends_at": chain_now() - timedelta(seconds=11)},
        {"ends_at": shift.ends_at - HOUR, "holder": other},
    ):
        refused("can only be ended", lambda change=change: row.update(**change))
    refused("can only be ended", row.delete)
    refused("cannot begin in the past", lambda: shift_row(other, begins_in=-0.01, layer=2))
    shift.refresh_from_db()
    assert (shift.holder_id, shift.layer) == (person.pk, 1)
    row.update(ends_at=chain_now())
    refused("can only be ended", lambda: row.update(ends_at=chain_now()))
    refused("can only be ended", row.delete)


def test_a_shift_to_come_may_be_changed_and_taken_out_until_the_chains_clock_reaches_it(open_school: Any) -> None:
    person, other = make_person(open_school, "duty"), make_person(open_school, "duty")
    shift = shift_row(person, begins_in=24)
    row = DutyShift.objects.filter(pk=shift.pk)
    row.update(holder=other, ends_at=shift.ends_at + HOUR)
    refused("cannot begin in the past", lambda: row.update(starts_at=chain_now() - HOUR))
    with chain_ahead(timedelta(hours=25)):
        refused("can only be ended", row.delete)
    row.delete()
    assert not row.exists()


def test_one_plan_of_a_kind_and_grade_is_in_use_and_one_is_drafted(open_school: Any) -> None:
    used = {"state": "in_use", "in_use_at": now()}
    plan_row(version=1, **used)
    refused("plan_one_in_use", lambda: plan_row(version=2, **used))
    refused("plan_version_once", lambda: plan_row(version=1, state="retired", in_use_at=now(), retired_at=now()))
    plan_row()
    refused("plan_one_draft", plan_row)
    refused("plan_draft_has_no_version", lambda: plan_row(grade="major", version=1))
    refused("plan_draft_has_no_version", lambda: plan_row(grade="major", **used))
    refused("plan_retired_says_when", lambda: plan_row(grade="major", version=1, state="retired", in_use_at=now()))
    plan_row(grade="major", version=1, **used)
    plan_row(kind="medical", version=1, **used)


def test_a_plan_that_was_used_is_frozen_with_its_steps(open_school: Any) -> None:
    plan = plan_row()
    step = step_row(plan)
    PlanStep.objects.filter(pk=step.pk).update(wait_minutes=3)
    Plan.objects.filter(pk=plan.pk).update(state="in_use", version=1, in_use_at=now())
    row, steps = Plan.objects.filter(pk=plan.pk), PlanStep.objects.filter(pk=step.pk)
    other = plan_row(grade="major")
    for act in (
        lambda: row.update(grade="general"),
        lambda: row.update(version=2),
        lambda: row.update(state="draft", version=0, in_use_at=None),
        lambda: row.update(state="retired", retired_at=now(), version=7),
    ):
        refused("does not change", act)
    for act in (
        lambda: steps.update(wait_minutes=4),
        lambda: steps.update(plan=other),
        lambda: steps.delete(),
        lambda: step_row(plan, position=1),
    ):
        refused("steps of a plan that was used", act)
    moved = step_row(other)
    refused("steps of a plan that was used", lambda: PlanStep.objects.filter(pk=moved.pk).update(plan=plan, position=5))
    row.update(state="retired", retired_at=now())
    refused("does not change", lambda: row.update(state="in_use", retired_at=None))
    refused("steps of a plan that was used", lambda: steps.delete())


def test_only_a_step_by_hand_bears_a_service_number(open_school: Any) -> None:
    plan = plan_row()
    for target in ("on_duty", "contact", "home_community", "team"):
        refused("plan_step_dialled_by_hand", lambda target=target: step_row(plan, target=target, dial="120"))
    for dial in ("", "911", "0120", "10086"):
        refused("plan_step_dialled_by_hand", lambda dial=dial: step_row(plan, target="by_hand", dial=dial))
    assert step_row(plan, target="by_hand", dial="120").rule.role == "by_hand:120"


def test_a_step_points_at_what_its_rule_needs_and_at_nothing_else(open_school: Any) -> None:
    plan, line = plan_row(), line_row()
    for name, values in {
        "plan_step_number": {"number": None},
        "plan_step_seat": {"target": "seat"},
        "plan_step_line": {"target": "line"},
        "plan_step_partner": {"target": "partner"},
        "plan_step_target_known": {"target": "owner"},
        "plan_step_wait": {"wait_minutes": 61},
    }.items():
        refused(name, lambda values=values: step_row(plan, **values))
    refused("plan_step_number", lambda: step_row(plan, number=3))
    refused("plan_step_seat", lambda: step_row(plan, seat="doctor"))
    refused("plan_step_line", lambda: step_row(plan, line=line))
    step_row(plan)
    refused("plan_step_position_once", lambda: step_row(plan, number=2))


def test_no_chain_is_live_without_a_line_and_two_people(open_school: Any) -> None:
    head, principal, line = make_person(open_school, "centre"), make_person(open_school, "principal"), line_row()
    chain = Chain.objects.create(state="rehearsal")
    row = Chain.objects.filter(pk=chain.pk)
    refused("chain_live_has_a_line", lambda: row.update(state="live", switched_by=head, agreed_by=principal))
    refused("chain_live_by_two", lambda: row.update(state="live", operator_line=line, switched_by=head))
    refused("chain_live_by_two", lambda: row.update(state="live", operator_line=line, switched_by=head, agreed_by=head))
    refused("chain_asked_by_somebody", lambda: row.update(wanted="live"))
    refused("chain_once", lambda: Chain.objects.create())
    row.update(state="live", operator_line=line, switched_by=head, agreed_by=principal)
    refused("chain_live_has_a_line", lambda: row.update(operator_line=None))


def test_nothing_hangs_on_another_schools_row(open_school: Any) -> None:
    other = make_school()
    stranger = make_person(other, "duty")
    with pytest.raises(IntegrityError), transaction.atomic():
        shift_row(stranger)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

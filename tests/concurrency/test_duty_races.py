"""Two at once on one rota, one plan and one duty; beside each the control that shows the race without its lock."""

from collections.abc import Iterator
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError

from kernel.errors import Conflict, IllegalMove
from referrals.emergency.models import DutyShift, DutySwap, Plan, chain_moment
from referrals.emergency.rota import duty_at
from referrals.emergency.rules.step_rules import on_duty
from referrals.emergency.rules.swaps import SwapEvent, swap_step
from referrals.emergency.workflow.plans import draft_plan, put_in_use, save_step
from referrals.emergency.workflow.shifts import Draft, enter_shifts, take_duty
from referrals.emergency.workflow.swaps import accept_swap, ask_swap, decline_swap, undo_swap, withdraw_swap
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.emergency.ready import Ready, make_ready
from tests.emergency.rota import plan_row, shift_row

pytestmark = pytest.mark.usefixtures("committed")
TIMES = 8


@pytest.fixture
def school(committed: None) -> Any:
    return make_school()


@pytest.fixture
def ready(school: Any) -> Iterator[Ready]:
    with use_tenant(school.pk):
        made = make_ready(school, with_plans=False)
    yield made


def test_two_shifts_for_one_hour_are_one(school: Any, ready: Ready) -> None:
    with use_tenant(school.pk):
        start = chain_moment() + timedelta(days=90)
    draft = Draft(start, start + timedelta(hours=12), line_id=ready.line.pk)
    other = Draft(start + timedelta(hours=6), start + timedelta(hours=18), holder_id=ready.duty.pk)
    results = at_once(
        school,
        [lambda given=given: enter_shifts(actor=ready.centre, shifts=[given]) for given in (draft, other) * TIMES],
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert len(results) - len(refused) == 1
    assert {(type(one), getattr(one, "reason", "")) for one in refused} == {(Conflict, "shift_overlaps")}
    with use_tenant(school.pk):
        assert DutyShift.objects.filter(starts_at__gte=start).count() == 1


def test_control_the_database_alone_lets_one_in_too(school: Any, ready: Ready) -> None:
    """The writers' lock gives the words; the constraint is what holds."""
    results = at_once(school, [lambda: shift_row(line=ready.line, begins_in=24 * 90) for _number in range(TIMES)])
    assert sum(not isinstance(one, Exception) for one in results) == 1
    assert {type(one) for one in results if isinstance(one, Exception)} == {IntegrityError}


def test_two_who_take_over_at_the_same_second_are_one(school: Any, ready: Ready) -> None:
    with use_tenant(school.pk):
        running = duty_at(school, chain_moment())[1]
        people = [make_person(school, "duty") for _number in range(TIMES)]
    results = at_once(
        school, [lambda who=who: take_duty(actor=actor_of(who), instead_of=running.key) for who in people]
    )
    taken = [one for one in results if isinstance(one, DutyShift)]
    assert len(taken) == 1
    assert {getattr(one, "reason", one) for one in results if one is not taken[0]} == {"duty_just_taken"}
    with use_tenant(school.pk):
        assert duty_at(school, chain_moment())[1].who == taken[0].holder_id
        assert DutyShift.objects.get(pk=running.key).ends_at == taken[0].starts_at


def _swap(school: Any, ready: Ready) -> tuple[DutySwap, Any]:
    """A colleague is asked to take a shift that begins in ninety days."""
    with use_tenant(school.pk):
        colleague = make_person(school, "duty")
        shift = shift_row(ready.duty, begins_in=24 * 90)
        return ask_swap(actor=actor_of(ready.duty), shift_id=shift.pk, colleague_id=colleague.pk), colleague


def test_of_those_who_accept_decline_and_withdraw_at_once_one_is_heard(school: Any, ready: Ready) -> None:
    swap, colleague = _swap(school, ready)
    asked, asker = actor_of(colleague), actor_of(ready.duty)
    acts = [
        lambda: accept_swap(actor=asked, swap_id=swap.pk),
        lambda: decline_swap(actor=asked, swap_id=swap.pk),
        lambda: withdraw_swap(actor=asker, swap_id=swap.pk),
    ]
    results = at_once(school, acts * 3)
    done = [one for one in results if isinstance(one, DutySwap)]
    assert len(done) == 1
    assert all(isinstance(one, IllegalMove) for one in results if one is not done[0])
    with use_tenant(school.pk):
        held = DutyShift.objects.get(pk=swap.shift_id).holder_id
        assert held == (colleague.pk if done[0].state == "accepted" else ready.duty.pk)
        assert DutySwap.objects.get().state == done[0].state


def test_two_who_undo_at_once_undo_once(school: Any, ready: Ready) -> None:
    swap, colleague = _swap(school, ready)
    with use_tenant(school.pk):
        accept_swap(actor=actor_of(colleague), swap_id=swap.pk)
    acts = [
        lambda who=who: undo_swap(actor=actor_of(who), swap_id=swap.pk)
        for who in (colleague, ready.duty) * (TIMES // 2)
    ]
    results = at_once(school, acts)
    assert sum(isinstance(one, DutySwap) for one in results) == 1
    assert all(isinstance(one, DutySwap | IllegalMove) for one in results)
    with use_tenant(school.pk):
        assert DutyShift.objects.get(pk=swap.shift_id).holder_id == ready.duty.pk


def test_control_without_the_lock_both_who_answer_are_heard(school: Any, ready: Ready) -> None:
    """What each writer does, by hand and without its lock: the row says what came last, and both believe that it is theirs."""
    swap, _colleague = _swap(school, ready)
    together = Barrier(2)

    def answer(state: str) -> str:
        row = DutySwap.objects.get(pk=swap.pk)
        after = swap_step(row.state, SwapEvent(state))
        together.wait(10)
        values = {"accepted_at": chain_moment()} if after == "accepted" else {"ended_at": chain_moment()}
        ended_by = None if after == "accepted" else swap.asker_id
        blank = {"accepted_at": None, "ended_at": None}
        DutySwap.objects.filter(pk=swap.pk).update(state=after, ended_by=ended_by, **(blank | values))
        return after

    results = at_once(school, [lambda: answer("accept"), lambda: answer("withdraw")])
    assert sorted(map(str, results)) == ["accepted", "withdrawn"]


def test_two_plans_put_in_use_at_once_are_one_version_after_the_other(school: Any, ready: Ready) -> None:
    with use_tenant(school.pk):
        plan = draft_plan(actor=ready.centre, kind="psychological", grade="extreme")
    results = at_once(school, [lambda: put_in_use(actor=ready.centre, plan_id=plan.pk) for _number in range(TIMES)])
    assert sum(isinstance(one, Plan) for one in results) == 1
    assert {one.reason for one in results if isinstance(one, Exception)} == {"plan_is_used"}  # type: ignore[attr-defined]
    with use_tenant(school.pk):
        [used] = Plan.objects.filter(kind="psychological", grade="extreme", state="in_use")
        assert used.version == 1


def test_control_two_rows_in_use_are_refused_by_the_database(school: Any, ready: Ready) -> None:
    def insert() -> Plan:
        return plan_row(kind="medical", version=1, state="in_use", in_use_at=chain_moment())

    results = at_once(school, [insert for _number in range(TIMES)])
    assert sum(isinstance(one, Plan) for one in results) == 1
    assert {type(one) for one in results if isinstance(one, Exception)} == {IntegrityError}


def test_no_step_slips_into_a_plan_while_it_is_put_in_use(school: Any, ready: Ready) -> None:
    with use_tenant(school.pk):
        plan = draft_plan(actor=ready.centre, kind="psychological", grade="major")
        before = plan.steps.count()

    def add() -> Any:
        return save_step(
            actor=ready.centre, plan_id=plan.pk, leg="school", rule=on_duty(2), channels=["in_app"], wait_minutes=None
        )

    results = at_once(school, [lambda: put_in_use(actor=ready.centre, plan_id=plan.pk), add])
    with use_tenant(school.pk):
        used = Plan.objects.get(pk=plan.pk).state == "in_use"
        added = Plan.objects.get(pk=plan.pk).steps.count() - before
    reasons = [getattr(one, "reason", "") for one in results]
    # A quiet step stops a plan: either it came too late, or the plan was not put in use with it.
    assert (used, added, reasons) in [(True, 0, ["", "plan_is_used"]), (False, 1, ["plan_has_faults", ""])]

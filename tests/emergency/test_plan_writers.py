"""Plans and the chain's switch through their writers: drafts, versions, faults that stop, two people, the nightly look."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from accounts.actor import system_in
from audit.models import AuditEntry
from kernel.clock import now
from kernel.errors import Conflict, DomainError, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from partners.models import Agreement
from referrals.emergency.going_live import Lacking, lacks
from referrals.emergency.models import Chain, DutyLine, DutyShift, Plan, PlanStep, Seat, chain_moment
from referrals.emergency.rules.plan_states import (
    BY_TWO,
    CHAIN_MOVES,
    PLAN_MOVES,
    ChainEvent,
    ChainState,
    PlanEvent,
    PlanState,
    chain_step,
    plan_step,
)
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target, contact, on_duty, seat
from referrals.emergency.tasks import look_at_all_plans
from referrals.emergency.workflow.nightly import look_again_at_plans
from referrals.emergency.workflow.plans import (
    discard_plan,
    draft_plan,
    move_step,
    put_in_use,
    remove_step,
    retire_plan,
    save_step,
)
from referrals.emergency.workflow.seats import end_seat, name_deputy
from referrals.emergency.workflow.switching import set_operator_line, switch, withdraw_ask
from tests.conftest import actor_of, make_person
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.ready import Ready, make_ready
from tests.emergency.sending_steps import account_row

pytestmark = pytest.mark.django_db
LIVE, OFF, REHEARSE = ChainEvent.GO_LIVE, ChainEvent.SWITCH_OFF, ChainEvent.REHEARSE


@pytest.fixture
def ready(open_school: Any) -> Ready:
    return make_ready(open_school)


@pytest.fixture
def bare(open_school: Any) -> Ready:
    return make_ready(open_school, with_plans=False)


def refused(kind: type[DomainError], code: str, act: Callable[[], Any]) -> DomainError:
    """``act`` is refused with ``code`` and nothing moved."""

    def rows() -> tuple[Any, ...]:
        tables = (Plan, PlanStep, Chain)
        return (
            tuple(sorted(map(str, table.objects.values_list())) for table in tables),
            AuditEntry.objects.count(),
            OutboxMessage.objects.count(),
        )

    before = rows()
    with pytest.raises(kind) as error:
        act()
    assert error.value.reason == code
    assert rows() == before
    return error.value


def steps(plan: Plan, leg: str = "school") -> list[str]:
    return [row.rule.role for row in plan.steps.filter(leg=leg).order_by("position")]


def test_the_moves_of_a_plan_and_of_the_chain() -> None:
    for state in PlanState:
        for event in PlanEvent:
            if (state, event) not in PLAN_MOVES:
                with pytest.raises(IllegalMove):
                    plan_step(state, event)
    for place in ChainState:
        for happening in ChainEvent:
            if (place, happening) not in CHAIN_MOVES:
                with pytest.raises(IllegalMove):
                    chain_step(place, happening)
    assert {state for (state, _event), to in CHAIN_MOVES.items() if to is ChainState.LIVE} == {ChainState.REHEARSAL}
    assert {move for move, to in CHAIN_MOVES.items() if ChainState.LIVE in (to, move[0])} == BY_TWO


def test_a_first_plan_begins_with_the_steps_of_the_house_and_the_agreed_institutions(bare: Ready) -> None:
    plan = draft_plan(actor=bare.centre, kind="psychological", grade="extreme")
    assert steps(plan) == ["on_duty:1", "on_duty:2", "seat:centre_head", "seat:principal"]
    assert steps(plan, "family") == ["contact:1", "contact:2"]
    medical = plan.steps.filter(leg="medical").order_by("position")
    assert [row.partner_id for row in medical] == [None, *(one.pk for one in bare.institutions)]
    assert (plan.version, plan.state) == (0, "draft")
    refused(Conflict, "plan_draft_there", lambda: draft_plan(actor=bare.centre, kind="psychological", grade="extreme"))
    refused(Invalid, "plan_unknown", lambda: draft_plan(actor=bare.centre, kind="psychological", grade="x"))


def test_the_next_version_begins_as_a_copy_and_the_one_before_stays(ready: Ready) -> None:
    first = Plan.objects.get(kind="psychological", grade="extreme", state="in_use")
    draft = draft_plan(actor=ready.centre, kind="psychological", grade="extreme")
    assert steps(draft) == steps(first)
    [last] = draft.steps.filter(leg="school", seat="principal")
    move_step(actor=ready.centre, plan_id=draft.pk, step_id=last.pk, up=True)
    assert steps(draft) == ["on_duty:1", "on_duty:2", "seat:principal", "seat:centre_head"]
    put_in_use(actor=ready.centre, plan_id=draft.pk)
    first.refresh_from_db()
    draft.refresh_from_db()
    assert (first.state, first.version, draft.state, draft.version) == ("retired", 1, "in_use", 2)
    assert steps(first) == ["on_duty:1", "on_duty:2", "seat:centre_head", "seat:principal"]
    [one, *_] = first.steps.all()
    for act in (
        lambda: save_step(
            actor=ready.centre, plan_id=draft.pk, leg="school", rule=on_duty(1), channels=["sms"], wait_minutes=None
        ),
        lambda: remove_step(actor=ready.centre, plan_id=first.pk, step_id=one.pk),
        lambda: move_step(actor=ready.centre, plan_id=first.pk, step_id=one.pk, up=False),
        lambda: discard_plan(actor=ready.centre, plan_id=draft.pk),
        lambda: put_in_use(actor=ready.centre, plan_id=first.pk),
    ):
        refused(Conflict, "plan_is_used", act)
    with pytest.raises(IllegalMove):
        retire_plan(actor=ready.centre, plan_id=first.pk)


def test_steps_are_added_changed_moved_and_taken_out(bare: Ready) -> None:
    plan = draft_plan(actor=bare.centre, kind="psychological", grade="general")
    given: dict[str, Any] = {"actor": bare.centre, "plan_id": plan.pk, "leg": "school", "channels": ["voice"]}
    added = save_step(**given, rule=StepRule(Target.LINE, ref=str(bare.line.pk)), wait_minutes=3)
    assert (added.position, added.text_id, added.line_id) == (3, "page.school", bare.line.pk)
    changed = save_step(**given, rule=StepRule(Target.BY_HAND, dial="120"), wait_minutes=None, step_id=added.pk)
    assert (changed.pk, changed.text_id, changed.line_id, changed.dial) == (added.pk, "call.120", None, "120")
    first = plan.steps.get(leg="school", position=0)
    remove_step(actor=bare.centre, plan_id=plan.pk, step_id=first.pk)
    assert steps(plan) == ["on_duty:2", "seat:centre_head", "by_hand:120"]
    assert list(plan.steps.filter(leg="school").values_list("position", flat=True)) == [0, 1, 2]
    move_step(actor=bare.centre, plan_id=plan.pk, step_id=changed.pk, up=False)
    assert steps(plan)[-1] == "by_hand:120"
    refused(NotFound, "not_found", lambda: remove_step(actor=bare.centre, plan_id=plan.pk, step_id=uuid4()))
    discard_plan(actor=bare.centre, plan_id=plan.pk)
    assert not Plan.objects.exists() and not PlanStep.objects.exists()


def test_what_a_step_refuses(bare: Ready) -> None:
    plan = draft_plan(actor=bare.centre, kind="psychological", grade="extreme")
    given: dict[str, Any] = {
        "actor": bare.centre, "plan_id": plan.pk, "leg": "school", "rule": on_duty(1), "channels": ["sms"], "wait_minutes": 2,
    }  # fmt: skip
    for kind, code, values in (
        (Invalid, "service_number", {"rule": StepRule(Target.ON_DUTY, number=1, dial="120")}),
        (Invalid, "step_incomplete", {"rule": StepRule(Target.BY_HAND, dial="10086")}),
        (Invalid, "step_incomplete", {"rule": StepRule(Target.SEAT)}),
        (Invalid, "step_wrong_leg", {"rule": contact(1)}),
        (Invalid, "step_wrong_leg", {"leg": "family", "rule": seat(SeatKind.PRINCIPAL)}),
        (Invalid, "step_wrong_leg", {"leg": "street"}),
        (Invalid, "step_wait", {"wait_minutes": 6}),
        (Invalid, "step_wait", {"wait_minutes": 0}),
        (Invalid, "step_channels", {"channels": []}),
        (Invalid, "step_channels", {"channels": ["pigeon"]}),
        (Invalid, "line_unknown", {"rule": StepRule(Target.LINE, ref=str(uuid4()))}),
        (Invalid, "step_partner", {"leg": "medical", "rule": StepRule(Target.PARTNER, ref=str(uuid4()))}),
    ):
        refused(kind, code, lambda values=values: save_step(**{**given, **values}))
    for _number in range(4):
        save_step(**given)
    refused(Refused, "step_too_many", lambda: save_step(**given))


def test_a_plan_that_would_not_hold_is_not_put_in_use(bare: Ready) -> None:
    plan = draft_plan(actor=bare.centre, kind="psychological", grade="extreme")
    for row in plan.steps.filter(leg="community"):
        remove_step(actor=bare.centre, plan_id=plan.pk, step_id=row.pk)
    error = refused(Refused, "plan_has_faults", lambda: put_in_use(actor=bare.centre, plan_id=plan.pk))
    assert error.params["count"] == 1
    rule = StepRule(Target.HOME_COMMUNITY)
    save_step(actor=bare.centre, plan_id=plan.pk, leg="community", rule=rule, channels=["voice"], wait_minutes=None)
    assert put_in_use(actor=bare.centre, plan_id=plan.pk).version == 1
    assert retire_plan(actor=bare.centre, plan_id=plan.pk).state == "retired"


def live(ready: Ready) -> Chain:
    switch(actor=ready.centre, event=REHEARSE)
    switch(actor=ready.centre, event=LIVE)
    return switch(actor=actor_of(ready.principal), event=LIVE)


def test_two_different_people_of_two_seats_go_live(open_school: Any, ready: Ready) -> None:
    assert lacks(open_school, chain_moment()) == []
    principal = actor_of(ready.principal)
    with pytest.raises(IllegalMove):
        switch(actor=ready.centre, event=LIVE)
    assert switch(actor=principal, event=REHEARSE).state == "rehearsal"
    asked = switch(actor=ready.centre, event=LIVE)
    assert (asked.state, asked.wanted) == ("rehearsal", "live")
    assert set(OutboxMessage.objects.filter(template="chain_asked").values_list("to_user_id", flat=True)) == {
        ready.principal.user_id
    }
    refused(Conflict, "switch_needs_another", lambda: switch(actor=ready.centre, event=LIVE))
    deputy = make_person(open_school, "principal")
    refused(Refused, "switch_not_your_seat", lambda: switch(actor=actor_of(deputy), event=LIVE))
    chain = switch(actor=principal, event=LIVE)
    assert (chain.state, chain.wanted) == ("live", "")
    assert {chain.switched_by_id, chain.agreed_by_id} == {ready.head.pk, ready.principal.pk}
    plan = Plan.objects.get(kind="medical", grade="major", state="in_use")
    refused(Refused, "plan_needed_live", lambda: retire_plan(actor=ready.centre, plan_id=plan.pk))
    assert switch(actor=principal, event=OFF).state == "live"
    assert switch(actor=ready.centre, event=OFF).state == "off"


def test_the_first_of_two_still_holds_a_seat_when_the_second_speaks(open_school: Any, ready: Ready) -> None:
    switch(actor=ready.centre, event=REHEARSE)
    switch(actor=ready.centre, event=LIVE)
    other = make_person(open_school, "centre")
    Seat.objects.filter(kind="centre_head").update(holder=other)
    asked = switch(actor=actor_of(ready.principal), event=LIVE)
    assert (asked.state, asked.asked_by_id) == ("rehearsal", ready.principal.pk)
    Seat.objects.filter(kind="principal").update(holder=other)
    Seat.objects.filter(kind="centre_head").update(holder=ready.principal)
    assert switch(actor=actor_of(other), event=LIVE).state == "live"


def test_an_ask_holds_a_day_and_may_be_withdrawn(ready: Ready) -> None:
    switch(actor=ready.centre, event=REHEARSE)
    switch(actor=ready.centre, event=LIVE)
    with chain_ahead(timedelta(hours=24, minutes=1)):
        asked = switch(actor=actor_of(ready.principal), event=LIVE)
        assert (asked.state, asked.asked_by_id) == ("rehearsal", ready.principal.pk)
    assert withdraw_ask(actor=ready.centre).wanted == ""
    refused(Invalid, "switch_unknown", lambda: switch(actor=ready.centre, event="jump"))


def test_a_word_for_one_move_is_none_for_another(ready: Ready) -> None:
    switch(actor=ready.centre, event=REHEARSE)
    switch(actor=ready.centre, event=LIVE)
    Chain.objects.update(wanted="off")
    asked = switch(actor=actor_of(ready.principal), event=LIVE)
    assert (asked.state, asked.wanted, asked.asked_by_id) == ("rehearsal", "live", ready.principal.pk)


@pytest.mark.parametrize("missing", list(Lacking))
def test_nothing_goes_live_while_anything_is_missing(
    open_school: Any, ready: Ready, missing: Lacking, settings: Any
) -> None:
    settings.CHAIN_MUST_BE_WATCHED = True
    settings.HEARTBEAT_URL, settings.OPERATOR_PHONE = "https://watch.example.org/x", "+8613911112222"
    switch(actor=ready.centre, event=REHEARSE)
    switch(actor=ready.centre, event=LIVE)
    code = "chain_not_ready"
    match missing:
        case Lacking.OPERATOR_LINE:
            Chain.objects.update(operator_line=None)
            code = "chain_needs_operator_line"
        case Lacking.HEARTBEAT:
            settings.HEARTBEAT_URL = ""
        case Lacking.OPERATOR_PHONE:
            settings.OPERATOR_PHONE = ""
        case Lacking.UNPROVEN:
            settings.CHAIN_CHANNELS, settings.GATEWAY_URL = [], ""
            old = chain_moment() - timedelta(days=90)
            account_row("aliyun", proven_at=old, tested_at=old, is_proven=False)
            account_row("aliyun", "voice", is_proven=False)
        case Lacking.NO_LOCAL_LINE:
            DutyLine.objects.exclude(kind="operator").update(answers="每天 20:00 到次日 8:00")
        case Lacking.PLAN_MISSING:
            retire_plan(actor=ready.centre, plan_id=Plan.objects.get(kind="medical", grade="general").pk)
        case Lacking.PLAN_FAULTY:
            Agreement.objects.update(data_part_valid_until=open_school.day_of(chain_moment()))
        case Lacking.DUTY_GAP:
            DutyShift.objects.filter(starts_at__gt=chain_moment()).delete()
        case Lacking.SEAT_MISSING:
            end_seat(actor=ready.centre, seat_id=Seat.objects.get(kind="moral").pk)
            Seat.objects.filter(kind="centre_head").update(holder=None, holder_line=ready.line, deputy=None)
            ready.line.is_active, ready.line.ended_at = False, chain_moment()
            ready.line.save()
        case Lacking.DEPUTY_MISSING:
            name_deputy(actor=ready.centre, seat_id=Seat.objects.get(kind="principal").pk)
    assert missing in {lack.lacking for lack in lacks(open_school, chain_moment())}
    refused(Refused, code, lambda: switch(actor=actor_of(ready.principal), event=LIVE))
    assert Chain.objects.get().state == "rehearsal"


def test_only_a_line_of_the_operator_stands_behind_the_chain(ready: Ready) -> None:
    refused(Invalid, "line_not_operators", lambda: set_operator_line(actor=ready.centre, line_id=ready.line.pk))


def test_who_may_not(ready: Ready) -> None:
    duty = actor_of(ready.duty)
    refused(Forbidden, "forbidden", lambda: draft_plan(actor=duty, kind="medical", grade="major"))
    refused(Forbidden, "forbidden", lambda: switch(actor=duty, event=REHEARSE))


def told(template: str = "chain_faults") -> int:
    return OutboxMessage.objects.filter(template=template).values("to_user_id").distinct().count()


def test_what_is_new_at_night_is_told_once_to_centre_and_administrator(open_school: Any, ready: Ready) -> None:
    machine = system_in(open_school.pk)
    admin = make_person(open_school, "admin")
    live(ready)
    assert (look_again_at_plans(actor=machine), told()) == (0, 0)
    Agreement.objects.filter(partner=ready.institutions[0]).update(state="suspended", suspended_at=now())
    assert look_again_at_plans(actor=machine) > 0
    users = set(OutboxMessage.objects.filter(template="chain_faults").values_list("to_user_id", flat=True))
    assert users == {ready.head.user_id, admin.user_id}
    rows = OutboxMessage.objects.count()
    assert look_again_at_plans(actor=machine) == 0
    Agreement.objects.filter(partner=ready.institutions[0]).update(state="active")
    assert (look_again_at_plans(actor=machine), OutboxMessage.objects.count()) == (0, rows)
    Agreement.objects.filter(partner=ready.institutions[0]).update(state="suspended", suspended_at=now())
    assert look_again_at_plans(actor=machine) > 0
    assert Chain.objects.get().state == "live", "a chain that is live is told of, never switched off"


def test_a_school_that_has_nothing_is_told_nothing_and_the_task_visits_all(open_school: Any) -> None:
    make_person(open_school, "centre")
    assert look_again_at_plans(actor=system_in(open_school.pk)) == 0
    assert told() == 0
    assert look_at_all_plans() >= 1

"""A drill from its plan to its end: who may, who is called, what goes wrong on purpose, and that all of it stays in the house."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from notifications.models import InboxMessage, OutboxMessage
from notifications.texts import render
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import (
    Card,
    Chain,
    Delivery,
    Drill,
    DrillChange,
    DrillPlayer,
    Incident,
    Leg,
    Recipient,
    WatchTask,
    chain_moment,
)
from referrals.emergency.rules.drills import DRILL_MOVES, Inject, Part, is_abort_word, is_played, part_of
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.step_rules import Target
from referrals.emergency.workflow import answering, drill_review, drilling, ending, grading
from referrals.emergency.workflow.switching import switch
from tenancy.scope import use_tenant
from tests.emergency.drill_steps import (
    WORD,
    all_read,
    begun,
    fresh,
    incident_of,
    plan_of,
    planned,
    players_of,
    work,
)
from tests.emergency.world import World, codes, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(world: World) -> Iterator[World]:
    """Open."""
    with use_tenant(world.school.pk):
        yield world


@pytest.fixture
def drill(world: World) -> Drill:
    """One that runs, graded extreme by the one who plays the psychologist on duty."""
    found = begun(world)
    pk = incident_of(found).pk
    answering.acknowledge(actor=world.actor("duty"), incident_id=pk, kind="school", eta=15)
    grading.write_grade(actor=world.actor("duty"), incident_id=pk, grade="extreme")
    work()
    return found


def must_refuse(code: str, kind: type[Exception], act: Callable[[], object]) -> None:
    """Refused with ``code``; and no row of a drill, an incident or the record has moved."""
    before = _rows()
    with pytest.raises(kind) as caught:
        act()
    if code:
        assert str(caught.value) == code
    assert _rows() == before


def _rows() -> list[Any]:
    models = (Drill, DrillPlayer, DrillChange, Incident, Leg, Recipient, Delivery, InboxMessage)
    return [list(model.objects.order_by("pk").values()) for model in models] + [AuditEntry.objects.count()]


class TestPlanning:
    def test_whoever_plays_is_asked_to_read_it_in_the_house_alone(self, world: World) -> None:
        ordinary = OutboxMessage.objects.count()
        drill = planned(world)
        assert drill.state == "planned"
        told = InboxMessage.objects.filter(template="drill_planned")
        assert {row.membership_id for row in told} == players_of(drill)
        assert {row.link for row in told} == {f"/centre/emergency/drills/{drill.pk}/"}
        assert OutboxMessage.objects.count() == ordinary
        assert not Incident.objects.exists()

    def test_it_begins_when_all_have_read_it(self, world: World) -> None:
        drill = planned(world)
        leader = world.actor("deputy")
        must_refuse("drill_not_briefed", Refused, lambda: drilling.begin(actor=leader, drill_id=drill.pk))
        all_read(world, drill)
        begun_at = drilling.begin(actor=leader, drill_id=drill.pk).begun_at
        assert begun_at is not None
        one = incident_of(drill)
        assert (one.is_drill, one.person_id, one.grade, one.suggested) == (True, None, "", "extreme")

    def test_another_briefing_is_read_anew_and_other_players_are_not_asked_twice(self, world: World) -> None:
        drill = planned(world)
        all_read(world, drill)
        given = plan_of(world, planned_for=drill.planned_for)
        drilling.change_drill(actor=world.actor("deputy"), drill_id=drill.pk, plan=given)
        assert not drill.players.filter(briefed_at=None).exists()
        given = plan_of(world, planned_for=drill.planned_for, briefing="换了一个地方集合。")
        drilling.change_drill(actor=world.actor("deputy"), drill_id=drill.pk, plan=given)
        assert not drill.players.exclude(briefed_at=None).exists()

    @pytest.mark.parametrize(
        ("code", "values"),
        [
            ("drill_past", {"planned_for": -1}),
            ("drill_nobody_plays", {"players": []}),
            ("drill_messages_unreadable", {"messages": (Inject(481, "太晚"),)}),
            ("drill_messages_unreadable", {"messages": tuple(Inject(1, "一") for _ in range(21))}),
            ("words_missing", {"abort_word": "  "}),
            ("words_too_long", {"abort_word": "停" * 13}),
            ("not_in_list", {"scenario": "fire"}),
        ],
    )
    def test_what_cannot_be_planned(self, world: World, code: str, values: dict[str, Any]) -> None:
        if values.get("planned_for") == -1:
            values = {"planned_for": chain_moment() - timedelta(minutes=1)}
        plan = plan_of(world, **values)
        must_refuse(code, Invalid, lambda: drilling.plan_drill(actor=world.actor("deputy"), plan=plan))

    def test_one_part_is_played_by_one_and_by_a_colleague_of_this_school(self, world: World) -> None:
        twice = [(world.members[post].pk, "contact:1") for post in ("moral", "head")]
        must_refuse("not_in_list", Invalid, lambda: planned(world, players=twice))
        stranger = Incident(pk=world.members["head"].pk).pk.__class__(int=7)
        must_refuse("holder_unknown", Invalid, lambda: planned(world, players=[(stranger, "self")]))

    def test_without_the_permission_nothing_is_planned_or_led(self, world: World) -> None:
        drill = planned(world)
        other = world.actor("principal")
        plan = plan_of(world)
        for act in (
            lambda: drilling.plan_drill(actor=other, plan=plan),
            lambda: drilling.change_drill(actor=other, drill_id=drill.pk, plan=plan),
            lambda: drilling.take_lead(actor=other, drill_id=drill.pk),
            lambda: drilling.begin(actor=other, drill_id=drill.pk),
            lambda: drilling.call_off(actor=other, drill_id=drill.pk),
            lambda: drilling.set_fault(actor=other, drill_id=drill.pk, leg="family", position=0, fault="refusal"),
            lambda: drill_review.write_learnt(actor=other, drill_id=drill.pk, words="没有"),
        ):
            must_refuse("", Forbidden, act)
        # May lead drills, and does not lead this one.
        must_refuse("", Forbidden, lambda: drilling.begin(actor=world.actor("duty"), drill_id=drill.pk))
        drilling.take_lead(actor=world.actor("duty"), drill_id=drill.pk)
        all_read(world, drill)
        drilling.begin(actor=world.actor("duty"), drill_id=drill.pk)

    def test_a_chain_that_is_off_takes_no_drill_and_one_in_rehearsal_does(self, world: World) -> None:
        drill = planned(world)
        all_read(world, drill)
        Chain.objects.update(state="off")
        must_refuse("chain_off", Refused, lambda: drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk))
        Chain.objects.update(state="rehearsal", switched_by=world.members["centre"], agreed_by=None)
        assert drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk).state == "running"

    def test_called_off_it_never_begins(self, world: World) -> None:
        drill = planned(world)
        drilling.call_off(actor=world.actor("deputy"), drill_id=drill.pk)
        all_read_no = drill.players.first()
        assert all_read_no is not None
        must_refuse("", IllegalMove, lambda: drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk))
        must_refuse(
            "drill_begun", Conflict, lambda: drilling.confirm_briefing(actor=world.actor("duty"), drill_id=drill.pk)
        )
        must_refuse("drill_not_begun", Conflict, lambda: drilling.abort(actor=world.actor("deputy"), drill_id=drill.pk))
        must_refuse("drill_over", Conflict, lambda: drilling.take_lead(actor=world.actor("centre"), drill_id=drill.pk))

    def test_the_chain_is_not_switched_off_under_it(self, world: World, drill: Drill) -> None:
        Chain.objects.update(state="rehearsal", agreed_by=None)
        must_refuse("drill_still_on", Refused, lambda: switch(actor=world.actor("centre"), event="switch_off"))
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert switch(actor=world.actor("centre"), event="switch_off").state == "off"

    def test_one_drill_of_a_school_runs(self, world: World, drill: Drill) -> None:
        other = planned(world)
        all_read(world, other)
        must_refuse(
            "drill_on_already", Conflict, lambda: drilling.begin(actor=world.actor("deputy"), drill_id=other.pk)
        )


class TestPlaying:
    def test_only_who_plays_is_called_and_parties_outside_are_played(self, world: World, drill: Drill) -> None:
        one = incident_of(drill)
        rows = list(Recipient.objects.filter(leg__incident=one).select_related("leg"))
        assert {row.member_id for row in rows} <= players_of(drill)
        assert {row.leg.kind for row in rows} == {"school", "team", "family", "medical", "community"}
        family = next(row for row in rows if row.leg.kind == "family")
        assert (family.role, family.member_id) == ("contact:1", world.members["moral"].pk)
        assert world.members["person"].pk not in {row.member_id for row in rows}
        assert not Recipient.objects.filter(member=world.members["deputy"]).exists(), "who leads plays nobody"

    def test_a_played_party_answers_by_the_same_buttons(self, world: World, drill: Drill) -> None:
        pk = incident_of(drill).pk
        answering.acknowledge(actor=world.actor("moral"), incident_id=pk, kind="family", eta=30)
        answering.engage(actor=world.actor("moral"), incident_id=pk, kind="family")
        leg = legs_of(incident_of(drill))["family"]
        assert (leg.state, leg.owner_id) == ("engaged", world.members["moral"].pk)
        assert not Card.objects.exists()
        with pytest.raises(Forbidden):
            answering.acknowledge(actor=world.actor("second"), incident_id=pk, kind="medical", eta=30)

    def test_who_plays_two_parties_may_say_no_for_one(self, world: World, drill: Drill) -> None:
        one = incident_of(drill)
        answering.decline(actor=world.actor("head"), incident_id=one.pk, kind="community")
        work()
        medical = Recipient.objects.get(leg__incident=one, leg__kind="medical", role="partner")
        assert medical.answer == ""
        answering.acknowledge(actor=world.actor("head"), incident_id=one.pk, kind="medical", eta=30)
        assert legs_of(one)["medical"].state == "acknowledged"

    def test_its_messages_come_by_their_minutes(self, world: World, drill: Drill) -> None:
        assert fresh(drill).told_injects == 0
        for number in (1, 2):
            Drill.objects.filter(pk=drill.pk).update(next_at=chain_moment() - timedelta(seconds=1))
            work()
            assert fresh(drill).told_injects == number
        told = InboxMessage.objects.filter(template="drill_news")
        assert told.count() == 2 * (len(players_of(drill)) + 1)
        assert fresh(drill).next_event == "lapse_due"

    def test_every_message_of_it_says_that_it_is_one(self, world: World, drill: Drill) -> None:
        rows = InboxMessage.objects.all()
        assert rows.filter(template__startswith="drill_").exists()
        for row in rows:
            assert "演练" in render(row.template, {}, "zh").subject
            assert "rill" in render(row.template, {}, "en").subject

    def test_nothing_is_owed_after_it(self, world: World, drill: Drill) -> None:
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert not WatchTask.objects.exists()
        assert incident_of(drill).state == "closed"
        assert not Leg.objects.filter(incident=incident_of(drill), next_at__isnull=False).exists()
        must_refuse(
            "drill_not_again",
            Refused,
            lambda: ending.reopen(actor=world.actor("centre"), incident_id=incident_of(drill).pk),
        )

    def test_who_plays_may_close_it_and_the_leader_ends_it_then(self, world: World, drill: Drill) -> None:
        one = incident_of(drill)
        for post in ("duty", "centre"):
            ending.say_false_alarm(actor=world.actor(post), incident_id=one.pk)
        assert fresh(drill).state == "running"
        drilling.end(actor=world.actor("deputy"), drill_id=drill.pk)
        assert (fresh(drill).state, incident_of(drill).state) == ("ended", "false_alarm")


class TestFaults:
    def fault(self, world: World, drill: Drill, fault: str, leg: str = "family", position: int = 0) -> None:
        drilling.set_fault(actor=world.actor("deputy"), drill_id=drill.pk, leg=leg, position=position, fault=fault)

    def graded(self, world: World, fault: str) -> Incident:
        drill = planned(world)
        all_read(world, drill)
        self.fault(world, drill, fault)
        drilling.begin(actor=world.actor("deputy"), drill_id=drill.pk)
        one = incident_of(drill)
        grading.write_grade(actor=world.actor("duty"), incident_id=one.pk, grade="extreme")
        decide_school()
        return one

    def test_nobody_answers(self, world: World) -> None:
        one = self.graded(world, "no_answer")
        called = Recipient.objects.get(leg__incident=one, leg__kind="family")
        assert (called.role, called.answer) == ("contact:1", "")
        assert not Delivery.objects.filter(recipient=called).exists()
        assert "drill.fault" in codes(one)
        make_due(one, "family", "step_due")
        decide_school()
        assert paged(one, "family") == ["contact:1", "contact:2"]

    def test_a_dead_number_passes_at_once(self, world: World) -> None:
        one = self.graded(world, "dead_number")
        assert paged(one, "family") == ["contact:2"]

    def test_a_refusal_brings_the_next_at_once(self, world: World) -> None:
        one = self.graded(world, "refusal")
        called = Recipient.objects.get(leg__incident=one, leg__kind="family")
        assert (called.answer, called.answered_at is not None) == ("declined", True)
        decide_school()
        assert paged(one, "family") == ["contact:1", "contact:2"]

    def test_it_is_taken_back_and_what_is_none_is_refused(self, world: World) -> None:
        drill = planned(world)
        self.fault(world, drill, "refusal")
        self.fault(world, drill, "no_answer")
        assert [row.fault for row in drill.faults.all()] == ["no_answer"]
        self.fault(world, drill, "")
        assert not drill.faults.exists()
        must_refuse("not_in_list", Invalid, lambda: self.fault(world, drill, "fire"))
        must_refuse("not_in_list", Invalid, lambda: self.fault(world, drill, "refusal", leg="parents"))
        must_refuse("not_in_list", Invalid, lambda: self.fault(world, drill, "refusal", position=100))

    def test_nothing_real_has_a_fault(self, world: World) -> None:
        drill = begun(world)
        self.fault(world, drill, "dead_number")
        real = world.open()
        decide_school()
        assert "contact:1" in paged(real, "family")


class TestItsEnd:
    def test_the_word_of_a_player_stops_it_at_once(self, world: World, drill: Drill) -> None:
        must_refuse(
            "drill_word_wrong",
            Invalid,
            lambda: drilling.abort(actor=world.actor("moral"), drill_id=drill.pk, word="停"),
        )
        must_refuse("", NotFound, lambda: drilling.abort(actor=world.actor("person"), drill_id=drill.pk, word=WORD))
        drilling.abort(actor=world.actor("moral"), drill_id=drill.pk, word=" 停止 演练 ")
        assert fresh(drill).state == "aborted"
        one = incident_of(drill)
        assert {leg.state for leg in legs_of(one).values()} <= {"closed", "not_required"}
        assert not Delivery.objects.filter(leg__incident=one, state="queued").exists()
        told = InboxMessage.objects.filter(template="drill_over")
        assert {row.membership_id for row in told} == players_of(drill) | {world.members["deputy"].pk}
        must_refuse("", IllegalMove, lambda: drilling.abort(actor=world.actor("deputy"), drill_id=drill.pk))

    @pytest.mark.parametrize("is_frozen", [False, True])
    def test_the_engine_ends_one_that_nobody_ends_however_late_it_comes(
        self, world: World, drill: Drill, is_frozen: bool
    ) -> None:
        if is_frozen:
            world.open()
        late = chain_moment() - timedelta(hours=30)
        Drill.objects.filter(pk=drill.pk).update(next_event="lapse_due", next_at=late)
        work()
        assert fresh(drill).state == "aborted"
        assert incident_of(drill).state == "closed"
        assert not Leg.objects.filter(is_drill=True, next_at__isnull=False).exists()
        assert {"drill.lapse_due", "leg.abort"} <= set(codes(incident_of(drill)))

    def test_a_frozen_incidents_own_clock_ends_it_as_well(self, world: World, drill: Drill) -> None:
        world.open()
        Incident.objects.filter(is_drill=True).update(next_at=chain_moment() - timedelta(seconds=1))
        work()
        assert fresh(drill).state == "aborted"

    def test_after_it_is_learnt_and_changed(self, world: World, drill: Drill) -> None:
        leader = world.actor("deputy")
        until = world.school.day_of(chain_moment()) + timedelta(days=7)
        who = world.members["moral"].pk

        def change(**values: Any) -> DrillChange:
            given = {"what": "班主任名单贴到门后", "who_id": who, "until": until}
            return drill_review.add_change(actor=leader, drill_id=drill.pk, **(given | values))

        must_refuse("drill_not_over", Conflict, change)
        drilling.end(actor=leader, drill_id=drill.pk)
        drill_review.write_learnt(actor=leader, drill_id=drill.pk, words="社区的电话找了四分钟。\r\n下次贴在门后。")
        must_refuse("drill_change_past", Invalid, lambda: change(until=until - timedelta(days=8)))
        must_refuse("words_missing", Invalid, lambda: change(what=" "))
        must_refuse("holder_unknown", Invalid, lambda: change(who_id=drill.pk))
        made = change()
        must_refuse("", NotFound, lambda: drill_review.change_done(actor=world.actor("doctor"), change_id=made.pk))
        done = drill_review.change_done(actor=world.actor("moral"), change_id=made.pk)
        again = drill_review.change_done(actor=leader, change_id=made.pk)
        assert done.done_at == again.done_at is not None
        drill.refresh_from_db()
        assert drill.learnt == "社区的电话找了四分钟。\n下次贴在门后。"


def test_every_step_that_leads_out_of_the_house_is_played() -> None:
    """By leg and target: whoever is not of the house has a part, colleagues have none."""
    inside = {Target.ON_DUTY, Target.SEAT, Target.DEPUTY, Target.TEAM, Target.OWNER, Target.BY_HAND}
    for leg in LegKind:
        for target in Target:
            part = part_of(leg, target, 1)
            assert (part is None) is (target in inside), target
            if part is not None:
                assert is_played(f"{target}:1")
    assert {part_of(leg, target, n) for leg in LegKind for target in Target for n in (1, 2)} == {
        None, *(part for part in Part if part is not Part.SELF),
    }  # fmt: skip


def test_the_word_is_typed_in_a_hurry() -> None:
    assert is_abort_word(" 停 止演练", WORD)
    assert is_abort_word("STOP now", "stopNow")
    assert not is_abort_word("", "")
    assert not is_abort_word("停止", WORD)


def test_each_move_has_one_writer_or_clock() -> None:
    assert {event.value for _state, event in DRILL_MOVES} == {
        "begin", "call_off", "real_incident", "resume", "end", "abort", "inject_due", "lapse_due",
    }  # fmt: skip

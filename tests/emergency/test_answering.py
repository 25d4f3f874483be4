"""Who takes a leg, who says no, who comes late (chain §3, §4): what counts, what dies with it, what stays."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.clock import now
from kernel.errors import Conflict, Forbidden, IllegalMove, Invalid, NotFound, Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.engine.send import claim, send_due
from referrals.emergency.models import Delivery, FirstWord, Incident, Recipient
from referrals.emergency.workflow import answering, ending, grading, holding
from tests.emergency.world import World, codes, legs_of, make_due, paged, queued

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Any:
    incident = world.open()
    decide_school()
    return incident


def take(world: World, incident: Any, post: str = "duty", kind: str = "school", **values: Any) -> Any:
    return answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind=kind, **values)


def test_who_takes_it_stops_the_calls_of_this_leg_and_of_no_other(world: World, paging: Any) -> None:
    others = queued(paging, "family"), queued(paging, "team")
    leg = take(world, paging)
    assert (leg.state, leg.owner_id, leg.epoch) == ("acknowledged", world.members["duty"].pk, 2)
    assert queued(paging, "school") == 0
    assert (queued(paging, "family"), queued(paging, "team")) == others


def test_a_page_that_somebody_answered_is_never_sent(world: World, paging: Any) -> None:
    waiting = list(Delivery.objects.filter(leg__kind="school").values_list("pk", flat=True))
    take(world, paging)
    assert claim(waiting) == []


def test_a_page_of_an_old_epoch_is_dropped_though_nobody_dropped_it(world: World, paging: Any) -> None:
    """An engine that died between the move and the queue: the claim itself looks at the epoch."""
    leg = legs_of(paging)["school"]
    leg.epoch += 1
    leg.save(update_fields=["epoch"])
    waiting = list(Delivery.objects.filter(leg=leg, channel__in=["in_app", "sms"]).values_list("pk", flat=True))
    assert claim(waiting) == []
    assert set(Delivery.objects.filter(pk__in=waiting).values_list("state", flat=True)) == {"dropped"}


def test_whoever_was_reached_and_did_not_answer_is_told_that_somebody_has_it(world: World, paging: Any) -> None:
    make_due(paging, "school", "step_due")
    decide_school()
    send_due("in_app")
    take(world, paging, "second")
    told = Delivery.objects.filter(leg__kind="school", text="emergency_stood_down")
    assert [(row.recipient.role, row.channel) for row in told] == [("on_duty:1", "in_app")]


def test_twice_is_once_and_late_is_kept(world: World, paging: Any) -> None:
    make_due(paging, "school", "step_due")
    decide_school()
    take(world, paging)
    first = legs_of(paging)["school"]
    take(world, paging)
    take(world, paging, "second")
    again = legs_of(paging)["school"]
    assert (again.owner_id, again.epoch, again.next_at) == (first.owner_id, first.epoch, first.next_at)
    assert Recipient.objects.get(leg=again, role="on_duty:2").answer == "also"
    assert codes(paging).count("leg.acknowledge") == 1
    assert codes(paging).count("leg.late_answer") == 1


def test_who_was_not_called_cannot_take_it(world: World, paging: Any) -> None:
    for post in ("head", "moral", "second"):
        with pytest.raises(Forbidden):
            take(world, paging, post)
    assert legs_of(paging)["school"].state == "paging"


def test_to_the_subject_there_is_no_such_incident(world: World, paging: Any) -> None:
    for act in (
        lambda: take(world, paging, "person"),
        lambda: answering.decline(actor=world.actor("person"), incident_id=paging.pk, kind="school"),
        lambda: grading.write_grade(actor=world.actor("person"), incident_id=paging.pk, grade="general"),
    ):
        with pytest.raises((NotFound, Forbidden)):
            act()
    duty = world.open(by="centre", person_id=world.members["duty"].pk)
    with pytest.raises(NotFound):
        grading.write_grade(actor=world.actor("duty"), incident_id=duty.pk, grade="major", reason=REASON)


def test_an_eta_is_one_of_three(world: World, paging: Any) -> None:
    with pytest.raises(Invalid):
        take(world, paging, eta=45)
    leg = take(world, paging, eta=15)
    assert (leg.next_at - leg.since).total_seconds() == 25 * 60, "asked five minutes before ETA + 15"
    assert leg.next_event == "engage_ask"


def test_no_is_no_and_the_next_is_called_at_once(world: World, paging: Any) -> None:
    answering.decline(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    assert decide_school() == 1
    assert paged(paging, "school") == ["on_duty:1", "on_duty:2"]
    for _ in range(12):
        make_due(paging, "school")
        decide_school()
    assert paged(paging, "school").count("on_duty:1") == 1, "who said no is not called again"


def test_when_all_say_no_the_team_is_told_at_once(world: World, paging: Any) -> None:
    for post in ("duty", "second", "centre", "principal", "deputy"):
        answering.decline(actor=world.actor(post), incident_id=paging.pk, kind="school")
        decide_school()
    assert legs_of(paging)["school"].state == "exhausted"


def test_whoever_does_not_arrive_is_asked_and_then_replaced(world: World, paging: Any) -> None:
    take(world, paging)
    make_due(paging, "school", "engage_ask")
    decide_school()
    assert "owner" in paged(paging, "school")
    assert legs_of(paging)["school"].next_event == "engage_due"
    make_due(paging, "school")
    decide_school()
    assert paged(paging, "school")[-1] == "on_duty:2", "on with the next step, not from the start"
    leg = answering.engage(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    assert leg.state == "engaged", "who answered first still can"


def test_who_is_there_gives_a_sign_of_life_or_is_replaced(world: World, paging: Any) -> None:
    take(world, paging)
    leg = answering.engage(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    assert (leg.next_at - leg.since).total_seconds() == 3600
    make_due(paging, "school", "life_due")
    decide_school()
    answering.sign_of_life(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    assert legs_of(paging)["school"].next_event == "life_due"
    make_due(paging, "school", "life_due")
    decide_school()
    make_due(paging, "school", "life_unanswered")
    decide_school()
    assert legs_of(paging)["school"].state == "paging"


def test_the_team_is_there_when_two_are_and_one_may_decide(world: World, paging: Any) -> None:
    take(world, paging, "moral", "team")
    take(world, paging, "doctor", "team")
    assert legs_of(paging)["team"].state == "paging", "neither may decide"
    take(world, paging, "principal", "team")
    assert legs_of(paging)["team"].state == "acknowledged"


def test_one_person_is_not_two_of_the_team(world: World, paging: Any) -> None:
    take(world, paging, "principal", "team")
    take(world, paging, "principal", "team")
    assert legs_of(paging)["team"].state == "paging"


class TestOnBehalf:
    def test_the_owner_of_the_schools_leg_answers_for_the_hospital(self, world: World, paging: Any) -> None:
        take(world, paging)
        take(world, paging, kind="family", on_behalf_of="王女士 138****0011 14:20 电话里答应过来")
        leg = legs_of(paging)["family"]
        assert (leg.state, leg.owner_id) == ("acknowledged", None)
        assert queued(paging, "family") == 0

    def test_somebody_else_does_not(self, world: World, paging: Any) -> None:
        take(world, paging)
        with pytest.raises(Forbidden):
            take(world, paging, "moral", "family", on_behalf_of="听说他们知道了")


class TestHold:
    def test_nobody_is_called_any_more_and_two_people_lift_it(self, world: World, paging: Any) -> None:
        holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason=REASON)
        assert queued(paging, "family") == 0
        assert not Delivery.objects.filter(leg__kind="family", text="emergency_stood_down").exists(), (
            "a hold tells nobody"
        )
        assert not holding.lift(actor=world.actor("duty"), incident_id=paging.pk, kind="family")
        assert not holding.lift(actor=world.actor("duty"), incident_id=paging.pk, kind="family"), "one is one"
        assert legs_of(paging)["family"].state == "held"
        assert holding.lift(actor=world.actor("centre"), incident_id=paging.pk, kind="family")
        assert legs_of(paging)["family"].state == "paging"

    def test_a_word_from_before_a_new_hold_does_not_lift_it(self, world: World, paging: Any) -> None:
        holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason=REASON)
        holding.lift(actor=world.actor("duty"), incident_id=paging.pk, kind="family")
        holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason=REASON)
        assert not holding.lift(actor=world.actor("centre"), incident_id=paging.pk, kind="family")
        assert legs_of(paging)["family"].state == "held"

    def test_a_reason_is_a_reason(self, world: World, paging: Any) -> None:
        with pytest.raises(Invalid):
            holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason="先停")
        with pytest.raises(Forbidden):
            holding.hold(actor=world.actor("moral"), incident_id=paging.pk, kind="family", reason=REASON)

    def test_neither_the_team_nor_whoever_has_the_leg_lifts_it_nor_leaves_a_first_word(
        self, world: World, paging: Any
    ) -> None:
        holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason=REASON)
        for post in ("moral", "principal", "head"):
            with pytest.raises(Forbidden):
                holding.lift(actor=world.actor(post), incident_id=paging.pk, kind="family")
        assert not FirstWord.objects.exists()
        assert not holding.lift(actor=world.actor("centre"), incident_id=paging.pk, kind="family"), "still the first"
        assert legs_of(paging)["family"].state == "held"

    def test_an_answer_on_a_held_leg_is_kept_and_lifts_nothing(self, world: World, paging: Any) -> None:
        take(world, paging)
        holding.hold(actor=world.actor("duty"), incident_id=paging.pk, kind="family", reason=REASON)
        take(world, paging, kind="family", on_behalf_of="王女士自己打来电话")
        assert legs_of(paging)["family"].state == "held"


class TestGrades:
    def test_a_heads_report_waits_for_the_grade_and_then_calls_the_others(self, world: World) -> None:
        incident = world.open(by="head")
        decide_school()
        take(world, incident)
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        decide_school()
        assert paged(incident, "family") == ["contact:1"]
        assert legs_of(incident)["school"].state == "acknowledged", "who has it keeps it"

    def test_an_extreme_suggestion_with_danger_now_counts_after_five_minutes(self, world: World) -> None:
        incident = world.open(by="head", danger_now=True)
        assert incident.next_event == "suggestion_due"
        decide_school()
        Incident.objects.filter(pk=incident.pk).update(next_at=now() - timedelta(seconds=1))
        assert decide_incidents() == 1
        decide_school()
        incident.refresh_from_db()
        assert (incident.state, incident.grade, incident.graded_by_id) == ("open", "extreme", None)
        assert paged(incident, "family") == ["contact:1"]

    def test_one_that_somebody_took_is_asked_for_instead(self, world: World) -> None:
        incident = world.open(by="head", danger_now=True)
        decide_school()
        take(world, incident)
        Incident.objects.filter(pk=incident.pk).update(
            next_at=now() - timedelta(seconds=1), next_event="suggestion_due"
        )
        decide_incidents()
        incident.refresh_from_db()
        assert (incident.state, incident.next_event) == ("reported", "grade_due")
        assert paged(incident, "family") == []

    def test_a_grade_that_nobody_writes_is_asked_of_the_head_of_the_centre_and_then_of_the_team(
        self, world: World
    ) -> None:
        """Within 15 minutes of its being taken; else the head of the centre, then the team (chain §1)."""
        incident = world.open(by="head", grade="major")
        decide_school()
        take(world, incident)
        incident.refresh_from_db()
        assert incident.next_event == "grade_due"
        assert timedelta(minutes=14) < incident.next_at - now() <= timedelta(minutes=15)
        asked = []
        for _ in range(2):
            before = set(Recipient.objects.values_list("pk", flat=True))
            Incident.objects.filter(pk=incident.pk).update(next_at=now() - timedelta(seconds=1))
            assert decide_incidents() == 1
            rows = Recipient.objects.exclude(pk__in=before).filter(leg__incident=incident, leg__kind="school")
            asked.append(sorted(rows.values_list("role", flat=True)))
            texts = Delivery.objects.filter(recipient__in=rows).values_list("text", flat=True)
            assert set(texts) == {"emergency_ask_grade"}
        assert asked == [
            ["owner", "seat:centre_head"],
            ["owner", "seat:centre_head", "team:doctor", "team:moral", "team:principal"],
        ]

    def test_lowering_from_extreme_takes_two_and_tells_who_was_called(self, world: World, paging: Any) -> None:
        send_due("in_app")
        lower = {"incident_id": paging.pk, "grade": "general", "reason": REASON}
        assert not grading.write_grade(actor=world.actor("centre"), **lower)
        assert not grading.write_grade(actor=world.actor("centre"), **lower)
        with pytest.raises(Forbidden):
            grading.write_grade(actor=world.actor("duty"), **lower)
        assert grading.write_grade(actor=world.actor("deputy"), **lower)
        states = {kind: leg.state for kind, leg in legs_of(paging).items()}
        assert states["school"] == "paging"
        assert states["family"] == "armed"
        assert states["team"] == "not_required"
        assert Delivery.objects.filter(leg__kind="team", text="emergency_not_needed").count() == 4

    def test_two_people_who_say_two_things_have_said_nothing(self, world: World, paging: Any) -> None:
        for post, grade in (("centre", "general"), ("deputy", "major")):
            assert not grading.write_grade(actor=world.actor(post), incident_id=paging.pk, grade=grade, reason=REASON)
        paging.refresh_from_db()
        assert paging.grade == "extreme"

    def test_a_second_report_of_the_same_person_joins_and_only_raises(self, world: World) -> None:
        first = world.open(grade="major")
        assert world.open(by="head", grade="extreme", signs="他刚才上了天台").pk == first.pk
        assert world.open(by="head", grade="general", signs="看见他在办公室").pk == first.pk
        first.refresh_from_db()
        assert (first.grade, first.suggested) == ("major", "extreme")


class TestEnding:
    def test_it_closes_when_every_leg_is_in_somebodys_hands(self, world: World) -> None:
        incident = world.open(grade="general")
        decide_school()
        with pytest.raises(Conflict):
            ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="supported")
        take(world, incident)
        grading.start_leg(
            actor=world.actor("duty"), incident_id=incident.pk, kind="family", agreed_how="当面说好的，下午三点"
        )
        take(world, incident, kind="family", on_behalf_of="王女士接了电话")
        assert ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="supported")
        incident.refresh_from_db()
        assert (incident.state, incident.next_at) == ("closed", None)
        assert all(leg.next_at is None for leg in legs_of(incident).values())

    def test_below_extreme_the_family_is_called_with_the_persons_yes_only(self, world: World) -> None:
        incident = world.open(grade="major")
        with pytest.raises(Refused):
            grading.start_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family")
        assert legs_of(incident)["family"].state == "armed"

    def test_a_leg_is_begun_by_its_owner_or_who_is_on_duty_not_by_whoever_may_grade(self, world: World) -> None:
        incident = world.open(grade="general")
        decide_school()
        before, acts = codes(incident), AuditEntry.objects.count()
        with pytest.raises(Forbidden):
            grading.start_leg(
                actor=world.actor("centre"), incident_id=incident.pk, kind="family", agreed_how="电话里说好的"
            )
        assert legs_of(incident)["family"].state == "armed"
        assert (codes(incident), AuditEntry.objects.count()) == (before, acts)
        while "seat:centre_head" not in paged(incident, "school"):
            make_due(incident, "school")
            decide_school()
        take(world, incident, "centre")
        grading.start_leg(
            actor=world.actor("centre"), incident_id=incident.pk, kind="family", agreed_how="电话里说好的"
        )
        assert legs_of(incident)["family"].state == "paging"

    def test_a_false_alarm_takes_two_and_goes_back_to_calling_without_the_second(
        self, world: World, paging: Any
    ) -> None:
        assert not ending.say_false_alarm(actor=world.actor("duty"), incident_id=paging.pk)
        states = {kind: leg.state for kind, leg in legs_of(paging).items()}
        assert (states["school"], states["family"]) == ("paging", "held")
        make_due(paging, "family", "false_alarm_lapsed")
        decide_school()
        assert legs_of(paging)["family"].state == "paging"
        assert ending.say_false_alarm(actor=world.actor("centre"), incident_id=paging.pk) is False, (
            "the first word ended with its ten minutes"
        )

    def test_two_words_end_it_for_everybody(self, world: World, paging: Any) -> None:
        send_due("in_app")
        ending.say_false_alarm(actor=world.actor("duty"), incident_id=paging.pk)
        assert ending.say_false_alarm(actor=world.actor("centre"), incident_id=paging.pk)
        paging.refresh_from_db()
        assert paging.state == "false_alarm"
        assert all(leg.next_at is None for leg in legs_of(paging).values())
        assert Delivery.objects.filter(text="emergency_false_alarm", state="queued").exists()
        with pytest.raises((IllegalMove, Conflict)):
            take(world, paging)

    def test_it_opens_again_within_thirty_days_and_calls_the_school(self, world: World, paging: Any) -> None:
        ending.say_false_alarm(actor=world.actor("duty"), incident_id=paging.pk)
        ending.say_false_alarm(actor=world.actor("centre"), incident_id=paging.pk)
        ending.reopen(actor=world.actor("centre"), incident_id=paging.pk)
        before = paged(paging, "school")
        assert decide_school() == 1
        assert paged(paging, "school") == [*before, "on_duty:1"]

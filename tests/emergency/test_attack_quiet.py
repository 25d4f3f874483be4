"""No leg goes quiet, and none is broken by its own questions: every state and clock in which a page could be written twice or not at all."""

from typing import Any

import pytest

from referrals.emergency import replacing
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Contact, Delivery, Incident, Leg, Recipient
from referrals.emergency.workflow import answering, grading, handing_over, holding
from referrals.emergency.workflow.asking_owner import ask
from referrals.emergency.workflow.moving import chain_now, lock
from tests.emergency.world import World, codes, legs_of, make_due, paged

pytestmark = pytest.mark.django_db

REASON = "家里的情况还没有弄清楚，先停下来问一问本人"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def engaged(world: World, **values: Any) -> Incident:
    incident = world.open(**values)
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")  # type: ignore[operator]
    return incident


def exhaust(incident: Incident, kind: str) -> None:
    for _ in range(20):
        if legs_of(incident)[kind].state == "exhausted":
            return
        make_due(incident, kind, "step_due")
        decide_school()
    raise AssertionError(f"{kind} is called for ever")


class TestQuestionsToOnePerson:
    """Two questions of one epoch to one person are two pages, whoever has had the leg meanwhile."""

    def test_who_took_over_is_asked_whether_they_are_still_there(self, world: World) -> None:
        incident = engaged(world)
        second = world.members["second"].pk
        handing_over.ask_to_take_over(
            actor=world.actor("duty"), incident_id=incident.pk, kind="school", colleague_id=second
        )
        handing_over.accept(actor=world.actor("second"), incident_id=incident.pk, kind="school")
        for event in ("life_due", "life_unanswered"):
            make_due(incident, "school", event)
            decide_school()
            assert "leg.poisoned" not in codes(incident)
        asked = Delivery.objects.filter(leg__incident=incident, text="emergency_ask_still_there", channel="sms")
        assert second in {row.recipient.member_id for row in asked}
        assert legs_of(incident)["school"].state == "paging", "who does not answer loses it, and the next is called"

    def test_there_and_back_again(self, world: World) -> None:
        incident = engaged(world)
        for old, new in (("duty", "second"), ("second", "duty"), ("duty", "second")):
            handing_over.ask_to_take_over(
                actor=world.actor(old), incident_id=incident.pk, kind="school", colleague_id=world.members[new].pk
            )
            handing_over.accept(actor=world.actor(new), incident_id=incident.pk, kind="school")
            make_due(incident, "school", "life_due")
            decide_school()
            answering.sign_of_life(actor=world.actor(new), incident_id=incident.pk, kind="school")
        assert "leg.poisoned" not in codes(incident)
        assert legs_of(incident)["school"].state == "engaged"

    def test_a_leg_that_was_held_asked_for_and_begun_with_somebody_else_can_be_asked_for_again(
        self, world: World
    ) -> None:
        incident = world.open()
        decide_school()
        for _ in range(2):
            holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="school", reason=REASON)
            make_due(incident, "school", "hold_due")
            decide_school()
            rule, _name = replacing.choices(incident, legs_of(incident)["school"])[0]
            holding.replace(
                actor=world.actor("duty"), incident_id=incident.pk, kind="school", choice=replacing.value_of(rule)
            )
            ask(lock(incident.pk), "emergency_ask_contact")
            decide_school()
        assert "leg.poisoned" not in codes(incident)


class TestCalledAgain:
    """A leg that begins again begins with its first step: who was passed over before is not passed over again."""

    def test_a_contact_of_a_higher_grade_is_called_when_nobody_answered_at_the_lower_one(self, world: World) -> None:
        Contact.objects.filter(pk=world.contacts["wife"].pk).update(grades=["extreme"])
        incident = world.open(grade="major")
        decide_school()
        grading.start_leg(
            actor=world.actor("duty"), incident_id=incident.pk, kind="family", agreed_how="当面说好，可以叫哥哥"
        )
        exhaust_or_call(incident, "family")
        assert set(paged(incident, "family")) & {"contact:1", "contact:2"} == {"contact:2"}
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        decide_school()
        assert "contact:1" in paged(incident, "family")
        assert "leg.poisoned" not in codes(incident)

    def test_what_was_lowered_and_raised_again_calls_its_own_people_anew(self, world: World) -> None:
        incident = world.open()
        decide_school()
        exhaust(incident, "family")
        before = paged(incident, "family").count("contact:1")
        for post in ("centre", "deputy"):
            grading.write_grade(
                actor=world.actor(post),
                incident_id=incident.pk,
                grade="major",
                reason="见到本人了，比一开始以为的要轻得多，有同事陪着",
            )
        assert legs_of(incident)["family"].state == "armed"
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        decide_school()
        assert paged(incident, "family").count("contact:1") == before + 1
        assert legs_of(incident)["family"].state == "paging"
        exhaust(incident, "family")
        assert "leg.poisoned" not in codes(incident)

    def test_raising_twice_writes_nobody_twice_for_one_round(self, world: World) -> None:
        incident = world.open(grade="general")
        decide_school()
        for grade in ("major", "extreme"):
            exhaust(incident, "school")
            grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade=grade)
            decide_school()
            assert legs_of(incident)["school"].state == "paging"
        exhaust(incident, "school")
        rows = Recipient.objects.filter(leg__incident=incident, leg__kind="school")
        keys = [(row.step_id, row.epoch, row.round, bytes(row.target_hash)) for row in rows]
        assert len(keys) == len(set(keys)) and "leg.poisoned" not in codes(incident)

    def test_a_raise_leaves_a_leg_that_is_being_called_where_it_is(self, world: World) -> None:
        """The control: nobody who was called a minute ago is called again for a grade."""
        incident = world.open(grade="major")
        decide_school()
        before = legs_of(incident)["school"]
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        after = legs_of(incident)["school"]
        assert (after.round, after.position) == (before.round, before.position)
        assert chain_now() < after.next_at < before.next_at, "its next step comes by the new grade's wait (ADR 0063)"


def exhaust_or_call(incident: Incident, kind: str) -> None:
    decide_school()
    exhaust(incident, kind)


def test_every_open_leg_has_its_clock_after_all_of_this(world: World) -> None:
    incident = engaged(world)
    grading.write_grade(
        actor=world.actor("centre"),
        incident_id=incident.pk,
        grade="major",
        reason="见到本人了，比一开始以为的要轻得多，有同事陪着",
    )
    for leg in Leg.objects.filter(incident=incident):
        assert leg.next_at is not None and leg.next_event

"""What waits to be sent dies with what it asks for: nobody is rung up at night for what is over, and no later answer is taken for it."""

from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.models import Delivery, Incident, Leg
from referrals.emergency.rules.sending import ASKS, ASKS_OF_INCIDENT
from referrals.emergency.workflow import answering, ending, grading, handing_over, holding
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db

REASON = "本人说今天已经和家里人谈过，不愿意再联系"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def waiting(incident: Incident, text: str) -> int:
    return Delivery.objects.filter(leg__incident=incident, text=text, state="queued").count()


def taken(world: World, **values: Any) -> Incident:
    incident = world.open(**values)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    return incident


def engaged(world: World) -> Incident:
    incident = taken(world)
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    return incident


class TestALegThatStandsBy:
    """An ask that is queued for an armed leg, whose epoch no move of it raises."""

    def test_is_asked_for_no_more_once_it_is_not_needed(self, world: World) -> None:
        incident = taken(world, grade="major")
        make_due(incident, "family", "review_due")
        decide_school()
        assert waiting(incident, "emergency_ask_review")
        before = legs_of(incident)["family"].epoch
        grading.refuse_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
        assert legs_of(incident)["family"].state == "not_required"
        assert legs_of(incident)["family"].epoch == before, "nothing else would have stopped it"
        assert not waiting(incident, "emergency_ask_review")

    def test_nor_once_it_is_held_or_has_begun(self, world: World) -> None:
        for act in ("hold", "start"):
            incident = world.open(grade="major", person_id=world.members["moral" if act == "hold" else "person"].pk)
            decide_school()
            make_due(incident, "community", "review_due")
            decide_school()
            assert waiting(incident, "emergency_ask_review")
            if act == "hold":
                holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="community", reason=REASON)
            else:
                grading.start_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="community")
            assert not waiting(incident, "emergency_ask_review")


class TestALegThatSomebodyHas:
    @pytest.mark.parametrize("act", ["engage", "extend", "release"])
    def test_are_you_there_is_not_called_after_an_answer(self, act: str, world: World) -> None:
        incident = taken(world)
        make_due(incident, "school", "engage_ask")
        decide_school()
        assert waiting(incident, "emergency_ask_arrived")
        more = {"eta": 15} if act == "extend" else {}
        getattr(answering, act)(actor=world.actor("duty"), incident_id=incident.pk, kind="school", **more)
        assert not waiting(incident, "emergency_ask_arrived")

    def test_still_with_it_is_not_called_after_yes(self, world: World) -> None:
        incident = engaged(world)
        make_due(incident, "school", "life_due")
        decide_school()
        assert waiting(incident, "emergency_ask_still_there")
        answering.sign_of_life(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert not waiting(incident, "emergency_ask_still_there")

    def test_a_late_answer_of_somebody_else_stops_no_question(self, world: World) -> None:
        """The control: whoever has it has not answered."""
        incident = taken(world)
        make_due(incident, "school", "engage_ask")
        decide_school()
        before = waiting(incident, "emergency_ask_arrived")
        answering.acknowledge(actor=world.actor("centre"), incident_id=incident.pk, kind="school")
        assert waiting(incident, "emergency_ask_arrived") == before > 0

    def test_whoever_was_asked_to_take_over_is_told_when_it_is_released(self, world: World) -> None:
        incident = engaged(world)
        handing_over.ask_to_take_over(
            actor=world.actor("duty"), incident_id=incident.pk, kind="school", colleague_id=world.members["second"].pk
        )
        asked = Delivery.objects.filter(leg__incident=incident, text="emergency_ask_take_over")
        asked.filter(channel="in_app").update(state="sent")
        assert waiting(incident, "emergency_ask_take_over")
        answering.release(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert not waiting(incident, "emergency_ask_take_over")
        told = Delivery.objects.get(leg__incident=incident, text="emergency_not_needed")
        assert (told.recipient.member_id, told.channel) == (world.members["second"].pk, "in_app")
        assert legs_of(incident)["school"].state == "paging", "and the next one is called"

    def test_a_hand_over_question_lives_while_its_leg_is_held_by_its_owner(self, world: World) -> None:
        incident = engaged(world)
        handing_over.ask_to_take_over(
            actor=world.actor("duty"), incident_id=incident.pk, kind="school", colleague_id=world.members["second"].pk
        )
        before = waiting(incident, "emergency_ask_take_over")
        answering.sign_of_life(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert waiting(incident, "emergency_ask_take_over") == before > 0


class TestTheIncidentsOwnClock:
    def test_a_grade_that_is_written_is_asked_for_no_more(self, world: World) -> None:
        incident = taken(world, by="head", grade="major")
        Incident.objects.filter(pk=incident.pk).update(next_at=incident.opened_at)
        decide_incidents()
        assert waiting(incident, "emergency_ask_grade")
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="major")
        assert not waiting(incident, "emergency_ask_grade")

    def test_a_contact_that_was_made_is_asked_for_no_more(self, world: World) -> None:
        incident = taken(world)
        Incident.objects.filter(pk=incident.pk).update(next_at=incident.opened_at)
        decide_incidents()
        assert waiting(incident, "emergency_ask_contact")
        answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        assert not waiting(incident, "emergency_ask_contact")

    def test_an_assessment_that_was_done_is_asked_for_no_more(self, world: World) -> None:
        incident = engaged(world)
        Incident.objects.filter(pk=incident.pk).update(next_at=incident.opened_at)
        decide_incidents()
        assert waiting(incident, "emergency_ask_assessment")
        ending.assess(actor=world.actor("duty"), incident_id=incident.pk)
        assert not waiting(incident, "emergency_ask_assessment")


def test_no_call_of_an_ended_leg_waits_and_what_says_so_still_goes(world: World) -> None:
    """Whatever the texts and epochs: a leg that has ended calls nobody."""
    incident = engaged(world)
    make_due(incident, "school", "life_due")
    decide_school()
    for post in ("centre", "deputy"):
        ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="died")
    assert set(Leg.objects.filter(incident=incident).values_list("state", flat=True)) <= {"closed", "not_required"}
    rows = Delivery.objects.filter(leg__incident=incident, state="queued")
    assert set(rows.values_list("text", flat=True)) <= {"emergency_not_needed", "emergency_stood_down"}


def test_every_question_of_a_clock_stands_in_the_tables() -> None:
    """A question that stands in none would go on ringing when it is answered."""
    assert all(text.startswith("emergency_ask_") for text in (*ASKS.values(), *ASKS_OF_INCIDENT.values()))
    assert len({*ASKS.values(), *ASKS_OF_INCIDENT.values()}) == len(ASKS) + len(ASKS_OF_INCIDENT)

"""Danger at home: the family is held, whatever is reported, graded or said afterwards, until people let it go on (chain §2)."""

from itertools import product
from typing import Any

import pytest

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Card, Incident, Leg
from referrals.emergency.rules.clocks import Clock
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.leg_states import ENDED, PAGED, LegEvent, LegState
from referrals.emergency.rules.moves import move
from referrals.emergency.rules.opening import Answers, HomeAnswer, starts, when_raised
from referrals.emergency.workflow import answering, ending, grading, holding
from referrals.emergency.workflow.joining import Opening
from referrals.emergency.workflow.opening import open_incident
from tests.emergency.world import World, legs_of, make_due, paged, queued

pytestmark = pytest.mark.django_db

REASON = "本人说家里安全，先不要打给家属，等值班老师说"
WHOLE = [
    (state, Answers(kind, grade, True, home=home, needs_community=child, can_be_asked=asked), leg)
    for state, kind, grade, home, child, asked, leg in product(
        LegState, IncidentKind, Grade, HomeAnswer, (True, False), (True, False, None), LegKind
    )
]


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def family(incident: Incident) -> Leg:
    return legs_of(incident)["family"]


def news(world: World, by: str = "head", **values: Any) -> None:
    """A further report: the danger is at home."""
    given: dict[str, Any] = {
        "kind": "psychological", "grade": "general", "found_at": now(), "signs": "邻居听见他在家里喊",
        "person_id": world.members["person"].pk, "home": "danger",
    }  # fmt: skip
    open_incident(actor=world.actor(by), opening=Opening(**(given | values)))


def must_stay_held(incident: Incident) -> None:
    """Neither now nor when every clock has run out is anybody of the family called."""
    before = paged(incident, "family")
    for _ in range(3):
        assert (family(incident).state, family(incident).is_required) == ("held", True)
        make_due(incident, "family")
        decide_school()
    assert [role for role in paged(incident, "family") if role.startswith("contact:")] == [
        role for role in before if role.startswith("contact:")
    ]


def test_a_higher_grade_has_an_answer_for_every_state_and_every_opening() -> None:
    for state, answers, leg in WHOLE:
        start = starts(answers)[leg]
        event = when_raised(state, start)
        if event is None:
            assert state in ENDED | {LegState.ARMED, LegState.FROZEN}, (state, start)
            assert not (state is LegState.ARMED and start.is_required), (state, start)
            assert not (state is LegState.NOT_REQUIRED and start.is_required), (state, start)
            continue
        found = move(state, event)
        if leg is LegKind.FAMILY and answers.home is HomeAnswer.DANGER:
            assert event is not LegEvent.START_SOON
            assert found.to in PAGED if state in PAGED else found.to not in PAGED, (state, answers)
            assert found.clock is not Clock.HOME_UNKNOWN
            if state in (LegState.ARMED, LegState.NOT_REQUIRED, LegState.HELD):
                assert found.to is LegState.HELD, (state, answers)
        elif start.state is LegState.PAGING:
            assert found.to is LegState.PAGING or state in (*PAGED, LegState.HELD) or found.to is state


class TestTheGradeRises:
    def test_over_a_family_that_the_person_refused(self, world: World) -> None:
        incident = world.open(grade="major", home="unknown")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        grading.refuse_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
        news(world)
        assert family(incident).state == "not_required"
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        must_stay_held(incident)

    def test_by_the_very_report_that_says_so(self, world: World) -> None:
        incident = world.open(grade="major", home="unknown")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        grading.refuse_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
        news(world, by="second", grade="extreme")
        must_stay_held(incident)

    def test_over_one_that_stands_by(self, world: World) -> None:
        """As it stood before a report of the danger held it."""
        incident = world.open(grade="major", home="unknown")
        Incident.objects.filter(pk=incident.pk).update(home="danger")
        assert family(incident).state == "armed"
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        must_stay_held(incident)

    def test_of_a_heads_report_that_names_the_home(self, world: World) -> None:
        incident = world.open(by="head", grade="general", home="danger")
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        must_stay_held(incident)

    def test_while_home_is_not_known_a_refused_family_is_called_in_five_minutes(self, world: World) -> None:
        """Chain §9: not required × a higher grade; at the highest the family is called without a yes."""
        incident = world.open(grade="major", home="unknown")
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        grading.refuse_leg(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        leg = family(incident)
        assert (leg.state, leg.next_event, leg.is_required) == ("armed", "start_due", True)
        make_due(incident, "family")
        decide_school()
        decide_school()
        assert paged(incident, "family") == ["contact:1"]

    def test_after_two_have_let_it_go_on_the_family_is_called(self, world: World) -> None:
        incident = world.open(grade="major", home="danger")
        for post in ("duty", "centre"):
            holding.lift(actor=world.actor(post), incident_id=incident.pk, kind="family")
        grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
        assert family(incident).state == "paging"


class TestTheNewsComesLater:
    def test_somebody_of_the_family_has_it(self, world: World) -> None:
        """It may be them: they lose the card, and when they do not come nobody else of the family is called."""
        incident = world.open()
        decide_school()
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        answering.acknowledge(
            actor=world.actor("duty"), incident_id=incident.pk, kind="family",
            on_behalf_of="妻子，13900000011，刚才",
        )  # fmt: skip
        assert family(incident).state == "acknowledged"
        news(world)
        must_stay_held(incident)
        assert not Card.objects.filter(recipient__leg=family(incident), revoked_at=None).exists()

    def test_the_word_of_a_false_alarm_lapses(self, world: World) -> None:
        incident = world.open()
        decide_school()
        ending.say_false_alarm(actor=world.actor("duty"), incident_id=incident.pk)
        assert family(incident).next_event == "false_alarm_lapsed"
        news(world)
        must_stay_held(incident)

    def test_while_it_is_called(self, world: World) -> None:
        incident = world.open()
        decide_school()
        assert queued(incident, "family")
        news(world)
        assert not queued(incident, "family")
        must_stay_held(incident)

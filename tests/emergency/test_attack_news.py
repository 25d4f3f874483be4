"""What changes after somebody spoke: a word of before counts for no act of after, and a slow clock does not stay slow."""

from datetime import timedelta

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FirstWord, Incident
from referrals.emergency.rules.grades import STEP_WAIT, Grade
from referrals.emergency.workflow import answering, ending, grading, holding
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def said_earlier(minutes: float) -> None:
    for word in FirstWord.objects.filter(ended_at=None):
        FirstWord.objects.filter(pk=word.pk).update(at=word.at - timedelta(minutes=minutes))


@pytest.mark.parametrize(("minutes", "ends"), [(9, True), (11, False)])
def test_the_word_of_a_false_alarm_lapses_also_where_no_leg_was_being_called(
    world: World, minutes: float, ends: bool
) -> None:
    incident = world.open(grade="major")
    decide_school()
    assert not ending.say_false_alarm(actor=world.actor("duty"), incident_id=incident.pk)
    assert "false_alarm_lapsed" not in {leg.next_event for leg in legs_of(incident).values()}, "nothing else ends it"
    said_earlier(minutes)
    assert ending.say_false_alarm(actor=world.actor("centre"), incident_id=incident.pk) is ends
    assert ending.say_false_alarm(actor=world.actor("duty"), incident_id=incident.pk) if not ends else True


def held(world: World) -> Incident:
    incident = world.open()
    decide_school()
    holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    return incident


def test_the_news_of_danger_at_home_ends_a_word_that_would_let_the_family_be_called(world: World) -> None:
    incident = held(world)
    assert not holding.lift(actor=world.actor("centre"), incident_id=incident.pk, kind="family")
    world.open("head", home="danger", grade="general")
    assert not holding.lift(actor=world.actor("duty"), incident_id=incident.pk, kind="family"), "one knew of it"
    assert legs_of(incident)["family"].state == "held"
    assert holding.lift(actor=world.actor("centre"), incident_id=incident.pk, kind="family")


@pytest.mark.parametrize("said", [{"danger_now": True}, {"place": "missing"}, {"home": "danger"}])
def test_graver_news_ends_the_words_that_would_end_or_lower_it(world: World, said: dict[str, object]) -> None:
    incident = world.open()
    decide_school()
    for leg in legs_of(incident).values():
        if leg.kind == "school":
            answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    for act in ("close", "lower_grade", "false_alarm"):
        FirstWord.objects.create(incident=incident, act=act, by=world.members["duty"])
    world.open("head", **said)
    assert not FirstWord.objects.filter(ended_at=None).exists()


def test_news_of_nothing_graver_leaves_them(world: World) -> None:
    incident = world.open()
    FirstWord.objects.create(incident=incident, act="close", by=world.members["duty"])
    world.open("head", grade="general")
    assert FirstWord.objects.filter(ended_at=None).count() == 1


def test_a_graver_grade_waits_no_longer_than_its_own_step(world: World) -> None:
    incident = world.open(grade="general")
    decide_school()
    before = legs_of(incident)["school"]
    assert before.next_at - chain_now() > STEP_WAIT[Grade.EXTREME]
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    after = legs_of(incident)["school"]
    assert (after.state, after.next_event) == ("paging", "step_due")
    assert after.next_at - chain_now() <= STEP_WAIT[Grade.EXTREME]


def test_danger_now_waits_no_longer_either_while_nobody_has_written_a_grade(world: World) -> None:
    incident = world.open("head", grade="general")
    decide_school()
    world.open("head", grade="extreme", danger_now=True)
    after = legs_of(incident)["school"]
    assert after.next_at - chain_now() <= STEP_WAIT[Grade.EXTREME]

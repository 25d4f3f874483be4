"""Whoever may no longer know of an incident hears nothing more of it, and what they said in it counts no more (chain §2)."""

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, FirstWord, Incident
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.duties import arrange_duties
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from tests.emergency.test_duty_changes import told, write
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db
OVER = ("emergency_stood_down", "emergency_not_needed", "emergency_joined", "emergency_false_alarm")
REASON = "她说这位同事是她害怕的人，绝不能让他知道这件事，也不能叫他来。"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def unknown(world: World) -> Incident:
    """Somebody on the roof; nobody knows who. Everybody who was called was reached."""
    found = world.open(person_id=None)
    decide_school()
    Delivery.objects.filter(leg__incident=found).update(state="sent")
    return found


def name(world: World, incident: Incident, who: str) -> None:
    name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=world.members[who].pk)


def told_over(world: World, incident: Incident, who: str) -> list[str]:
    rows = Delivery.objects.filter(leg__incident=incident, recipient__member=world.members[who], text__in=OVER)
    return sorted(rows.values_list("text", flat=True))


def test_the_person_is_not_told_that_somebody_has_it(world: World, unknown: Incident) -> None:
    name(world, unknown, "principal")
    for post in ("centre", "moral"):
        answering.acknowledge(actor=world.actor(post), incident_id=unknown.pk, kind="team")
    assert legs_of(unknown)["team"].state == "acknowledged"
    assert told_over(world, unknown, "principal") == []
    assert told_over(world, unknown, "doctor"), "whoever may know of it is told"


def test_the_person_is_not_told_that_it_was_nothing(world: World, unknown: Incident) -> None:
    name(world, unknown, "principal")
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=unknown.pk)
    assert told_over(world, unknown, "principal") == []
    assert told_over(world, unknown, "doctor")


def test_the_person_is_not_told_that_it_was_joined_to_theirs(world: World, unknown: Incident) -> None:
    world.open(by="duty", person_id=world.members["principal"].pk)
    name(world, unknown, "principal")
    assert told_over(world, unknown, "principal") == []
    assert told_over(world, unknown, "doctor") == ["emergency_joined"] * len(told_over(world, unknown, "doctor"))
    assert told_over(world, unknown, "doctor")


def test_whoever_is_never_to_be_told_is_not_told_that_it_is_over(world: World) -> None:
    incident = world.open()
    decide_school()
    Delivery.objects.filter(leg__incident=incident).update(state="sent")
    principal = world.members["principal"].pk
    bar_in_incident(actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, colleague_id=principal)
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, contact_id=world.contacts["wife"].pk
    )
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    assert told_over(world, incident, "principal") == []
    assert told_over(world, incident, "doctor")
    family = Delivery.objects.filter(leg__incident=incident, leg__kind="family", text__in=OVER)
    assert not family.filter(recipient__role="contact:1").exists()


def test_what_the_person_answered_is_not_one_of_the_teams_answers(world: World, unknown: Incident) -> None:
    """The principal said "I have it", and it is about them: one colleague who may decide nothing is not a team."""
    answering.acknowledge(actor=world.actor("principal"), incident_id=unknown.pk, kind="team")
    name(world, unknown, "principal")
    answering.acknowledge(actor=world.actor("doctor"), incident_id=unknown.pk, kind="team")
    assert legs_of(unknown)["team"].state == "paging"
    answering.acknowledge(actor=world.actor("centre"), incident_id=unknown.pk, kind="team")
    assert legs_of(unknown)["team"].state == "acknowledged"


@pytest.mark.parametrize("last", ["moral", "principal"])
def test_a_team_that_was_there_by_the_persons_answer_is_called_again(
    last: str, world: World, unknown: Incident
) -> None:
    first = "principal" if last == "moral" else "moral"
    for post in (first, last):
        answering.acknowledge(actor=world.actor(post), incident_id=unknown.pk, kind="team")
    assert legs_of(unknown)["team"].state == "acknowledged"
    name(world, unknown, "principal")
    assert legs_of(unknown)["team"].state == "paging"


def test_a_word_of_the_person_is_not_the_first_of_two(world: World, unknown: Incident) -> None:
    """The head of the centre says that nothing was there; then it turns out to be about them."""
    ending.say_false_alarm(actor=world.actor("centre"), incident_id=unknown.pk)
    name(world, unknown, "centre")
    assert not FirstWord.objects.filter(incident=unknown, ended_at=None).exists()
    assert ending.say_false_alarm(actor=world.actor("second"), incident_id=unknown.pk) is False
    assert Incident.objects.get(pk=unknown.pk).closed_at is None
    assert ending.say_false_alarm(actor=world.actor("duty"), incident_id=unknown.pk) is True


def test_a_word_of_whoever_is_never_to_be_told_is_not_the_first_of_two(world: World) -> None:
    incident = world.open()
    ending.say_false_alarm(actor=world.actor("centre"), incident_id=incident.pk)
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, colleague_id=world.members["centre"].pk
    )
    assert ending.say_false_alarm(actor=world.actor("second"), incident_id=incident.pk) is False
    assert Incident.objects.get(pk=incident.pk).closed_at is None


def test_what_the_word_of_the_person_held_goes_on_at_once(world: World) -> None:
    incident = world.open()
    ending.say_false_alarm(actor=world.actor("centre"), incident_id=incident.pk)
    assert legs_of(incident)["family"].state == "held"
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, colleague_id=world.members["centre"].pk
    )
    decide_school()
    assert legs_of(incident)["family"].state == "paging"


@pytest.mark.parametrize("is_left_out", [False, True])
def test_whoever_wrote_the_change_of_duties_hears_of_it_while_they_may_know(is_left_out: bool, world: World) -> None:
    incident = world.open()
    change = write(world, incident, by="centre")
    centre = world.members["centre"]
    if is_left_out:
        bar_in_incident(actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, colleague_id=centre.pk)
    arrange_duties(actor=world.actor("head"), change_id=change.pk)
    assert ("emergency_duties_arranged" in told(centre)) is not is_left_out

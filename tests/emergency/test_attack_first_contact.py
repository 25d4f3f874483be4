"""Whoever has spoken with the person before a grade was written has made the first contact: nobody is asked for it all night."""

from datetime import timedelta

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.incident_clocks import decide_incidents
from referrals.emergency.models import Delivery, Incident, Timeline
from referrals.emergency.rules.incident_moves import LENGTH, IncidentClock
from referrals.emergency.workflow import answering, grading
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


def spoken_with(world: World, incident: Incident) -> None:
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")


def test_the_first_contact_may_come_before_the_grade(open_world: World) -> None:
    world = open_world
    incident = world.open("head", grade="major")
    spoken_with(world, incident)
    assert Timeline.objects.filter(incident=incident, code="contacted").count() == 1
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="major")
    incident.refresh_from_db()
    assert (incident.state, incident.next_event) == ("open", "assessment_due")
    assert incident.next_at - chain_now() > LENGTH[IncidentClock.ASSESSMENT] - timedelta(minutes=1)
    Incident.objects.filter(pk=incident.pk).update(next_at=chain_now())
    decide_incidents()
    assert not Delivery.objects.filter(text="emergency_ask_contact").exists()


def test_a_graver_grade_asks_for_no_second_first_contact(open_world: World) -> None:
    world = open_world
    incident = world.open(grade="major")
    spoken_with(world, incident)
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    incident.refresh_from_db()
    assert incident.next_event == "assessment_due"


def test_whoever_has_only_said_that_they_come_is_asked(open_world: World) -> None:
    world = open_world
    incident = world.open("head", grade="major")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="major")
    incident.refresh_from_db()
    assert (incident.state, incident.next_event) == ("open", "contact_due")

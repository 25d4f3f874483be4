"""A word of somebody who has left waits for no second one: two people who are there say it (chain §9)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FirstWord, Incident
from referrals.emergency.workflow import ending, grading, holding
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON = "家里的情况还没有弄清楚，先停下来问一问本人"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    return found


def leaves(world: World, post: str) -> None:
    day = world.school.today() - timedelta(days=3)
    Membership.objects.filter(pk=world.members[post].pk).update(left_on=day)


def _lift(world: World, incident: Incident, post: str) -> Any:
    return holding.lift(actor=world.actor(post), incident_id=incident.pk, kind="family")


def _lower(world: World, incident: Incident, post: str) -> Any:
    return grading.write_grade(actor=world.actor(post), incident_id=incident.pk, grade="major", reason=REASON)


def _false_alarm(world: World, incident: Incident, post: str) -> Any:
    return ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)


def _close(world: World, incident: Incident, post: str) -> Any:
    return ending.close(actor=world.actor(post), incident_id=incident.pk, outcome="died")


@pytest.mark.parametrize("act", [_lift, _lower, _false_alarm, _close], ids=lambda act: act.__name__)
@pytest.mark.parametrize("has_left", [False, True])
def test_a_word_counts_while_whoever_said_it_is_there(
    has_left: bool, act: Callable[[World, Incident, str], Any], world: World, incident: Incident
) -> None:
    if act is _lift:
        holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON)
    assert act(world, incident, "centre") is False
    if has_left:
        leaves(world, "centre")
    assert act(world, incident, "deputy") is not has_left
    if has_left:
        word = FirstWord.objects.get(incident=incident, ended_at=None)
        assert word.by_id == world.members["deputy"].pk, "their own is the first now"

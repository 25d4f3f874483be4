"""A psychologist whom nobody has called finds on the incident's page how to take it: by the duty (chain §2, §9)."""

from typing import Any

import pytest

from kernel.errors import Forbidden, NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import DutyShift, Incident, LeftOut, Leg, chain_moment
from referrals.emergency.workflow import answering
from referrals.emergency.workflow.shifts import take_duty
from tests.conftest import actor_of, make_person
from tests.emergency.test_board import BOARD, client, get, page_of, press
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
TAKE = "/centre/emergency/duty/take/"


@pytest.fixture
def world(open_world: World) -> World:
    open_world.members["third"] = make_person(open_world.school, "staff", "duty", name="第三位老师")
    return open_world


@pytest.fixture
def calling(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def takes_over(world: World, post: str) -> None:
    running = DutyShift.objects.get(layer=1, starts_at__lte=chain_moment(), ends_at__gt=chain_moment())
    take_duty(actor=world.actor(post), instead_of=running.pk)


def school_leg(incident: Incident) -> Leg:
    return Leg.objects.get(incident=incident, kind="school")


def has_button(page: str, incident: Incident) -> bool:
    return f"/centre/emergency/{incident.pk}/school/acknowledge/" in page


def way(incident: Incident) -> str:
    return f"{TAKE}?incident={incident.pk}"


def test_who_was_not_called_reads_that_the_duty_comes_first_and_then_takes_it(world: World, calling: Incident) -> None:
    third = client(world, "third")
    page = get(world, "third", page_of(calling))
    assert way(calling) in page and "接手值班" in page and not has_button(page, calling)
    assert way(calling) in get(world, "third", BOARD)
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=world.actor("third"), incident_id=calling.pk, kind="school")

    asked = third.get(way(calling))
    assert page_of(calling) in asked.content.decode(), "and back to the incident"
    running = DutyShift.objects.get(layer=1, starts_at__lte=chain_moment(), ends_at__gt=chain_moment())
    assert third.post(way(calling), {"instead_of": running.pk}).headers["Location"] == page_of(calling)
    page = get(world, "third", page_of(calling))
    assert has_button(page, calling) and way(calling) not in page
    press(world, "third", calling, "school/acknowledge", {"eta": "15"})
    leg = school_leg(calling)
    assert leg.state == "acknowledged" and leg.owner_id == world.members["third"].pk


@pytest.mark.parametrize("post", ["duty", "centre"])
def test_who_was_called_or_cannot_be_reads_nothing_of_it(world: World, calling: Incident, post: str) -> None:
    page = get(world, post, page_of(calling))
    assert (way(calling) in page) is (post == "centre"), "the head of the centre may take the duty too"


def test_once_somebody_has_it_nobody_is_led_to_the_duty(world: World, calling: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=calling.pk, kind="school", eta=15)
    assert way(calling) not in get(world, "third", page_of(calling))


@pytest.mark.parametrize("kind", ["family", "medical", "community", "team"])
def test_being_on_duty_takes_no_leg_but_the_schools(world: World, calling: Incident, kind: str) -> None:
    takes_over(world, "third")
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=world.actor("third"), incident_id=calling.pk, kind=kind)


def test_whose_shift_is_over_takes_nothing_by_it(world: World, calling: Incident) -> None:
    takes_over(world, "third")
    takes_over(world, "deputy")
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=world.actor("third"), incident_id=calling.pk, kind="school")


def test_whoever_must_not_know_takes_nothing_by_the_duty(world: World, calling: Incident) -> None:
    LeftOut.objects.create(incident=calling, member=world.members["third"], why=LeftOut.Why.ASKED)
    asked: Any = client(world, "deputy").get(way(calling))
    assert page_of(calling) in asked.content.decode()
    hidden: Any = client(world, "third").get(way(calling))
    assert hidden.status_code == 200 and page_of(calling) not in hidden.content.decode(), "no word that there is one"
    takes_over(world, "third")
    with pytest.raises(NotFound):
        answering.acknowledge(actor=world.actor("third"), incident_id=calling.pk, kind="school")


def test_in_a_drill_only_who_plays_answers(world: World) -> None:
    incident = world.open(is_drill=True)
    decide_school()
    takes_over(world, "third")
    with pytest.raises(Forbidden):
        answering.acknowledge(actor=actor_of(world.members["third"]), incident_id=incident.pk, kind="school")
    assert way(incident) not in get(world, "third", page_of(incident))

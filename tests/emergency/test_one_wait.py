"""How long nobody has a line is counted from the first call, also once all were called: the board goes by it (chain §3)."""

import re
from datetime import timedelta

import pytest

from referrals.emergency.engine import decide
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Leg
from referrals.emergency.workflow import answering, grading
from referrals.emergency.workflow.moving import chain_now
from tests.conftest import make_person
from tests.emergency.test_board import BOARD, get, page_of
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def begun(incident: Incident, kind: str, minutes: int) -> None:
    """As if the first call of the leg had been so long ago."""
    Leg.objects.filter(incident=incident, kind=kind).update(since=chain_now() - timedelta(minutes=minutes))


def spend(incident: Incident, kind: str) -> Leg:
    """Every step of every round is called and not answered."""
    for _step in range(20):
        if legs_of(incident)[kind].state != "paging":
            break
        make_due(incident, kind)
        decide_school()
    leg = legs_of(incident)[kind]
    assert leg.state == "exhausted"
    return leg


def test_who_was_called_in_vain_has_waited_since_the_first_call(world: World) -> None:
    incident = world.open()
    decide_school()
    begun(incident, "family", 14)
    spend(incident, "family")
    page = get(world, "centre", page_of(incident))
    assert re.search(r">14 分钟<", page[page.index('id="leg-family"') : page.index('id="leg-medical"')])


def test_the_longest_wait_stands_first_also_when_all_were_called(world: World) -> None:
    longer = world.open(grade="major")
    shorter = world.open(grade="major", person_id=make_person(world.school, "staff", phone="+8613900000077").pk)
    decide_school()
    begun(longer, "school", 14)
    begun(shorter, "school", 4)
    spend(longer, "school")
    board = get(world, "centre", BOARD)
    assert board.index(f"/{longer.pk}/") < board.index(f"/{shorter.pk}/")


def test_a_graver_grade_goes_on_with_the_same_wait(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    begun(incident, "school", 14)
    since = spend(incident, "school").since
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    school = legs_of(incident)["school"]
    assert (school.state, school.since) == ("paging", since)


def test_a_leg_that_cannot_be_worked_has_waited_too(world: World) -> None:
    incident = world.open()
    decide_school()
    begun(incident, "family", 14)
    family = legs_of(incident)["family"]
    since = family.since
    decide._park(family, chain_now(), names_people=True)
    parked = legs_of(incident)["family"]
    assert (parked.state, parked.since) == ("exhausted", since)


def test_what_somebody_had_begins_anew(world: World) -> None:
    """Whoever took it did not come: nobody has it from then on."""
    incident = world.open()
    decide_school()
    begun(incident, "school", 14)
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    taken = legs_of(incident)["school"].since
    assert chain_now() - taken < timedelta(minutes=1)
    begun(incident, "school", 20)
    while legs_of(incident)["school"].state != "paging":
        make_due(incident, "school")
        decide_school()
    assert chain_now() - legs_of(incident)["school"].since < timedelta(minutes=1)

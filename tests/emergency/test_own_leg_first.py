"""Who was called on a leg finds that leg first, and what they have answered as answered; nothing is asked of them twice."""

import re

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Recipient
from referrals.emergency.workflow import answering
from tests.emergency.test_board import get, page_of
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def order(text: str) -> list[str]:
    return re.findall(r'<article class="card edge \w* ?leg" id="leg-(\w+)"', text)


def called(incident: Incident, kind: str, world: World) -> list[str]:
    rows = Recipient.objects.filter(leg__incident=incident, leg__kind=kind)
    return [post for post, one in world.members.items() if rows.filter(member=one).exists()]


def test_the_team_s_leg_stands_first_for_who_was_called_on_it_alone(world: World, paging: Incident) -> None:
    assert "centre" in called(paging, "team", world) and "centre" not in called(paging, "school", world)
    assert order(get(world, "centre", page_of(paging)))[0] == "team"
    found = order(get(world, "duty", page_of(paging)))
    assert found[0] == "school" and found[-1] == "team"
    assert sorted(found) == sorted(legs_of(paging))


def test_what_the_team_has_answered_is_shown_and_not_asked_again(world: World, paging: Incident) -> None:
    door = f"{page_of(paging)}team/"
    for post in ("centre", "doctor"):
        text = get(world, post, page_of(paging))
        assert f"{door}acknowledge/" in text and "您的应答" not in text
    answering.acknowledge(actor=world.actor("doctor"), incident_id=paging.pk, kind="team")
    assert legs_of(paging)["team"].state == "paging"
    text = get(world, "doctor", page_of(paging))
    assert "您的应答：接下" in text
    assert not [act for act in ("engage", "acknowledge", "decline") if f"{door}{act}/" in text]
    assert "您的应答" not in get(world, "centre", page_of(paging))


def test_whoever_said_no_does_not_read_that_somebody_has_it(world: World) -> None:
    incident = world.open(kind="medical", grade="major", can_be_asked=True, place="school")
    decide_school()
    make_due(incident, "school")
    decide_school()
    assert called(incident, "school", world).count("doctor") == 1
    answering.decline(actor=world.actor("doctor"), incident_id=incident.pk, kind="school")
    assert legs_of(incident)["school"].state == "paging"
    text = get(world, "doctor", page_of(incident))
    assert "您已应答" in text and "已有人接手" not in text and f"{page_of(incident)}school/" not in text

"""What stands on top in the first minute, for who is called for the team, and for a yes that came by telephone."""

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.workflow import answering
from tests.emergency.test_board import get, page_of
from tests.emergency.world import World, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def test_in_the_first_minute_nobody_has_it_yet_and_a_step_that_comes_round_is_called_again(world: World) -> None:
    incident = world.open(grade="major")
    decide_school()
    page = get(world, "duty", page_of(incident))
    assert "学校线还没有人接" in page and "学校线 0 分钟" not in page
    assert "加叫第二值班" in page and "再叫第二值班" not in page
    for _ in range(2):
        make_due(incident, "school", "step_due")
        decide_school()
    assert "再叫第一值班" in get(world, "duty", page_of(incident)), "nobody is added: the round begins anew"


def test_who_is_called_for_the_team_finds_that_on_top_until_they_have_answered(world: World) -> None:
    incident = world.open()
    decide_school()
    for kind in ("school", "family", "medical", "community"):
        told = "和平社区 0571-87990002" if kind != "school" else ""
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind=kind, eta=15, on_behalf_of=told)
    asked = "应急小组在叫您"
    assert asked in get(world, "centre", page_of(incident))
    assert asked not in get(world, "duty", page_of(incident)), "they were not called for it"
    answering.acknowledge(actor=world.actor("centre"), incident_id=incident.pk, kind="team")
    assert asked not in get(world, "centre", page_of(incident))
    page = get(world, "duty", page_of(incident))
    assert page.count("电话里应下") == 3, "of the three that a colleague wrote down, and not of the school's own"

"""Who said that they cannot is not said to have been silent: by whom, and who is asked next."""

import re

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Leg, Recipient
from referrals.emergency.workflow import answering
from tests.emergency.test_board import BOARD, get, page_of
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


def leg_card(text: str, kind: str = "school") -> str:
    return re.sub(r"\s+", " ", text.partition(f'id="leg-{kind}"')[2].partition("</article>")[0])


def test_a_no_is_said_with_its_role_and_who_is_asked_next(world: World, paging: Incident) -> None:
    before = leg_card(get(world, "centre", page_of(paging)))
    assert "没有应答" in before and "现在不行" not in before
    answering.decline(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    for _ in range(2):
        card = leg_card(get(world, "centre", page_of(paging)))
        assert "第一值班答“现在不行”" in card and "有人来不了，还没有人接下" in card
        assert "没有应答" not in card.partition("更多")[0].partition('class="why"')[0]
        assert "还没有人按" not in card
        assert re.search(r"加叫\S+。", card)
        decide_school()


def test_when_all_have_said_no_nobody_is_said_to_be_silent(world: World, paging: Incident) -> None:
    for _ in range(8):
        asked = Recipient.objects.filter(leg__incident=paging, leg__kind="school", answer="")
        posts = [post for post, one in world.members.items() if asked.filter(member=one).exists()]
        for post in posts:
            answering.decline(actor=world.actor(post), incident_id=paging.pk, kind="school")
        decide_school()
        if legs_of(paging)["school"].state == "exhausted":
            break
    assert legs_of(paging)["school"].state == "exhausted"
    steps = Recipient.objects.filter(leg__incident=paging, leg__kind="school", step__purpose="step")
    assert set(steps.values_list("answer", flat=True)) == {"declined"}
    card = leg_card(get(world, "centre", page_of(paging)))
    assert "都来不了" in card and "没有人接<" not in card and "没有应答：" not in card
    assert "每五分钟叫一次应急小组和平台值守" in card
    board = get(world, "centre", BOARD)
    assert "学校 都来不了" in board


def test_where_some_were_silent_both_are_said(world: World, paging: Incident) -> None:
    make_due(paging, "school", "step_due")
    decide_school()
    answering.decline(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    for _ in range(20):
        if legs_of(paging)["school"].state == "exhausted":
            break
        make_due(paging, "school")
        decide_school()
    card = leg_card(get(world, "centre", page_of(paging)))
    assert Leg.objects.get(incident=paging, kind="school").state == "exhausted"
    assert "答“现在不行”" in card and "没有应答：" in card

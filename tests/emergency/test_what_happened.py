"""What happened, as a tired person reads it: one act is one line, what went with another message fills no page (chain §3)."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest

from kernel.clock import now
from referrals.emergency.centre.incident_happened import Happened, happened
from referrals.emergency.centre.incident_reading import read, timeline_of
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Timeline
from referrals.emergency.workflow import answering, ending, grading
from tenancy.scope import use_tenant
from tests.emergency.test_board import BOARD, get, page_of
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON = "本人说今天已经和家里人谈过，不愿意再联系"


@pytest.fixture
def world(world: World) -> Iterator[World]:
    with use_tenant(world.school.pk):
        yield world


def lines(world: World, incident: Incident) -> list[Happened]:
    """The newest first."""
    return happened(read(world.actor("centre"), world.school, incident.pk), list(timeline_of(incident)))


def titles(world: World, incident: Incident) -> list[str]:
    return [line.title for line in lines(world, incident)]


def reported(world: World) -> Incident:
    incident = world.open(by="head", grade="extreme")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    return incident


def test_a_grade_is_one_line_that_says_which_and_one_that_says_for_whom(world: World) -> None:
    incident = reported(world)
    grading.write_grade(actor=world.actor("duty"), incident_id=incident.pk, grade="extreme")
    said = titles(world, incident)
    assert "定了等级：极端" in said
    rose = [title for title in said if "等级升了" in title]
    assert len(rose) == 1, rose
    assert all(leg in rose[0] for leg in ("学校", "家庭", "医疗", "社区", "应急小组"))
    assert Timeline.objects.filter(incident=incident, code="leg.raise_grade").count() == 5, "all of it is kept"


def folded(incident: Incident, *told: tuple[str, str]) -> None:
    leg = incident.legs.get(kind="team")
    for channel, role in told:
        Timeline.objects.create(
            incident=incident,
            leg=leg,
            code="delivery.folded",
            who="engine",
            facts={"channel": channel, "role": f"team:{role}"},
        )


def test_what_went_with_another_message_is_one_line_that_names_all(world: World) -> None:
    incident = reported(world)
    folded(incident, ("sms", "centre_head"), ("sms", "principal"), ("voice", "centre_head"), ("voice", "doctor"))
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    said = [title for title in titles(world, incident) if "告知" in title]
    assert len(said) == 1, said
    for name in ("应急小组", "短信", "电话", "中心主任", "校长", "校医"):
        assert said[0].count(name) == 1 or name == "电话", (name, said[0])
    assert "中心主任、校长、校医" in said[0]


def test_what_stands_between_keeps_two_apart(world: World) -> None:
    incident = reported(world)
    folded(incident, ("sms", "principal"))
    Timeline.objects.create(incident=incident, code="assessed", who="engine", facts={})
    folded(incident, ("sms", "principal"))
    assert len([title for title in titles(world, incident) if "告知" in title]) == 2


def test_that_nobody_came_is_said_of_each_leg_by_itself(world: World) -> None:
    incident = world.open()
    for kind in ("family", "medical"):
        Timeline.objects.create(
            incident=incident, leg=incident.legs.get(kind=kind), code="leg.spent", who="engine", facts={}
        )
    spent = [line for line in lines(world, incident) if "都叫过了" in line.title]
    assert [line.tone for line in spent] == ["bad", "bad"]


def test_who_is_called_is_said_and_not_in_which_order(world: World) -> None:
    incident = world.open()
    decide_school()
    said = titles(world, incident)
    assert any(title.startswith("学校 · 叫了：") for title in said)
    assert not any("呼叫顺序" in title for title in said)


@pytest.mark.parametrize(("minutes", "said"), [(0, "马上报告"), (7, "7 分钟后报告")])
def test_what_was_sent_at_once_has_no_nought(minutes: int, said: str, world: World) -> None:
    incident = world.open(by="head", found_at=now() - timedelta(minutes=minutes))
    page = get(world, "centre", page_of(incident))
    assert said in page and "，0 分钟" not in page


def test_a_task_of_the_board_is_one_link(world: World) -> None:
    incident = world.open()
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    board = get(world, "centre", BOARD)
    link = re.search(rf'<a href="[^"]*{incident.pk}/#tasks">(.*?)</a>', board, re.S)
    assert link and incident.number in link[1] and "谁知道了什么" in link[1]


def test_who_was_seen_before_it_was_opened_again_has_not_been_seen(world: World) -> None:
    """The clock of the first contact stands anew, and the page says so: in green it would tell that nobody need go."""
    incident = world.open(grade="major")
    decide_school()
    duty = world.actor("duty")
    answering.acknowledge(actor=duty, incident_id=incident.pk, kind="school", eta=15)
    answering.engage(actor=duty, incident_id=incident.pk, kind="school")
    ending.assess(actor=duty, incident_id=incident.pk)
    seen = get(world, "centre", page_of(incident))
    assert "已见到人" in seen and "已评估" in seen
    for kind in ("family", "medical", "community"):
        grading.refuse_leg(actor=duty, incident_id=incident.pk, kind=kind, reason=REASON)
    ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="supported")
    assert "已见到人" in get(world, "centre", page_of(incident))
    ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    assert Incident.objects.get(pk=incident.pk).next_event == "contact_due"
    again = get(world, "centre", page_of(incident))
    assert "已见到人" not in again and "已评估" not in again

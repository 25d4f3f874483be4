"""A line outside that the alarm calls: that it has heard is kept and shown, and it takes no leg (chain §3, §9)."""

import pytest

from audit.models import AuditEntry
from kernel.clock import now
from notifications.answers import Answer, AnswerKind, Source, take_answer
from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.letters import message_for
from referrals.emergency.models import Delivery, Incident, Leg, Recipient, Timeline
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.outside import speaks_for_party
from referrals.emergency.workflow import answering, outside
from referrals.emergency.workflow.outside import Said
from tests.emergency.test_board import get, page_of
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture(params=["medical", "school", "team"])
def alarmed(request: pytest.FixtureRequest, world: World) -> tuple[Incident, Leg]:
    """An incident of which nobody answers one leg: team and operator are called."""
    incident = world.open()
    decide_school()
    leg = legs_of(incident)[request.param]
    Leg.objects.filter(pk=leg.pk).update(state="exhausted", next_event="tick", next_at=now())
    decide_school()
    return incident, Leg.objects.get(pk=leg.pk)


def operator_page(leg: Leg) -> Delivery:
    rows = Delivery.objects.filter(leg=leg, text="emergency_alarm", channel="voice", recipient__role="operator")
    return rows.select_related("recipient", "leg").latest("pk")


def say(world: World, page: Delivery, value: str) -> None:
    key = secrets.reference_of(page.pk)
    take_answer(Answer(key, AnswerKind.KEY, value, now(), Source.GATEWAY), host=world.school)


def test_the_call_asks_for_one_key_and_a_colleagues_for_none(world: World, alarmed: tuple[Incident, Leg]) -> None:
    _incident, leg = alarmed
    page = message_for(operator_page(leg), world.school)
    assert [choice.key for choice in page.choices] == ["1"] and "按 1" in page.text
    rows = Delivery.objects.filter(leg=leg, text="emergency_alarm", recipient__member__isnull=False)
    for row in rows.select_related("recipient", "leg"):
        assert message_for(row, world.school).choices == ()


def test_what_it_has_heard_is_kept_and_takes_no_leg(world: World, alarmed: tuple[Incident, Leg]) -> None:
    incident, leg = alarmed
    page = operator_page(leg)
    for _ in range(2):
        say(world, page, "1")
    after = Leg.objects.get(pk=leg.pk)
    assert (after.state, after.owner_id, after.taken_by_id, after.epoch) == ("exhausted", None, None, leg.epoch)
    assert after.next_at == leg.next_at, "the alarm goes on as it was"
    row = Timeline.objects.get(code="alarm.heard")
    assert (row.who, row.by_id, row.leg_id) == ("operator", None, leg.pk)
    assert AuditEntry.objects.filter(action="incident.alarm_heard").count() == 1
    make_due(incident, leg.kind)
    decide_school()
    assert operator_page(leg).pk != page.pk, "called again until a person takes it"


@pytest.mark.parametrize("value", ["2", "9", "5", "好的"])
def test_anything_else_is_words(world: World, alarmed: tuple[Incident, Leg], value: str) -> None:
    _incident, leg = alarmed
    say(world, operator_page(leg), value)
    assert Leg.objects.get(pk=leg.pk).state == "exhausted"
    assert Timeline.objects.filter(code="outside.said").count() == 1
    assert not Timeline.objects.filter(code__in=["alarm.heard", "leg.acknowledge"]).exists()


def test_its_link_takes_nothing_either(world: World, alarmed: tuple[Incident, Leg]) -> None:
    _incident, leg = alarmed
    assert outside.answer(recipient_id=operator_page(leg).recipient_id, said=Said.TAKE) is False
    after = Leg.objects.get(pk=leg.pk)
    assert (after.state, after.taken_by_id) == ("exhausted", None)
    assert not Recipient.objects.filter(leg=leg, answer="acknowledged").exists()


def test_a_line_that_is_a_step_of_the_school_still_answers_for_it() -> None:
    for kind in LegKind:
        for purpose in ("alarm", "watch"):
            assert not speaks_for_party(kind, role="operator", purpose=purpose, is_colleague=False, has_it=False)
    assert speaks_for_party(LegKind.SCHOOL, role="line", purpose="step", is_colleague=False, has_it=False)


def test_the_page_says_so_until_somebody_of_the_team_takes_it(world: World) -> None:
    incident = world.open()
    decide_school()
    leg = legs_of(incident)["medical"]
    Leg.objects.filter(pk=leg.pk).update(state="exhausted", next_event="tick", next_at=now(), since=now())
    decide_school()
    say(world, operator_page(leg), "1")
    assert "听到了警报，但不能接手" in get(world, "centre", page_of(incident))
    answering.acknowledge(actor=world.actor("centre"), incident_id=incident.pk, kind="medical")
    page = get(world, "centre", page_of(incident))
    assert "但不能接手" not in page and "听到了警报；这不等于有人接手" in page

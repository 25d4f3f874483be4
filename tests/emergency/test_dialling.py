"""What a person dials holds nobody up (chain §2, §3): 120 and 110 by hand beside the first page, and once more."""

import re
from datetime import timedelta

import pytest

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Plan, Recipient, Timeline
from referrals.emergency.rules.sending import PUT_OFF, RANKS, Rank
from referrals.emergency.workflow import answering
from tests.emergency.chain_clock import chain_ahead
from tests.emergency.rota import plan_row, step_row
from tests.emergency.test_board import get, page_of
from tests.emergency.world import World, codes, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def with_hospitals(world: World, count: int) -> None:
    """A plan in use whose medical leg is 120 by hand, then outside lines in the place of hospitals."""
    plan = plan_row()
    step_row(plan, leg="medical", position=0, target="by_hand", number=None, dial="120", channels=[])
    for number in range(count):
        step_row(plan, leg="medical", position=number + 1, target="seat", number=None, seat="doctor", channels=["sms"])
    Plan.objects.filter(pk=plan.pk).update(state="in_use", version=1, in_use_at=now())


def test_the_hospital_is_called_in_the_moment_in_which_somebody_is_asked_to_dial(world: World) -> None:
    with_hospitals(world, 1)
    incident = world.open()
    decide_school()
    assert paged(incident, "medical") == ["by_hand:120", "seat:doctor"]
    leg = legs_of(incident)["medical"]
    assert (leg.round, leg.position, leg.state) == (1, 1, "paging")
    ranks = Delivery.objects.filter(leg=leg, recipient__role="seat:doctor").values_list("rank", flat=True)
    assert set(ranks) == {RANKS[Rank.FIRST_PAGE]}, "the first page of its leg"
    assert timedelta(minutes=1, seconds=50) < leg.next_at - leg.since < timedelta(minutes=2, seconds=10)


def test_of_somebody_ill_the_doctor_hears_at_once_too(world: World) -> None:
    incident = world.open(kind="medical", grade="major", can_be_asked=False)
    decide_school()
    assert paged(incident, "school")[:2] == ["by_hand:120", "seat:doctor"]


def test_where_nobody_else_can_be_called_what_is_dialled_has_its_wait(world: World) -> None:
    incident = world.open()
    decide_school()
    assert paged(incident, "medical") == ["by_hand:120"]
    assert decide_school() == 0
    make_due(incident, "medical", "step_due")
    decide_school()
    assert legs_of(incident)["medical"].round == 2


def test_after_four_minutes_without_an_answer_it_is_asked_again_wherever_the_steps_are(world: World) -> None:
    with_hospitals(world, 4)
    incident = world.open()
    decide_school()
    asked = Recipient.objects.get(leg__incident=incident, role="by_hand:120")
    before = Delivery.objects.filter(recipient=asked).count()
    make_due(incident, "medical", "step_due")
    decide_school()
    assert Delivery.objects.filter(recipient=asked).count() == before, "two minutes are none of four"
    with chain_ahead(timedelta(minutes=4)):
        make_due(incident, "medical", "step_due")
        decide_school()
        assert legs_of(incident)["medical"].round == 1
        assert Delivery.objects.filter(recipient=asked).count() == 2 * before
        assert codes(incident).count("leg.dial_again") == 1
        make_due(incident, "medical", "step_due")
        decide_school()
        assert codes(incident).count("leg.dial_again") == 1, "not with every step"


def test_two_numbers_that_a_new_round_asks_for_are_asked_for_once(world: World) -> None:
    incident = world.open(kind="medical", place="missing", can_be_asked=False)
    decide_school()
    assert paged(incident, "school")[:3] == ["by_hand:110", "by_hand:120", "seat:doctor"]
    while legs_of(incident)["school"].position < 4:
        make_due(incident, "school", "step_due")
        decide_school()
    with chain_ahead(timedelta(minutes=4)):
        make_due(incident, "school", "step_due")
        decide_school()
    assert legs_of(incident)["school"].round == 2
    assert paged(incident, "school").count("by_hand:120") == 2
    assert Timeline.objects.filter(leg__incident=incident, leg__kind="school", code="leg.dial_again").count() == 0


@pytest.mark.parametrize(("place", "is_asked"), [("missing", True), ("elsewhere", True), ("home", False)])
def test_who_cannot_be_found_or_is_elsewhere_is_looked_for_by_the_police(
    world: World, place: str, is_asked: bool
) -> None:
    incident = world.open(place=place)
    decide_school()
    first = ["by_hand:110", "on_duty:1"] if is_asked else ["on_duty:1"]
    assert paged(incident, "school") == first
    page = get(world, "duty", page_of(incident))
    assert ('class="btn alarm" href="tel:110"' in page) is is_asked
    assert ("当地的区号" in page) is (place == "elsewhere")


def test_a_team_that_does_not_answer_in_three_rounds_is_called_with_its_deputies(world: World) -> None:
    incident = world.open()
    decide_school()
    for _ in range(2):
        make_due(incident, "team", "step_due")
        decide_school()
    assert "deputy:centre_head" not in paged(incident, "team")
    make_due(incident, "team", "step_due")
    decide_school()
    assert legs_of(incident)["team"].state == "exhausted"
    assert {"deputy:centre_head", "team:centre_head", "operator"} <= set(paged(incident, "team"))
    assert legs_of(incident)["community"].state == "exhausted", "nobody is known there, and its alarm has gone out"
    assert "deputy:centre_head" not in [*paged(incident, "school"), *paged(incident, "community")]


def test_who_puts_a_time_off_twice_keeps_it_and_the_team_is_told(world: World) -> None:
    incident = world.open()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=15)
    for times in (1, 2):
        answering.extend(actor=world.actor("duty"), incident_id=incident.pk, kind="school", eta=60)
        told = Delivery.objects.filter(leg__incident=incident, text=PUT_OFF)
        assert told.exists() is (times == 2)
    roles = set(told.values_list("recipient__role", flat=True))
    assert roles == {"team:centre_head", "team:principal", "team:moral", "team:doctor"}
    assert legs_of(incident)["school"].owner_id == world.members["duty"].pk
    assert Timeline.objects.filter(code="team.told_of_extensions").count() == 1


def test_a_number_to_dial_is_asked_for_and_not_called(world: World) -> None:
    """Beside the hospital's step stands 120 by hand: nobody calls "ask somebody to dial", and it has not failed yet."""
    with_hospitals(world, 1)
    incident = world.open()
    decide_school()
    page = get(world, "centre", page_of(incident))
    medical = page[page.index('id="leg-medical"') : page.index('id="leg-community"')]
    assert re.search(r'<li class="now">(?:(?!</li>).)*120', medical, re.S), "it waits for somebody to dial"
    assert not re.search(r"叫请人", page)
    assert re.search(r"\d\d:\d\d 再请人拨打 120。", medical)
    answering.dialled(actor=world.actor("duty"), incident_id=incident.pk, kind="medical", dial="120")
    page = get(world, "centre", page_of(incident))
    medical = page[page.index('id="leg-medical"') : page.index('id="leg-community"')]
    assert re.search(r'<li class="ok">(?:(?!</li>).)*120', medical, re.S)

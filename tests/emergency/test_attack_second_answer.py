"""A second answer of whoever was called, and words that only look like one: nobody is lost by it and no leg goes quiet."""

from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Card, Contact, Recipient, Timeline
from tenancy.scope import use_tenant
from tests.emergency.outside_steps import browser, called, leg_of, link_of, press, recipient_of
from tests.emergency.test_outside_taking import answer_of, reference_of, say
from tests.emergency.world import World, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def incident(world: World) -> Any:
    return called(world)


def fault_of(world: World, name: str = "wife") -> str:
    with use_tenant(world.school.pk):
        return str(Contact.objects.get(pk=world.contacts[name].pk).fault)


@pytest.mark.parametrize(
    "value",
    [
        "没打错，我是他爱人，马上到",
        "您没有打错",
        "不是打错了，我在路上",
        "你们是不是打错了？",
        "not a wrong number, coming",
    ],
)
def test_words_that_say_it_is_no_wrong_number_cost_no_contact(world: World, incident: Any, value: str) -> None:
    recipient = recipient_of(world, incident)
    say(world, reference_of(world, recipient), value, "reply")
    assert (answer_of(world, recipient), fault_of(world)) == ("", "")
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="outside.said").count() == 1, "kept for whoever is on duty to read"


@pytest.mark.parametrize("value", ["9", "打错了"])
def test_a_wrong_number_after_a_yes_lets_the_next_one_be_called(world: World, incident: Any, value: str) -> None:
    recipient = recipient_of(world, incident)
    key = reference_of(world, recipient)
    say(world, key, "1")
    say(world, key, value, "key" if value == "9" else "reply")
    leg = leg_of(world, incident)
    assert (leg.state, leg.taken_by_id, leg.next_event) == ("paging", None, "step_due")
    assert (answer_of(world, recipient), fault_of(world)) == ("wrong_number", "wrong")
    with use_tenant(world.school.pk):
        assert not Card.objects.filter(recipient=recipient, revoked_at=None).exists()
        decide_school()
    assert recipient_of(world, incident).role == "contact:2"


@pytest.mark.parametrize("value", ["2", "9"])
def test_no_after_yes_of_a_colleague_by_key_calls_the_next_one_too(world: World, incident: Any, value: str) -> None:
    with use_tenant(world.school.pk):
        recipient = Recipient.objects.get(leg__incident=incident, role="on_duty:1")
    key = reference_of(world, recipient)
    say(world, key, "1")
    say(world, key, value)
    leg = leg_of(world, incident, "school")
    assert (leg.state, leg.owner_id, leg.taken_by_id) == ("paging", None, None)
    with use_tenant(world.school.pk):
        decide_school()
        assert Recipient.objects.filter(leg__incident=incident, role="on_duty:2").exists()


def begun_anew(world: World, incident: Any) -> Recipient:
    """The first contact, who was silent; the second took it and did not come, so that the leg calls in a newer epoch."""
    with use_tenant(world.school.pk):
        make_due(incident, "family")
        decide_school()
        first = Recipient.objects.get(leg__incident=incident, role="contact:1")
    press(browser(), link_of(recipient_of(world, incident)), "take", eta="15")
    with use_tenant(world.school.pk):
        for _ in range(2):
            make_due(incident, "family")
            decide_school()
    assert leg_of(world, incident).state == "paging"
    return first


@pytest.mark.parametrize(("value", "answer", "fault"), [("9", "wrong_number", "wrong"), ("2", "declined", "")])
def test_a_no_by_a_link_of_before_leaves_the_incident(
    world: World, incident: Any, value: str, answer: str, fault: str
) -> None:
    first = begun_anew(world, incident)
    say(world, reference_of(world, first), value)
    assert (answer_of(world, first), fault_of(world)) == (answer, fault)
    with use_tenant(world.school.pk):
        rows = Recipient.objects.filter(leg__incident=incident, target_hash=first.target_hash)
        before = rows.count()
        for _ in range(4):
            make_due(incident, "family")
            decide_school()
        assert rows.count() == before, "called again although it said no"

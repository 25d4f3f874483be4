"""Who said that it is a wrong number has left the incident; nothing real is called while the chain is not live."""

import pytest

from kernel.errors import Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Chain, Delivery, Incident, Recipient
from referrals.emergency.workflow import ending, outside
from tests.emergency.world import World, legs_of, make_due

pytestmark = pytest.mark.django_db
OVER = ("emergency_stood_down", "emergency_not_needed", "emergency_joined", "emergency_false_alarm")


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def page_of(incident: Incident, role: str) -> Recipient:
    return Recipient.objects.get(leg__incident=incident, leg__kind="family", role=role)


def test_a_stranger_hears_not_even_that_it_is_over(world: World) -> None:
    incident = world.open()
    decide_school()
    make_due(incident, "family", "step_due")
    decide_school()
    Delivery.objects.filter(leg__incident=incident).update(state="sent")
    outside.answer(recipient_id=page_of(incident, "contact:1").pk, said=outside.Said.WRONG_NUMBER)
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    told = Delivery.objects.filter(leg__incident=incident, leg__kind="family", text__in=OVER)
    assert set(told.values_list("recipient__role", flat=True)) == {"contact:2"}


def test_what_has_ended_is_not_opened_again_while_the_chain_is_not_live(world: World) -> None:
    incident = world.open()
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    for state in ("rehearsal", "off"):
        Chain.objects.update(state=state)
        with pytest.raises(Refused, match="chain_off"):
            ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
        assert legs_of(incident)["school"].state == "false_alarm"
    Chain.objects.update(state="live")
    ending.reopen(actor=world.actor("centre"), incident_id=incident.pk)
    assert legs_of(incident)["school"].state == "paging"


def test_who_cannot_come_after_all_is_rung_up_on_no_other_line(world: World) -> None:
    """One number stands on two lines: what waits for it on the other goes no more (chain §3: it leaves this incident)."""
    incident = world.open()
    decide_school()
    page = page_of(incident, "contact:1")
    other = Delivery.objects.filter(leg__incident=incident, leg__kind="school", channel="voice").first()
    assert other is not None
    Recipient.objects.filter(pk=other.recipient_id).update(target_hash=page.target_hash)
    outside.answer(recipient_id=page.pk, said=outside.Said.TAKE)
    outside.cannot_come(recipient_id=page.pk)
    other.refresh_from_db()
    assert other.state == "dropped"

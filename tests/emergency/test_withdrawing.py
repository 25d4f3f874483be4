"""Who is called no longer is not called in what is happening now either (chain §2): by person, number and colleague."""

from typing import Any

import pytest

from families.workflow import change_relative, withdraw_consent
from kernel.errors import Refused
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.send import claim
from referrals.emergency.models import Delivery, Recipient
from referrals.emergency.workflow.contacts import mark_wrong
from referrals.emergency.workflow.ending import say_false_alarm
from referrals.emergency.workflow.never import bar_colleague, bar_number
from referrals.emergency.workflow.switching import switch
from tests.emergency.world import PHONES, World, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Any:
    incident = world.open()
    decide_school()
    assert paged(incident, "family") == ["contact:1"]
    return incident


def of_wife(incident: Any) -> list[Any]:
    """Pages that wait for the first contact."""
    return list(
        Delivery.objects.filter(leg__incident=incident, recipient__role="contact:1", state="queued").values_list(
            "pk", flat=True
        )
    )


@pytest.mark.parametrize("how", ["withdrawn", "barred", "wrong", "other_number"])
def test_what_is_queued_for_a_contact_dies_at_once_and_the_next_is_called(how: str, world: World, paging: Any) -> None:
    waiting, person = of_wife(paging), world.actor("person")
    assert waiting
    wife = world.contacts["wife"]
    if how == "withdrawn":
        withdraw_consent(actor=person, consent_id=wife.relative.consents.get().pk)
    elif how == "barred":
        bar_number(actor=person, phone=PHONES["wife"])
    elif how == "other_number":
        named = wife.relative
        change_relative(actor=person, relative_id=named.pk, relation="spouse", name=named.name, phone="13900000077")
    else:
        assert mark_wrong(wife.person_id, bytes(wife.number_hash))
    assert of_wife(paging) == []
    assert claim(waiting) == []
    decide_school()
    assert paged(paging, "family") == ["contact:1", "contact:2"], "nobody waits for who is called no longer"


def test_a_colleague_who_is_barred_while_they_are_called_gets_nothing_more(world: World, paging: Any) -> None:
    duty = world.members["duty"]
    waiting = list(Delivery.objects.filter(recipient__member=duty, state="queued").values_list("pk", flat=True))
    assert waiting
    bar_colleague(actor=world.actor("person"), member_id=duty.pk)
    assert claim(waiting) == []
    decide_school()
    assert paged(paging, "school") == ["on_duty:1", "on_duty:2"]


def test_a_barred_colleague_is_left_out_by_their_number_too(world: World) -> None:
    """The seat of one colleague and the line of another may bear one number."""
    bar_colleague(actor=world.actor("person"), member_id=world.members["moral"].pk)
    second = world.members["second"]
    second.phone_hash = second.phone_sealed = None
    second.save(update_fields=["phone_hash", "phone_sealed"])
    incident = world.open()
    decide_school()
    assert world.members["moral"].pk not in set(
        Recipient.objects.filter(leg__incident=incident).values_list("member_id", flat=True)
    )


def test_other_incidents_are_not_touched(world: World, paging: Any) -> None:
    other = world.open(person_id=world.members["moral"].pk)
    decide_school()
    before = Delivery.objects.filter(leg__incident=other, state="queued").count()
    bar_colleague(actor=world.actor("person"), member_id=world.members["duty"].pk)
    assert Delivery.objects.filter(leg__incident=other, state="queued").count() == before > 0


def test_a_live_chain_is_not_switched_off_while_somebody_is_helped(world: World, paging: Any) -> None:
    with pytest.raises(Refused) as refused:
        switch(actor=world.actor("principal"), event="switch_off")
    assert refused.value.reason == "incidents_open"


def test_who_is_barred_after_the_end_does_not_hear_that_it_is_over(world: World, paging: Any) -> None:
    """It waits to be sent, and would say that there was something."""
    Delivery.objects.filter(leg__incident=paging, leg__kind="team").update(state="sent")
    for post in ("centre", "deputy"):
        say_false_alarm(actor=world.actor(post), incident_id=paging.pk)

    def waits(post: str) -> int:
        rows = Delivery.objects.filter(leg__incident=paging, text="emergency_false_alarm", state="queued")
        return rows.filter(recipient__member=world.members[post]).count()

    before = waits("principal")
    assert waits("moral") and before
    bar_colleague(actor=world.actor("person"), member_id=world.members["moral"].pk)
    assert (waits("moral"), waits("principal")) == (0, before)

"""Where the chain wants two people, two accounts of one person are one: a shared telephone or staff number says so (chain §3)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Membership
from families.models import Consent
from kernel.errors import Conflict
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import FirstWord, Seat, WatchTask
from referrals.emergency.rules.plan_states import ChainEvent
from referrals.emergency.workflow import by_hand, ending, tasks
from referrals.emergency.workflow.switching import switch
from tests.emergency.test_by_hand import brother
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
REASON = "配偶的电话没有人接，弟弟离得最近，需要他来"


def _telephone(one: Membership, other: Membership) -> None:
    """The school's number of one is the number that the other has proved as their own."""
    assert other.user is not None
    other.keep_phone("")
    other.save()
    other.user.keep_proved_phone(one.phone)
    other.user.save()


def _staff_number(one: Membership, other: Membership) -> None:
    Membership.objects.filter(pk=one.pk).update(staff_no="T 017")
    Membership.objects.filter(pk=other.pk).update(staff_no="t017")


SHARED = pytest.mark.parametrize("share", [_telephone, _staff_number])
Share = Callable[[Membership, Membership], None]


@pytest.fixture
def world(open_world: World) -> World:
    found = open_world
    Consent.objects.filter(relative=brother(found).relative).update(state="refused")
    return found


@pytest.fixture
def incident(world: World) -> Any:
    found = world.open()
    decide_school()
    return found


@SHARED
def test_a_false_alarm(world: World, incident: Any, share: Share) -> None:
    share(world.members["duty"], world.members["centre"])
    for _time in range(2):
        for post in ("duty", "centre"):
            assert not ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk), post
    assert FirstWord.objects.filter(act="false_alarm", ended_at=None).count() == 1
    assert ending.say_false_alarm(actor=world.actor("second"), incident_id=incident.pk)


@SHARED
def test_a_task_that_is_put_off(world: World, incident: Any, share: Share) -> None:
    share(world.members["duty"], world.members["centre"])
    task = by_hand.call_by_hand(
        actor=world.actor("duty"), incident_id=incident.pk, contact_id=brother(world).pk, reason=REASON
    )
    for post in ("duty", "centre", "duty"):
        assert not tasks.put_off(actor=world.actor(post), task_id=task.pk, reason=REASON), post
    task = WatchTask.objects.get()
    assert (task.deferrals, task.asked_by_id) == (0, world.members["duty"].pk), "the first word stays the first one's"
    assert tasks.put_off(actor=world.actor("deputy"), task_id=task.pk, reason=REASON)
    assert WatchTask.objects.get().due_at == task.due_at + timedelta(hours=72)


@SHARED
def test_the_switch_of_the_chain(world: World, share: Share) -> None:
    share(world.members["centre"], world.members["principal"])
    assert switch(actor=world.actor("principal"), event=ChainEvent.SWITCH_OFF).state == "live"
    with pytest.raises(Conflict, match="switch_needs_another"):
        switch(actor=world.actor("centre"), event=ChainEvent.SWITCH_OFF)
    Seat.objects.filter(kind="centre_head").update(holder=world.members["deputy"], deputy=None)
    assert switch(actor=world.actor("deputy"), event=ChainEvent.SWITCH_OFF).state == "off"

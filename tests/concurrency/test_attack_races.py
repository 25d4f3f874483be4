"""Two hands that undo each other at the same moment: given up and taken over, ended and answered (chain §9)."""

import threading
from typing import Any

import pytest
from django.db.utils import OperationalError

from kernel.errors import Conflict, Forbidden, IllegalMove
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Leg, Recipient, Timeline
from referrals.emergency.workflow import answering, ending, handing_over, outside, standing
from referrals.emergency.workflow.moving import Locked, chain_now
from referrals.emergency.workflow.outside import Said
from tenancy.scope import use_tenant
from tests.concurrency.chain_steps import asked
from tests.concurrency.together import at_once
from tests.emergency.world import World

pytestmark = pytest.mark.usefixtures("committed")


def released_and_accepted(world: World, incident: Incident) -> list[Any]:
    return at_once(
        world.school,
        [
            lambda: answering.release(actor=world.actor("duty"), incident_id=incident.pk, kind="school"),
            lambda: handing_over.accept(actor=world.actor("second"), incident_id=incident.pk, kind="school"),
        ],
    )


def happened(world: World) -> set[str]:
    with use_tenant(world.school.pk):
        rows = Timeline.objects.filter(code__in=["leg.release", "leg.hand_over_accepted"])
        return set(rows.values_list("code", flat=True))


@pytest.mark.parametrize("turn", range(3))
def test_given_up_or_taken_over_and_somebody_has_it_or_is_called(turn: int, world: World) -> None:
    incident = asked(world)
    results = released_and_accepted(world, incident)
    refused = [result for result in results if isinstance(result, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], (IllegalMove, Forbidden)), results
    assert len(happened(world)) == 1
    with use_tenant(world.school.pk):
        leg = Leg.objects.get(incident=incident, kind="school")
        is_taken = "leg.hand_over_accepted" in happened(world)
        assert (leg.state, leg.owner_id) == (("engaged", world.members["second"].pk) if is_taken else ("paging", None))
        assert leg.next_at is not None and leg.asked_id is None
        assert not Delivery.objects.filter(leg=leg, text="emergency_ask_take_over", state="queued").exists()


def test_control_without_the_lock_it_is_given_up_and_taken_over(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    incident = asked(world)
    gate = threading.Barrier(2)

    def unlocked(incident_id: Any) -> Locked:
        found = Incident.objects.get(pk=incident_id)
        legs = {leg.kind: leg for leg in Leg.objects.filter(incident=found)}
        gate.wait(timeout=30)
        return Locked(found, legs, chain_now())

    monkeypatch.setattr(standing, "lock", unlocked)
    results = released_and_accepted(world, incident)
    deadlocked = [result for result in results if isinstance(result, OperationalError)]
    assert len(happened(world)) == 2 or deadlocked, "the race is there; it is the lock that ends it"


@pytest.mark.parametrize("turn", range(3))
def test_an_answer_in_the_instant_of_the_end_begins_nothing_again(turn: int, world: World) -> None:
    with use_tenant(world.school.pk):
        incident = world.open()
        decide_school()
        page = Recipient.objects.get(leg__incident=incident, role="contact:1")
        ending.close(actor=world.actor("centre"), incident_id=incident.pk, outcome="died")
    results = at_once(
        world.school,
        [
            lambda: ending.close(actor=world.actor("deputy"), incident_id=incident.pk, outcome="died"),
            lambda: outside.answer(recipient_id=page.pk, said=Said.TAKE),
        ],
    )
    assert not [row for row in results if isinstance(row, Exception) and not isinstance(row, Conflict)], results
    with use_tenant(world.school.pk):
        assert set(Leg.objects.filter(incident=incident).values_list("state", flat=True)) == {"closed"}
        waiting = Delivery.objects.filter(leg__incident=incident, state="queued")
        assert set(waiting.values_list("text", flat=True)) <= {"emergency_not_needed", "emergency_stood_down"}

"""People outside who press at once, guess at once, and press in the instant of an escalation (chain §3, §4)."""

from collections import Counter
from typing import Any

import pytest
from stdnum import damm

from referrals.emergency import secrets
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.send import claim
from referrals.emergency.models import Card, Delivery, Leg, Recipient, Timeline
from referrals.emergency.workflow import holding, outside
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.outside import Said
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.emergency.outside_steps import browser, leg_of, link_of, recipient_of
from tests.emergency.world import PHONES, World

pytestmark = pytest.mark.usefixtures("committed")
REASON = "对方在电话里说家里人就在旁边威胁他，先不要联系家里"


def opened(world: World, **values: Any) -> Any:
    with use_tenant(world.school.pk):
        incident = world.open(**values)
        decide_school()
    return incident


def faults(results: list[Any]) -> list[Any]:
    return [result for result in results if isinstance(result, Exception)]


def test_many_presses_of_one_link_are_one_answer(world: World) -> None:
    incident = opened(world)
    recipient = recipient_of(world, incident)

    clients = [browser() for _ in range(6)]
    presses = [lambda client=client: client.post(link_of(recipient), {"act": "take"}).status_code for client in clients]
    assert at_once(world.school, presses) == [303] * 6
    with use_tenant(world.school.pk):
        assert Timeline.objects.filter(code="leg.acknowledge").count() == 1
        assert Card.objects.count() == 1
        assert Leg.objects.get(incident=incident, kind="family").epoch == 2


def test_two_links_pressed_at_once_are_one_taker(world: World) -> None:
    incident = opened(world)
    first = recipient_of(world, incident)
    with use_tenant(world.school.pk):
        Leg.objects.filter(incident=incident, kind="family").update(next_at=chain_now())
        decide_school()
    second = recipient_of(world, incident)
    assert first.pk != second.pk
    results = at_once(
        world.school,
        [lambda pk=pk: outside.answer(recipient_id=pk, said=Said.TAKE) for pk in (first.pk, second.pk)],
    )
    assert sorted(results) == [False, True]
    with use_tenant(world.school.pk):
        answers = Counter(Recipient.objects.filter(leg__kind="family").values_list("answer", flat=True))
        assert answers == {"acknowledged": 1, "also": 1}
        taker = Leg.objects.get(incident=incident, kind="family").taken_by_id
        assert list(Card.objects.values_list("recipient_id", "revoked_at")) == [(taker, None)]


def test_a_press_in_the_instant_of_an_escalation_leaves_no_page_that_could_go_out(world: World) -> None:
    for _ in range(6):
        with use_tenant(world.school.pk):
            incident = world.open(person_id=world.members["person"].pk)
            decide_school()
        recipient = recipient_of(world, incident)
        with use_tenant(world.school.pk):
            Leg.objects.filter(incident=incident, kind="family").update(next_at=chain_now())
        results = at_once(
            world.school,
            [decide_school, lambda: outside.answer(recipient_id=recipient.pk, said=Said.TAKE)],  # noqa: B023
        )
        assert not faults(results)
        assert results[1] is True
        leg = leg_of(world, incident)
        assert (leg.state, leg.taken_by_id) == ("acknowledged", recipient.pk)
        with use_tenant(world.school.pk):
            waiting = Delivery.objects.filter(leg=leg, state="queued").exclude(text="emergency_stood_down")
            assert claim(list(waiting.values_list("pk", flat=True))) == []
            type(incident).objects.filter(pk=incident.pk).update(
                state="closed", next_event="", next_at=None, closed_at=chain_now()
            )


def test_a_hold_and_a_press_at_once_never_leave_a_card_that_is_read(world: World) -> None:
    for number in range(4):
        with use_tenant(world.school.pk):
            incident = world.open(person_id=world.members["person"].pk)
            decide_school()
        recipient = recipient_of(world, incident)
        acts = [
            lambda: outside.answer(recipient_id=recipient.pk, said=Said.TAKE),  # noqa: B023
            lambda: holding.hold(actor=world.actor("duty"), incident_id=incident.pk, kind="family", reason=REASON),  # noqa: B023
        ]
        assert not faults(at_once(world.school, acts if number % 2 else acts[::-1]))
        assert leg_of(world, incident).state == "held"
        with use_tenant(world.school.pk):
            assert not Card.objects.filter(recipient=recipient, revoked_at=None).exists()
            type(incident).objects.filter(pk=incident.pk).update(
                state="closed", next_event="", next_at=None, closed_at=chain_now()
            )


def test_guesses_at_once_count_each_for_itself(world: World) -> None:
    incident = opened(world)
    recipient = recipient_of(world, incident)

    clients = [browser() for _ in range(12)]

    def guess(number: int) -> int:
        digits = f"{number:08d}"
        sent = {"code": digits + str(damm.calc_check_digit(digits)), "digits": "0001"}
        return int(clients[number].post("/a/", sent).status_code)

    answers = Counter(at_once(world.school, [lambda number=number: guess(number) for number in range(12)]))
    assert answers == {200: 5, 429: 7}
    right = {"code": secrets.code_of(recipient.pk), "digits": PHONES["wife"][-4:]}
    assert browser().post("/a/", right).status_code == 429

"""Who knows what: only what has really left or was answered; who was never reached is not said to know."""

import re
from typing import Any

import pytest
from django.utils.html import strip_tags

from kernel.clock import now
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Recipient
from referrals.emergency.workflow import answering
from tests.emergency.test_board import get, page_of, press
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def paging(world: World) -> Incident:
    incident = world.open()
    decide_school()
    return incident


def knows(world: World, incident: Incident) -> dict[str, str]:
    text = get(world, "centre", page_of(incident))
    part = text.partition('id="told"')[2].partition("</section>")[0]
    rows = re.findall(r"<dt[^>]*>(.*?)</dt>\s*<dd[^>]*>(.*?)</dd>", part, re.DOTALL)
    return {strip_tags(name).strip(): strip_tags(said).strip() for name, said in rows}


def sent(incident: Incident, kind: str, **of: Any) -> int:
    return Delivery.objects.filter(leg__incident=incident, leg__kind=kind, **of).update(state="sent", settled_at=now())


UNTOLD = "没有告诉"
PARTIES = ("德育主任", "校医", "家人", "医院", "社区")


def test_what_only_waits_or_failed_was_told_to_nobody(world: World, paging: Incident) -> None:
    assert Recipient.objects.filter(leg__incident=paging, leg__kind="family").exists()
    for state in ("queued", "failed", "dropped"):
        Delivery.objects.update(state=state)
        found = knows(world, paging)
        assert {name: found[name] for name in PARTIES} == dict.fromkeys(PARTIES, UNTOLD)
        assert found["校长"].startswith(UNTOLD)


def test_what_has_left_is_told_to_whom_it_went_alone(world: World, paging: Incident) -> None:
    assert sent(paging, "family")
    assert sent(paging, "team", recipient__role="team:doctor")
    found = knows(world, paging)
    assert UNTOLD not in found["家人"] and UNTOLD not in found["校医"]
    assert {found[name] for name in ("德育主任", "医院", "社区")} == {UNTOLD}


def test_a_colleague_who_is_to_dial_120_is_not_the_hospital(world: World, paging: Incident) -> None:
    assert sent(paging, "medical")
    assert Recipient.objects.filter(leg__incident=paging, leg__kind="medical", role__startswith="by_hand").exists()
    assert knows(world, paging)["医院"] == UNTOLD
    press(world, "duty", paging, "medical/dialled", {"dial": "120"})
    assert knows(world, paging)["医院"] == "已人工拨打 120"


def test_what_was_said_by_telephone_is_told(world: World, paging: Incident) -> None:
    answering.acknowledge(actor=world.actor("duty"), incident_id=paging.pk, kind="school")
    answering.acknowledge(
        actor=world.actor("duty"), incident_id=paging.pk, kind="family", on_behalf_of="王女士 13900000011"
    )
    assert UNTOLD not in knows(world, paging)["家人"]


def test_who_says_that_the_number_is_wrong_knows_nothing(world: World, paging: Incident) -> None:
    Delivery.objects.update(state="failed")
    Recipient.objects.filter(leg__incident=paging, leg__kind="family").update(answer="wrong_number", answered_at=now())
    assert knows(world, paging)["家人"] == UNTOLD
    Recipient.objects.filter(leg__incident=paging, leg__kind="family").update(answer="declined")
    assert UNTOLD not in knows(world, paging)["家人"]

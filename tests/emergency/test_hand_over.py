"""The card at the change of a shift: numbers of what is open, read by whoever begins, never of whom they may not know."""

from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, NotFound
from referrals.emergency.hand_over import hand_over_of
from referrals.emergency.models import DutyHandOver, DutyShift, LeftOut, NeverContact, chain_moment
from referrals.emergency.workflow.hand_overs import accept_hand_over
from tests.emergency.incident_rows import incident_row
from tests.emergency.test_board import client, get
from tests.emergency.world import World

pytestmark = pytest.mark.django_db
DUTY = "/centre/emergency/duty/"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def card(world: World, post: str) -> Any:
    return hand_over_of(world.members[post].pk, DutyShift.objects.all(), chain_moment())


def shift_of(world: World, post: str) -> DutyShift:
    return DutyShift.objects.get(holder=world.members[post])


def test_nothing_open_is_no_card(world: World) -> None:
    assert card(world, "duty") is None
    assert "交到您手上的" not in get(world, "duty", DUTY)


def test_numbers_alone_and_read_once(world: World) -> None:
    incident = world.open()
    page = get(world, "duty", DUTY)
    assert "交到您手上的" in page and incident.number in page and world.members["person"].name not in page
    assert "两天没有来" not in page
    press = f"{DUTY}{shift_of(world, 'duty').pk}/read/"
    assert client(world, "duty").post(press).status_code == 302
    kept = DutyHandOver.objects.get()
    assert kept.numbers == [incident.number] and kept.by_id == world.members["duty"].pk
    assert "我看过了，接下" not in get(world, "duty", DUTY)
    assert client(world, "duty").post(press, follow=True).status_code == 200, "back, and the button again"
    with pytest.raises(Conflict) as caught:
        accept_hand_over(actor=world.actor("duty"), shift_id=shift_of(world, "duty").pk)
    assert caught.value.reason == "hand_over_done"
    assert DutyHandOver.objects.count() == AuditEntry.objects.filter(action="duty.hand_over").count() == 1


def test_only_of_ones_own_shift_that_runs(world: World) -> None:
    world.open()
    own = shift_of(world, "duty")
    for post, wanted in (("second", NotFound), ("centre", NotFound), ("principal", Forbidden)):
        with pytest.raises(wanted):
            accept_hand_over(actor=world.actor(post), shift_id=own.pk)
    assert not DutyHandOver.objects.exists()


def test_who_must_never_know_reads_no_number_of_it(world: World) -> None:
    incident = world.open(by="centre")
    NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
    assert card(world, "second") is None
    assert incident.number not in get(world, "second", DUTY)
    kept = accept_hand_over(actor=world.actor("second"), shift_id=shift_of(world, "second").pk)
    assert kept.numbers == []


def test_who_is_left_out_of_one_incident_reads_no_number_of_it(world: World) -> None:
    incident = world.open(by="centre")
    LeftOut.objects.create(incident=incident, member=world.members["second"], why=LeftOut.Why.ASKED)
    assert card(world, "second") is None
    shown = card(world, "duty")
    assert shown is not None
    assert [row.number for row in shown.rows] == [incident.number]


def test_what_nobody_has_graded_stands_first(world: World) -> None:
    graded = world.open(by="centre")
    reported = incident_row(state="reported", grade="", suggested="")
    shown = card(world, "duty")
    assert shown is not None
    assert [row.number for row in shown.rows] == [reported.number, graded.number]
    assert reported.number in get(world, "duty", DUTY)

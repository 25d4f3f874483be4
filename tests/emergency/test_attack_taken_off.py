"""A contact who was taken off, or took their word back, answers by no link that they still have (chain §2: at once)."""

from collections.abc import Callable

import pytest

from families.workflow import change_relative, withdraw_consent
from kernel.errors import NotFound
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, Recipient
from referrals.emergency.outside.shown import shown
from referrals.emergency.rules.outside import Face
from referrals.emergency.workflow import outside
from referrals.emergency.workflow.contacts import call_first, mark_bounced, remove_contact
from referrals.emergency.workflow.moving import chain_now
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def incident(world: World) -> Incident:
    found = world.open()
    decide_school()
    return found


def page_of(incident: Incident) -> Recipient:
    rows = Recipient.objects.filter(leg__incident=incident, role="contact:1")
    return rows.select_related("step", "leg__incident", "leg__taken_by").get()


def face(world: World, incident: Incident) -> Face:
    return shown(page_of(incident), world.school, chain_now()).face


def _taken_off(world: World) -> None:
    remove_contact(actor=world.actor("person"), contact_id=world.contacts["wife"].pk)


def _withdrawn(world: World) -> None:
    withdraw_consent(actor=world.actor("person"), consent_id=world.contacts["wife"].relative.consents.get().pk)


def _other_number(world: World) -> None:
    relative = world.contacts["wife"].relative
    change_relative(
        actor=world.actor("person"), relative_id=relative.pk, relation="spouse", name=relative.name, phone="13900000077"
    )


@pytest.mark.parametrize("how", [_taken_off, _withdrawn, _other_number], ids=lambda how: how.__name__)
def test_who_is_no_contact_any_more_takes_nothing_and_reads_nothing(
    how: Callable[[World], None], world: World, incident: Incident
) -> None:
    assert face(world, incident) is Face.ASK
    how(world)
    page = page_of(incident)
    with pytest.raises(NotFound):
        face(world, incident)
    with pytest.raises(NotFound):
        outside.answer(recipient_id=page.pk, said=outside.Said.TAKE)
    with pytest.raises(NotFound):
        outside.say(recipient_id=page.pk, words="我马上到")
    page.refresh_from_db()
    assert page.answer == "" and legs_of(incident)["family"].state == "paging"


def test_who_only_changed_places_or_was_not_reached_still_answers(world: World, incident: Incident) -> None:
    call_first(actor=world.actor("person"), contact_id=world.contacts["brother"].pk)
    assert face(world, incident) is Face.ASK
    assert mark_bounced(world.members["person"].pk, bytes(world.contacts["wife"].number_hash))
    assert face(world, incident) is Face.ASK, "a message that came late after all"
    assert outside.answer(recipient_id=page_of(incident).pk, said=outside.Said.TAKE) is True


def test_who_is_on_the_way_already_goes_on(world: World, incident: Incident) -> None:
    """They have it, and nobody else is called: it is given up by their own word, or by whoever is on duty."""
    page = page_of(incident)
    assert outside.answer(recipient_id=page.pk, said=outside.Said.TAKE) is True
    _taken_off(world)
    outside.arrived(recipient_id=page.pk)
    assert legs_of(incident)["family"].state == "engaged"

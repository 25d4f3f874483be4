"""Half an hour after nobody answered a leg calls its own people once more: nobody of them whom the chain may call no longer."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from accounts.models import Membership
from families.workflow import withdraw_consent
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, Leg, Recipient
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.workflow import outside
from referrals.emergency.workflow.contacts import change_contact, mark_wrong, remove_contact
from referrals.emergency.workflow.never import bar_colleague, bar_number
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from tests.emergency.world import PHONES, World, codes, legs_of, make_due

pytestmark = pytest.mark.django_db
REASON = "她说这位是她害怕的人，绝不能让他知道这件事，也不能叫他来。"


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def exhausted(world: World, kind: str) -> Incident:
    """Everybody of a leg was called in three rounds, and nobody answered; the next tick is the sixth."""
    incident = world.open()
    decide_school()
    for _ in range(20):
        if legs_of(incident)[kind].state == "exhausted":
            break
        make_due(incident, kind, "step_due")
        decide_school()
    Leg.objects.filter(incident=incident, kind=kind).update(ticks=5)
    return incident


def called_again(incident: Incident, kind: str) -> set[bytes]:
    """The numbers that the sixth tick calls once more."""
    make_due(incident, kind, "tick")
    decide_school()
    assert "leg.poisoned" not in codes(incident)
    rows = Delivery.objects.filter(leg__incident=incident, leg__kind=kind, key__contains=":tick6:")
    return {bytes(row.recipient.target_hash) for row in rows.select_related("recipient")}


def of(world: World, *posts: str) -> set[bytes]:
    return {number_hash(world.school.pk, PHONES[post]) for post in posts}


def _withdrawn(world: World, incident: Incident) -> None:
    withdraw_consent(actor=world.actor("person"), consent_id=world.contacts["wife"].relative.consents.get().pk)


def _taken_off(world: World, incident: Incident) -> None:
    remove_contact(actor=world.actor("person"), contact_id=world.contacts["wife"].pk)


def _barred(world: World, incident: Incident) -> None:
    bar_number(actor=world.actor("person"), phone=PHONES["wife"])


def _barred_by_duty(world: World, incident: Incident) -> None:
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, contact_id=world.contacts["wife"].pk
    )


def _wrong(world: World, incident: Incident) -> None:
    assert mark_wrong(world.members["person"].pk, bytes(world.contacts["wife"].number_hash))


def _other_grade(world: World, incident: Incident) -> None:
    change_contact(actor=world.actor("person"), contact_id=world.contacts["wife"].pk, grades=["major"])


def _said_no(world: World, incident: Incident) -> None:
    """By one of the three messages that they have."""
    pages = Recipient.objects.filter(leg__incident=incident, role="contact:1").order_by("-paged_at")
    assert pages.count() == 3
    outside.answer(recipient_id=pages[0].pk, said=outside.Said.DECLINE)


@pytest.mark.parametrize(
    "how",
    [_withdrawn, _taken_off, _barred, _barred_by_duty, _wrong, _other_grade, _said_no],
    ids=lambda how: how.__name__,
)
def test_a_contact_who_may_be_called_no_longer_is_not_rung_up_after_half_an_hour(
    how: Callable[[World, Incident], None], world: World
) -> None:
    incident = exhausted(world, "family")
    how(world, incident)
    assert called_again(incident, "family") == of(world, "brother")


def test_whoever_did_not_answer_and_may_still_be_called_is(world: World) -> None:
    assert called_again(exhausted(world, "family"), "family") == of(world, "wife", "brother")


@pytest.mark.parametrize("how", ["barred", "by_number", "left"])
def test_a_colleague_who_must_not_know_or_has_left_is_not_rung_up_after_half_an_hour(how: str, world: World) -> None:
    incident = exhausted(world, "school")
    second = world.members["second"]
    if how == "barred":
        bar_colleague(actor=world.actor("person"), member_id=second.pk)
    elif how == "by_number":
        bar_number(actor=world.actor("person"), phone=PHONES["second"])
    else:
        gone = world.school.today() - timedelta(days=3)
        Membership.objects.filter(pk=second.pk).update(left_on=gone)
    found = called_again(incident, "school")
    assert found & of(world, "duty", "second", "centre") == of(world, "duty", "centre")


def test_who_was_asked_to_dial_is_asked_that_and_not_what_the_hospital_is(world: World) -> None:
    """Nobody has an agreement with a hospital: the one step of the medical leg is 120, which a person dials."""
    incident = exhausted(world, "medical")
    make_due(incident, "medical", "tick")
    decide_school()
    again = Delivery.objects.filter(leg__incident=incident, leg__kind="medical", key__contains=":tick6:")
    assert set(again.values_list("text", flat=True)) == {"emergency_dial"}

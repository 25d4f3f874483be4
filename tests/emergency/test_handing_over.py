"""A leg goes from one colleague to another (chain §9): asked, taken, declined, taken back; who can never be asked."""

from datetime import timedelta
from typing import Any

import pytest

from audit.models import AuditEntry
from kernel.errors import Conflict, Forbidden, IllegalMove, NotFound
from notifications.models import OutboxMessage
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.send import send_due
from referrals.emergency.models import Delivery, DutyShift, Incident, Leg, NeverContact, Recipient, Timeline
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.workflow import answering, ending, handing_over
from referrals.emergency.workflow.handing_over import askable
from referrals.emergency.workflow.moving import chain_now
from tests.conftest import actor_of
from tests.emergency.test_board import client, get, page_of, press
from tests.emergency.world import PHONES, World, codes, legs_of, make_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


@pytest.fixture
def there(world: World) -> Incident:
    """The duty psychologist is with the person."""
    incident = world.open()
    decide_school()
    for act in (answering.acknowledge, answering.engage):
        act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    return incident


def ask(world: World, incident: Incident, whom: str = "second", by: str = "duty", kind: str = "school") -> Leg:
    return handing_over.ask_to_take_over(
        actor=world.actor(by), incident_id=incident.pk, kind=kind, colleague_id=world.members[whom].pk
    )


def school(incident: Incident) -> Leg:
    return legs_of(incident)["school"]


def rows() -> list[Any]:
    return [*Leg.objects.order_by("pk").values(), *Recipient.objects.order_by("pk").values()]


def test_it_is_the_old_ones_until_the_new_one_has_it(world: World, there: Incident) -> None:
    leg = ask(world, there)
    assert (leg.state, leg.owner_id, leg.asked_id) == ("engaged", world.members["duty"].pk, world.members["second"].pk)
    assert leg.next_event == "hand_over_due"
    page = Recipient.objects.get(leg=leg, role="asked")
    assert page.member_id == world.members["second"].pk
    told = set(Delivery.objects.filter(recipient=page).values_list("channel", "text"))
    assert {("in_app", "emergency_ask_take_over"), ("sms", "emergency_ask_take_over")} <= told
    leg = handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")
    assert (leg.state, leg.owner_id, leg.asked_id) == ("engaged", world.members["second"].pk, None)
    assert not Delivery.objects.filter(recipient=page, state="queued").exists(), "who has it is not called any more"
    assert leg.next_event == "life_due"
    assert codes(there)[-2:] == ["leg.hand_over", "leg.hand_over_accepted"]
    old = OutboxMessage.objects.filter(template="emergency_taken_over")
    assert {row.to_user_id for row in old} == {world.members["duty"].user_id}
    assert {"incident.hand_over", "incident.hand_over_accept"} <= set(
        AuditEntry.objects.values_list("action", flat=True)
    )


def test_the_clock_is_ten_minutes_then_the_owner_is_asked_and_then_it_is_called_again(
    world: World, there: Incident
) -> None:
    leg = ask(world, there)
    at = Timeline.objects.get(code="leg.hand_over").at
    assert leg.next_at is not None and abs((leg.next_at - at).total_seconds() - 600) < 2
    make_due(there, "school", "hand_over_due")
    decide_school()
    assert Delivery.objects.filter(leg=leg, text="emergency_ask_handed_over").exists()
    assert (school(there).state, school(there).next_event) == ("engaged", "life_unanswered")
    make_due(there, "school", "life_unanswered")
    decide_school()
    assert (school(there).state, school(there).asked_id) == ("paging", None)
    with pytest.raises(IllegalMove):
        handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")


def test_late_is_taken_while_nobody_else_has_it_whether_or_not_the_engine_was_there(
    world: World, there: Incident
) -> None:
    ask(world, there)
    make_due(there, "school", "hand_over_due")
    decide_school()
    leg = handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")
    assert leg.owner_id == world.members["second"].pk


def test_a_no_wakes_the_owner_at_once_and_keeps_the_colleague_in_the_chain(world: World, there: Incident) -> None:
    ask(world, there)
    leg = handing_over.decline(actor=world.actor("second"), incident_id=there.pk, kind="school")
    assert (leg.owner_id, leg.asked_id, leg.next_event) == (world.members["duty"].pk, None, "hand_over_due")
    assert not Delivery.objects.filter(recipient__role="asked", state="queued").exists()
    assert decide_school() == 1
    assert Delivery.objects.filter(leg=leg, text="emergency_ask_handed_over").exists()
    assert Recipient.objects.get(leg=leg, role="asked").answer == ""


def test_the_owner_keeps_it_after_all_and_who_was_asked_is_told(world: World, there: Incident) -> None:
    ask(world, there)
    send_due("in_app")
    leg = handing_over.undo(actor=world.actor("duty"), incident_id=there.pk, kind="school")
    assert (leg.owner_id, leg.asked_id, leg.next_event) == (world.members["duty"].pk, None, "life_due")
    told = Delivery.objects.filter(recipient__role="asked", text="emergency_not_needed")
    assert [row.channel for row in told] == ["in_app"]
    assert not Delivery.objects.filter(recipient__role="asked", text="emergency_ask_take_over", state="queued").exists()
    before = rows()
    for act in (handing_over.accept, handing_over.decline):
        with pytest.raises(IllegalMove):
            act(actor=world.actor("second"), incident_id=there.pk, kind="school")
    with pytest.raises(IllegalMove):
        handing_over.undo(actor=world.actor("duty"), incident_id=there.pk, kind="school")
    assert rows() == before


@pytest.mark.parametrize("keeps", [False, True])
def test_whoever_has_it_is_asked_when_their_shift_ends(keeps: bool, world: World, there: Incident) -> None:
    ask(world, there)
    ends = chain_now() + timedelta(minutes=5)
    owner = world.members["duty" if keeps else "second"]
    DutyShift.objects.filter(holder=owner).update(ends_at=ends)
    act = handing_over.undo if keeps else handing_over.accept
    leg = act(actor=actor_of(owner), incident_id=there.pk, kind="school")
    assert (leg.owner_id, leg.next_at) == (owner.pk, ends)


def test_another_one_asked_takes_the_place_of_the_first(world: World, there: Incident) -> None:
    ask(world, there)
    send_due("in_app")
    ask(world, there, "centre")
    assert school(there).asked_id == world.members["centre"].pk
    first = Delivery.objects.filter(recipient__role="asked", recipient__member=world.members["second"])
    assert [row.channel for row in first.filter(text="emergency_not_needed")] == ["in_app"], (
        "told where they were asked"
    )
    assert not first.filter(text="emergency_ask_take_over", state="queued").exists(), "and not called any more"
    before = rows()
    with pytest.raises(IllegalMove):
        handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")
    assert rows() == before


def test_what_leaves_the_owners_hands_is_asked_of_nobody_any_more(world: World, there: Incident) -> None:
    ask(world, there)
    leg = answering.release(actor=world.actor("duty"), incident_id=there.pk, kind="school")
    assert (leg.state, leg.owner_id, leg.asked_id) == ("paging", None, None)
    before = rows()
    with pytest.raises(IllegalMove):
        handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")
    assert rows() == before


def test_only_whoever_has_it_asks(world: World, there: Incident) -> None:
    before = rows()
    for post in ("second", "centre", "moral"):
        with pytest.raises(Forbidden):
            ask(world, there, "deputy", by=post)
    with pytest.raises(Forbidden):
        handing_over.undo(actor=world.actor("centre"), incident_id=there.pk, kind="school")
    with pytest.raises(NotFound):
        ask(world, there, "second", by="person")
    assert rows() == before


def test_an_outside_partys_leg_is_not_the_schools_to_give(world: World, there: Incident) -> None:
    answering.acknowledge(
        actor=world.actor("duty"), incident_id=there.pk, kind="family", on_behalf_of="王女士 13900000011"
    )
    answering.engage(actor=world.actor("duty"), incident_id=there.pk, kind="family", on_behalf_of="王女士")
    before = rows()
    with pytest.raises(Forbidden):
        ask(world, there, kind="family")
    assert rows() == before
    assert f"{page_of(there)}family/hand_over/" not in get(world, "duty", page_of(there))


def test_what_is_not_engaged_is_not_handed_over(world: World) -> None:
    incident = world.open()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    before = rows()
    with pytest.raises(IllegalMove):
        ask(world, incident)
    assert rows() == before
    ending.say_false_alarm(actor=world.actor("duty"), incident_id=incident.pk)
    ending.say_false_alarm(actor=world.actor("centre"), incident_id=incident.pk)
    with pytest.raises(Conflict) as ended:
        ask(world, incident)
    assert ended.value.reason == "incident_ended"


class TestNeverAsked:
    """By person and by number, and whoever does not lead: the list leaves them out, and the writer knows no such colleague."""

    def _refused(self, world: World, incident: Incident, post: str) -> None:
        assert world.members[post] not in askable(incident, school(incident))
        before = rows()
        with pytest.raises(NotFound):
            ask(world, incident, post)
        assert rows() == before
        page = client(world, "duty").get(f"{page_of(incident)}school/hand_over/").content.decode()
        assert str(world.members[post].pk) not in page
        answer = client(world, "duty").post(
            f"{page_of(incident)}school/hand_over/", {"colleague": str(world.members[post].pk)}
        )
        assert answer.status_code == 422
        assert rows() == before

    def test_the_subject(self, world: World) -> None:
        incident = world.open(by="centre", person_id=world.members["second"].pk)
        decide_school()
        for act in (answering.acknowledge, answering.engage):
            act(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
        self._refused(world, incident, "second")

    def test_by_person(self, world: World, there: Incident) -> None:
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        self._refused(world, there, "second")

    def test_by_number(self, world: World, there: Incident) -> None:
        hashed = number_hash(world.school.pk, PHONES["second"])
        NeverContact.objects.create(person=world.members["person"], number_hash=hashed)
        self._refused(world, there, "second")

    def test_who_is_neither_psychologist_nor_of_the_team_and_the_owner(self, world: World, there: Incident) -> None:
        names = {post for post, member in world.members.items() if member in askable(there, school(there))}
        assert names == {"second", "centre", "deputy", "principal", "moral", "doctor"}
        self._refused(world, there, "head")

    def test_who_was_asked_and_then_excluded_finds_nothing(self, world: World, there: Incident) -> None:
        ask(world, there)
        NeverContact.objects.create(person=world.members["person"], member=world.members["second"])
        before = rows()
        with pytest.raises(NotFound):
            handing_over.accept(actor=world.actor("second"), incident_id=there.pk, kind="school")
        assert rows() == before
        get(world, "second", page_of(there), 404)


def test_on_the_page_of_whoever_has_it_and_of_whoever_is_asked(world: World, there: Incident) -> None:
    press(world, "duty", there, "school/hand_over", {"colleague": str(world.members["moral"].pk)})
    assert school(there).asked_id == world.members["moral"].pk
    mine = get(world, "duty", page_of(there))
    assert f"{page_of(there)}school/keep/" in mine and world.members["moral"].name in mine
    asked = get(world, "moral", page_of(there))
    assert f"{page_of(there)}school/take_over/" in asked and f"{page_of(there)}school/not_over/" in asked
    assert world.members["person"].name not in asked, "the name once they have it"
    press(world, "moral", there, "school/take_over")
    assert world.members["person"].name in get(world, "moral", page_of(there))
    assert "已经有人处理过了" in press(world, "moral", there, "school/not_over").content.decode()


def test_the_first_thing_on_the_board_of_a_psychologist_who_is_asked(world: World, there: Incident) -> None:
    for kind in ("family", "medical", "community"):
        Leg.objects.filter(incident=there, kind=kind).update(state="not_required", next_event="", next_at=None)
    ask(world, there)
    text = get(world, "second", page_of(there))
    assert f"{world.members['duty'].name}请您接手" in text
    press(world, "second", there, "school/take_over")
    assert school(there).owner_id == world.members["second"].pk

"""Guards that no other test would miss: each refusal with its reason, and nothing moved (books §6)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from content.opendays.access import offered_to_staff
from content.opendays.links import party_of
from content.opendays.models import Claim, Guest, Mark, OpenDay, Session, Steward
from content.opendays.rules import MOST_PARTIES, Band
from content.opendays.workflow.answering import answer_offer, call_off_answer, change_answer
from content.opendays.workflow.days import (
    Item,
    call_off_day,
    change_day,
    drop_session,
    plan_day,
    publish_day,
    put_session,
)
from content.opendays.workflow.gate import Sent, open_gate, shut_gate, take_marks
from content.opendays.workflow.keeping import move_up
from content.opendays.workflow.photos import say_photo, say_photo_as_guardian
from content.opendays.workflow.surveying import ask_families
from families.workflow import register_child
from kernel.clock import as_of, end_of_day, now, start_of_day
from kernel.errors import Conflict, DomainError, Invalid, NotFound, Refused
from notifications.models import OutboxMessage
from tests.opendays.world import World, another_invitation, claim_of, come, family, plan


def refused(code: str, act: Any, **values: Any) -> None:
    with pytest.raises(DomainError) as error:
        act(**values)
    assert error.value.reason == code


def item(world: World, **values: Any) -> Item:
    return Item(**{"title": "合唱", "starts_at": world.day.starts_at, "ends_at": world.day.ends_at, **values})


def changed(world: World) -> int:
    return OutboxMessage.objects.filter(template="openday_changed").count()


def test_a_day_that_has_begun_is_changed_in_nothing(world: World) -> None:
    at = {"actor": world.organiser, "open_day_id": world.day.pk}
    with as_of(world.day.starts_at):
        refused("openday_over", put_session, **at, item=item(world))
        refused("openday_over", drop_session, **at, session_id=world.walk.pk)
        refused("openday_over", call_off_day, **at)
    assert Session.objects.count() == 3
    assert OpenDay.objects.get().state == "open"
    draft = plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, days=30))
    with as_of(draft.starts_at):
        refused("openday_over", publish_day, actor=world.organiser, open_day_id=draft.pk)
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_the_entry_is_never_dropped_and_keeps_its_hours_and_seats(world: World) -> None:
    at = {"actor": world.organiser, "open_day_id": world.day.pk, "session_id": world.entry.pk}
    refused("seats_given", drop_session, **at)
    put_session(**at, item=item(world, starts_at=world.day.starts_at + timedelta(minutes=5), capacity=None))
    entry = Session.objects.get(pk=world.entry.pk)
    assert (entry.starts_at, entry.capacity) == (world.day.starts_at, 120)


def test_a_session_ends_after_it_begins(world: World) -> None:
    at = {"actor": world.organiser, "open_day_id": world.day.pk}
    for ends in (world.day.starts_at, world.day.starts_at - timedelta(minutes=1)):
        refused("ends_before_start", put_session, **at, item=item(world, ends_at=ends))
    assert Session.objects.count() == 3


def test_families_are_told_of_a_change_that_concerns_them_and_of_no_draft(world: World) -> None:
    come(world)
    at = {"actor": world.organiser, "school": world.school, "open_day_id": world.day.pk}
    change_day(**at, plan=plan(world.school, capacity=150))
    assert changed(world) == 0, "more seats concern nobody who comes"
    change_day(**at, plan=plan(world.school, capacity=150, entrance="西门"))
    told = changed(world)
    assert told
    OpenDay.objects.filter(pk=world.day.pk).update(state="draft")
    change_day(**at, plan=plan(world.school, capacity=150, entrance="北门"))
    assert changed(world) == told


def test_hours_and_seats_of_a_plan(world: World) -> None:
    usual = plan(world.school, days=40)
    at = {"actor": world.organiser, "school": world.school}
    for values, code in (
        ({"starts_at": now(), "answers_until": now() - timedelta(hours=1)}, "day_in_past"),
        ({"ends_at": usual.ends_at + timedelta(days=1)}, "not_one_day"),
        ({"answers_until": usual.starts_at + timedelta(minutes=1)}, "answers_after_start"),
        ({"answers_from": usual.answers_until}, "answers_after_start"),
        ({"capacity": 0}, "capacity_wrong"),
        ({"capacity": 5001}, "capacity_wrong"),
    ):
        if code == "day_in_past":
            with as_of(usual.starts_at):
                refused(code, plan_day, **at, plan=usual)
        else:
            refused(code, plan_day, **at, plan=replace(usual, **values))
    assert OpenDay.objects.count() == 1


def test_an_offer_is_over_with_its_time_and_when_the_day_begins(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    said = {"token": waits, "session_id": world.lesson.pk, "people": 2, "rest_waits": False}
    refused("offer_over", answer_offer, **said)
    call_off_answer(token=full)
    Claim.objects.filter(offered__gt=0).update(offer_until=world.day.starts_at + timedelta(days=1))
    with as_of(world.day.starts_at):
        refused("offer_over", answer_offer, **said)
    assert claim_of(waits, world.lesson).seats == 0


def test_who_takes_no_seat_of_an_offer_leaves_the_line(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    answer_offer(token=waits, session_id=world.lesson.pk, people=0, rest_waits=True)
    claim = claim_of(waits, world.lesson)
    assert (claim.seats, claim.wants, claim.offered) == (0, 0, 0)


def test_what_is_no_session_is_not_found(world: World) -> None:
    secret = come(world)
    for odd in ("x", "", str(uuid4()), "\x00"):
        with pytest.raises(NotFound):
            answer_offer(token=secret, session_id=odd, people=1, rest_waits=False)


def test_a_family_that_called_off_is_changed_in_nothing(world: World) -> None:
    secret = come(world, family(1, teen=1, plate="浙A12345"))
    guest = party_of(secret).guests.get(band=Band.TEEN)
    call_off_answer(token=secret)
    party = party_of(secret)
    assert party.plate == ""
    left = party.left_at
    refused("party_left", say_photo, token=secret, guest_id=guest.pk, yes=True)
    refused("party_left", change_answer, token=secret, said=family(2))
    with as_of(world.day.starts_at):
        call_off_answer(token=secret)  # a second press is no error, even when the gates are open
    assert party_of(secret).left_at == left


def test_when_fewer_come_a_yes_to_photographs_goes_before_a_no(world: World) -> None:
    secret = come(world, family(3))
    guest = party_of(secret).guests.order_by("pk").first()
    assert guest is not None
    say_photo(token=secret, guest_id=guest.pk, yes=True)
    change_answer(token=secret, said=family(2))
    assert party_of(secret).guests.filter(may_photograph=False).count() == 2, "nobody knows who stays at home"


def test_photographs_are_said_of_the_own_family_alone(world: World) -> None:
    mine, theirs = come(world, family(2)), come(world, family(2))
    foreign = party_of(theirs).guests.order_by("pk").first()
    assert foreign is not None
    with pytest.raises(NotFound):
        say_photo(token=mine, guest_id=foreign.pk, yes=True)
    for yes in (True, False):
        with pytest.raises(NotFound):
            say_photo_as_guardian(
                actor=world.host, school=world.school, party_id=party_of(mine).pk, guest_id=foreign.pk, yes=yes
            )
    own = party_of(mine).guests.order_by("pk").first()
    assert own is not None
    refused(
        "no_such_child", say_photo_as_guardian, actor=world.host, school=world.school, party_id=party_of(mine).pk,
        guest_id=own.pk, yes=True,
    )  # fmt: skip
    assert not Guest.objects.filter(may_photograph=True).exists()


def test_from_fourteen_on_nobody_answers_for_somebody(world: World) -> None:
    """Also not a guardian whose child of that age is registered: the child says it by the family's own link."""
    register_child(actor=world.host, name="知夏", born=world.day.starts_at.date() - timedelta(days=365 * 15 + 10))
    secret = come(world, family(1, teen=1))
    guest = party_of(secret).guests.get(band=Band.TEEN)
    refused(
        "no_such_child", say_photo_as_guardian, actor=world.host, school=world.school, party_id=party_of(secret).pk,
        guest_id=guest.pk, yes=True,
    )  # fmt: skip
    guest.refresh_from_db()
    assert guest.may_photograph is False


def test_the_same_no_twice_keeps_its_first_moment(world: World) -> None:
    secret = come(world, family(1))
    guest = party_of(secret).guests.get()
    say_photo(token=secret, guest_id=guest.pk, yes=True)
    say_photo(token=secret, guest_id=guest.pk, yes=False)
    guest.refresh_from_db()
    first = guest.photo_ended_at
    with as_of(now() + timedelta(days=1)):
        say_photo(token=secret, guest_id=guest.pk, yes=False)
    guest.refresh_from_db()
    assert guest.photo_ended_at == first


def test_a_mark_counts_for_the_families_of_its_own_day_that_still_come(world: World) -> None:
    gone = come(world)
    there = party_of(gone)
    call_off_answer(token=gone)
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    other = plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, days=21))
    publish_day(actor=world.organiser, open_day_id=other.pk)
    elsewhere = open_gate(actor=world.organiser, open_day_id=other.pk, gate="西门")
    stays = party_of(come(world))
    at = world.day.starts_at
    with as_of(at):
        take_marks(token=gate.token, school=world.school, marks=[Sent(uuid4(), there.gate_hash, 1, at)])
        take_marks(token=elsewhere.token, school=world.school, marks=[Sent(uuid4(), stays.gate_hash, 1, at)])
    assert Mark.objects.count() == 2 and not Mark.objects.exclude(party=None).exists()


def test_marks_of_a_gate_without_network_are_taken_until_noon_of_the_day_after(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    zone, day = world.school.time_zone, world.school.day_of(world.day.starts_at)
    ends, at = end_of_day(day, zone), world.day.starts_at
    of_the_day, of_tomorrow = Sent(uuid4(), "", 2, at), Sent(uuid4(), "", 1, ends)
    with as_of(ends + timedelta(hours=12, seconds=-1)):
        sent = [of_the_day, of_tomorrow]
        for _ in range(2):
            assert take_marks(token=gate.token, school=world.school, marks=sent) == {of_the_day.client_id}
    assert [(row.client_id, row.people) for row in Mark.objects.all()] == [(of_the_day.client_id, 2)]
    for moment in (start_of_day(day, zone) - timedelta(seconds=1), ends + timedelta(hours=12)):
        with as_of(moment), pytest.raises(NotFound):
            take_marks(token=gate.token, school=world.school, marks=[Sent(uuid4(), "", 2, at)])
    shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=gate.pk)
    with as_of(ends), pytest.raises(NotFound):
        take_marks(token=gate.token, school=world.school, marks=[Sent(uuid4(), "", 2, at)])


def test_a_gate_belongs_to_its_day_and_is_shut_once(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    other = plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, days=30))
    for act, values in (
        (shut_gate, {"steward_id": gate.pk}),
        (drop_session, {"session_id": world.walk.pk}),
    ):
        with pytest.raises(NotFound):
            act(actor=world.organiser, open_day_id=other.pk, **values)
    shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=gate.pk)
    first = Steward.objects.get(pk=gate.pk).ended_at
    with as_of(now() + timedelta(hours=1)):
        shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=gate.pk)
    assert Steward.objects.get(pk=gate.pk).ended_at == first
    with as_of(world.day.starts_at), pytest.raises(NotFound):
        take_marks(token=gate.token, school=world.school, marks=[])


def test_what_is_no_id_is_not_found(world: World) -> None:
    for odd in ("x", "", "1", "0" * 4000):
        for act in (publish_day, call_off_day):
            with pytest.raises(NotFound):
                act(actor=world.organiser, open_day_id=odd)
        with pytest.raises(NotFound):
            shut_gate(actor=world.organiser, open_day_id=world.day.pk, steward_id=odd)


def test_a_line_does_not_move_once_the_day_has_begun(world: World) -> None:
    come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    Session.objects.filter(pk=world.lesson.pk).update(capacity=8)
    with as_of(world.day.starts_at):
        assert move_up(day=world.day) == 0
    assert claim_of(waits, world.lesson).offered == 0


def test_staff_invite_to_days_that_are_read_and_not_over(world: World) -> None:
    draft = plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, days=30))
    assert draft not in list(offered_to_staff(world.host)) and world.day in list(offered_to_staff(world.host))
    with as_of(world.day.ends_at):
        assert list(offered_to_staff(world.host)) == []


def test_questions_are_asked_of_a_day_that_takes_place(world: World) -> None:
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    refused("openday_not_on", ask_families, actor=world.organiser, school=world.school, open_day_id=world.day.pk)


def test_a_family_seen_by_its_own_host_alone(world: World) -> None:
    secret = come(world, invitation=another_invitation(world))
    guest = party_of(secret).guests.get()
    with pytest.raises(NotFound):
        say_photo_as_guardian(
            actor=world.host, school=world.school, party_id=party_of(secret).pk, guest_id=guest.pk, yes=False
        )


@pytest.mark.parametrize(
    ("counts", "code"),
    [
        ({Band.ADULT: 2, Band.CHILD: -1}, "party_empty"),
        ({}, "party_empty"),
        ({Band.CHILD: 2}, "party_without_adult"),
        ({Band.ADULT: 13}, "party_too_big"),
    ],
)
def test_who_comes_can_be_counted(world: World, counts: dict[Band, int], code: str) -> None:
    with pytest.raises(Refused) as error:
        come(world, replace(family(), counts=counts))
    assert error.value.reason == code
    assert not Claim.objects.exists()


def test_one_line_has_words_and_an_end(world: World) -> None:
    for title, code in (("", "text_missing"), ("长" * 41, "text_too_long"), ("a\0", "text_too_long")):
        with pytest.raises(Invalid) as error:
            put_session(actor=world.organiser, open_day_id=world.day.pk, item=item(world, title=title))
        assert error.value.reason == code
    with pytest.raises(Invalid) as error:
        come(world, family(plate="!"))
    assert error.value.reason == "plate_invalid"


def test_the_answer_of_a_called_off_day_says_so(world: World) -> None:
    secret = come(world)
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    with pytest.raises(Conflict) as error:
        change_answer(token=secret, said=family(2))
    assert error.value.reason == "openday_called_off"
    with as_of(world.day.answers_until):
        OpenDay.objects.update(state="open")
        with pytest.raises(Conflict) as error:
            change_answer(token=secret, said=family(2))
    assert error.value.reason == "answers_over"
    assert party_of(secret).guests.count() == 1


def test_who_called_off_makes_room_for_another_answer_by_the_same_link(world: World) -> None:
    four = [come(world) for _ in range(MOST_PARTIES)]
    refused("invitation_full", come, world=world)
    call_off_answer(token=four[0])
    assert party_of(come(world)).left_at is None


def test_a_session_that_is_not_wanted_any_more_is_free_for_others(world: World) -> None:
    secret = come(world, family(4, sessions=(world.lesson.pk,)))
    waits = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    change_answer(token=secret, said=family(4))
    assert not Claim.objects.filter(party=party_of(secret), session=world.lesson).exists()
    assert claim_of(waits, world.lesson).offered == 4

"""Every other no: each says its reason, and nothing moved (books §6)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from content.opendays.links import party_of
from content.opendays.models import Claim, Mark, Session
from content.opendays.workflow.answering import answer_offer, call_off_answer, change_answer
from content.opendays.workflow.days import Item, change_day, drop_session, put_session
from content.opendays.workflow.gate import MOST_AT_ONCE, Sent, open_gate, take_marks
from content.opendays.workflow.inviting import remove_party
from content.opendays.workflow.photos import say_photo, say_photo_as_guardian
from kernel.clock import as_of
from kernel.errors import Conflict, DomainError, Invalid, Refused
from tests.opendays.world import World, claim_of, come, family, plan, taken


def reason(error: pytest.ExceptionInfo[DomainError]) -> str:
    return error.value.reason


def test_seats_that_were_given_are_not_taken_back(world: World) -> None:
    come(world, family(4, sessions=(world.lesson.pk,)))
    item = Item(world.lesson.title, world.lesson.starts_at, world.lesson.ends_at, capacity=3)
    with pytest.raises(Conflict) as error:
        put_session(actor=world.organiser, open_day_id=world.day.pk, item=item, session_id=world.lesson.pk)
    assert reason(error) == "seats_given"
    with pytest.raises(Conflict) as error:
        drop_session(actor=world.organiser, open_day_id=world.day.pk, session_id=world.lesson.pk)
    assert reason(error) == "seats_given"
    with pytest.raises(Conflict) as error:
        change_day(
            actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=plan(world.school, capacity=3)
        )
    assert reason(error) == "seats_given"
    assert sorted(Session.objects.exclude(capacity=None).values_list("capacity", flat=True)) == [6, 120]


def test_more_seats_go_to_whoever_waits(world: World) -> None:
    come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    item = Item(world.lesson.title, world.lesson.starts_at, world.lesson.ends_at, capacity=8)
    put_session(actor=world.organiser, open_day_id=world.day.pk, item=item, session_id=world.lesson.pk)
    assert claim_of(waits, world.lesson).offered == 2


def test_a_session_stays_within_the_day_and_a_day_that_has_begun_stays_as_it_is(world: World) -> None:
    late = Item("太晚", world.day.ends_at, world.day.ends_at + timedelta(minutes=30))
    with pytest.raises(Refused) as refused:
        put_session(actor=world.organiser, open_day_id=world.day.pk, item=late)
    assert reason(refused) == "session_outside"
    short = plan(world.school, ends_at=world.lesson.ends_at)
    with pytest.raises(Refused) as refused:
        change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=short)
    assert reason(refused) == "session_outside"
    with as_of(world.day.starts_at), pytest.raises(Conflict) as error:
        change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=plan(world.school))
    assert reason(error) == "openday_over"


def test_an_offer_is_answered_before_anything_else_and_for_no_more_than_it_holds(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    with pytest.raises(Conflict) as error:
        change_answer(token=waits, said=family(4, sessions=(world.lesson.pk,), may_wait=True))
    assert reason(error) == "offer_first"
    for people in (3, -1):
        with pytest.raises(Invalid) as invalid:
            answer_offer(token=waits, session_id=world.lesson.pk, people=people, rest_waits=False)
        assert reason(invalid) == "offer_people"
    assert taken(world.lesson) == 0 and claim_of(waits, world.lesson).offered == 2


def test_photographs_of_the_young_are_their_guardians(world: World) -> None:
    secret = come(world, family(1, child=1))
    child = party_of(secret).guests.get(band="child")
    with pytest.raises(Refused) as error:
        say_photo(token=secret, guest_id=child.pk, yes=True)
    assert reason(error) == "guardian_says_photo"
    with pytest.raises(Refused) as error:
        say_photo_as_guardian(
            actor=world.host, school=world.school, party_id=party_of(secret).pk, guest_id=child.pk, yes=True
        )
    assert reason(error) == "no_such_child"
    child.refresh_from_db()
    assert child.may_photograph is False


def test_once_the_gates_are_open_the_list_stands(world: World) -> None:
    secret = come(world)
    with as_of(world.day.starts_at):
        with pytest.raises(Conflict) as error:
            call_off_answer(token=secret)
        assert reason(error) == "openday_begun"
        with pytest.raises(Conflict) as error:
            remove_party(actor=world.host, party_id=party_of(secret).pk)
        assert reason(error) == "openday_begun"
    assert Claim.objects.get().seats == 1


def test_marks_that_cannot_be(world: World) -> None:
    gate = open_gate(actor=world.organiser, open_day_id=world.day.pk, gate="东门")
    at = world.day.starts_at
    with as_of(at):
        for sent, expected in (
            ([Sent(uuid4(), "", 0, at)], "mark_wrong"),
            ([Sent(uuid4(), "x", 13, at)], "mark_wrong"),
            ([Sent(uuid4(), "", 1, at) for _ in range(MOST_AT_ONCE + 1)], "too_many_marks"),
        ):
            with pytest.raises(Invalid) as error:
                take_marks(token=gate.token, school=world.school, marks=sent)
            assert reason(error) == expected
    assert Mark.objects.count() == 0

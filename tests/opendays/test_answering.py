"""Families answer: seats count people, and every way of answering wrongly says what to do instead (books §6)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from content.opendays.links import party_of
from content.opendays.models import Claim, Guest, OpenDay, Party
from content.opendays.rules import MOST_ANSWERS_A_DAY, MOST_CHANGES_A_DAY, MOST_PARTIES
from content.opendays.tasks import run_round
from content.opendays.workflow.answering import answer, answer_offer, call_off_answer, change_answer
from content.opendays.workflow.days import call_off_day
from content.opendays.workflow.inviting import invite, remove_party
from kernel.clock import as_of, now
from kernel.errors import Conflict, Forbidden, NotFound, Refused
from kernel.identifiers import new_secret
from notifications.models import OutboxMessage
from tests.conftest import actor_of, make_person
from tests.opendays.world import World, another_invitation, claim_of, come, family, make_world, plan, taken

NOBODY = "0" * 43


@contextmanager
def refused(kind: type[Exception], reason: str) -> Iterator[None]:
    """The act says no for that reason, and no family, person or seat is left of it."""
    before = (Party.objects.count(), Guest.objects.count(), list(Claim.objects.order_by("pk").values()))
    with pytest.raises(kind) as error:
        yield
    assert getattr(error.value, "reason", reason) == reason
    assert (Party.objects.count(), Guest.objects.count(), list(Claim.objects.order_by("pk").values())) == before


def test_seats_count_people_each_by_age_alone(world: World) -> None:
    secret = come(world, family(2, child=1, small=1, sessions=(world.lesson.pk,)))
    assert taken(world.entry) == taken(world.lesson) == 4
    bands = sorted(party_of(secret).guests.values_list("band", flat=True))
    assert bands == ["adult", "adult", "child", "small"]
    assert not party_of(secret).guests.filter(may_photograph=True).exists(), "nobody said yes to a photograph"


def test_the_same_form_sent_twice_is_one_answer(world: World) -> None:
    first, again = (answer(token=world.invitation.token, form_key="form", said=family(2)) for _ in range(2))
    assert first == again
    assert taken(world.entry) == 2


def test_the_link_of_the_invitation_opens_no_answer_and_the_answers_link_no_invitation(world: World) -> None:
    secret = come(world)
    with refused(NotFound, "not_found"):
        change_answer(token=world.invitation.token, said=family(4))
    with refused(NotFound, "not_found"):
        answer(token=secret, form_key="x", said=family())
    for odd in (NOBODY, "", "二维码", "x" * 5000):
        with refused(NotFound, "not_found"):
            answer(token=odd, form_key="x", said=family())
        with refused(NotFound, "not_found"):
            change_answer(token=odd, said=family())


def test_more_than_are_left_is_said_and_may_wait(world: World) -> None:
    come(world, family(4, sessions=(world.lesson.pk,)))
    with refused(Conflict, "seats_left"):
        come(world, family(3, sessions=(world.lesson.pk,)))
    waiting = come(world, family(3, sessions=(world.lesson.pk,), may_wait=True))
    assert (claim_of(waiting, world.lesson).seats, claim_of(waiting, world.lesson).wants) == (0, 3)
    assert taken(world.lesson) == 4


def test_nobody_answers_before_after_or_for_a_day_that_is_called_off(world: World) -> None:
    OpenDay.objects.update(answers_from=now() + timedelta(days=1))
    with refused(Conflict, "answers_not_yet"):
        come(world)
    OpenDay.objects.update(answers_from=now() - timedelta(days=1))
    with as_of(world.day.answers_until - timedelta(seconds=1)):
        secret = come(world)
    with as_of(world.day.answers_until), refused(Conflict, "answers_over"):
        come(world)
    with as_of(world.day.answers_until), refused(Conflict, "answers_over"):
        change_answer(token=secret, said=family(2))
    call_off_day(actor=world.organiser, open_day_id=world.day.pk)
    with refused(Conflict, "openday_called_off"):
        come(world)


def test_who_cannot_come_so(world: World) -> None:
    for said, reason in (
        (family(0), "party_empty"),
        (family(-1, child=3), "party_empty"),
        (family(0, child=2), "party_without_adult"),
        (family(13), "party_too_big"),
        (family(address=" "), "address_invalid"),
        (family(plate="不是车牌!"), "plate_invalid"),
    ):
        with refused(Exception, reason):
            come(world, said)


def test_a_session_of_another_day_is_not_found(world: World) -> None:
    other = make_world(world.school)
    with refused(NotFound, "not_found"):
        come(world, family(sessions=(other.lesson.pk,)))


def test_a_link_that_is_passed_on_fills_no_hall(world: World) -> None:
    for _ in range(MOST_PARTIES):
        come(world)
    with refused(Refused, "invitation_full"):
        come(world)


def test_answering_and_calling_off_ends_somewhere_and_begins_anew_the_next_day(world: World) -> None:
    """Each is a row and a message to the colleague; whoever has answered may change it all the same."""
    with as_of(world.school_noon()):
        for _ in range(MOST_ANSWERS_A_DAY - 1):
            call_off_answer(token=come(world))
        form, said = new_secret(), family()
        stays = answer(token=world.invitation.token, form_key=form, said=said)
        told = OutboxMessage.objects.filter(template="openday_answer").count()
        with refused(Refused, "answered_often"):
            come(world)
        assert answer(token=world.invitation.token, form_key=form, said=said) == stays, "sent twice is one answer"
        assert OutboxMessage.objects.filter(template="openday_answer").count() == told
        change_answer(token=stays, said=family(2))
        come(world, invitation=another_invitation(world))
    with as_of(world.school_noon() + timedelta(days=1)):
        come(world)


def test_changing_ends_somewhere_and_begins_anew_the_next_day(world: World) -> None:
    """A change that is refused counts for nothing; calling off is never refused for it, and another answer has its own count."""
    strange = make_world(world.school).lesson.pk
    with as_of(world.school_noon()):
        secret, other = come(world), come(world)
        for number in range(MOST_CHANGES_A_DAY):
            with refused(NotFound, "not_found"):
                change_answer(token=secret, said=family(sessions=(strange,)))
            change_answer(token=secret, said=family(1 + number % 2))
        with refused(Refused, "changed_often"):
            change_answer(token=secret, said=family(4))
        change_answer(token=other, said=family(2))
    with as_of(world.school_noon() + timedelta(days=1)):
        change_answer(token=secret, said=family(4))
        call_off_answer(token=secret)


def test_fewer_people_free_their_seats_at_once_and_the_next_in_line_is_asked(world: World) -> None:
    four = come(world, family(4, sessions=(world.lesson.pk,)))
    two = come(world, family(2, sessions=(world.lesson.pk,)))
    waiting = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True), invitation=another_invitation(world))
    change_answer(token=four, said=family(2, sessions=(world.lesson.pk,)))
    kept = claim_of(waiting, world.lesson)
    assert (kept.seats, kept.offered) == (0, 2)
    assert kept.offer_until is not None and now() < kept.offer_until <= now() + timedelta(hours=24)
    assert OutboxMessage.objects.filter(template="openday_offer").exists()
    with refused(Conflict, "seats_left"):  # what is kept for one family is nobody else's
        change_answer(token=two, said=family(3, sessions=(world.lesson.pk,)))
    answer_offer(token=waiting, session_id=world.lesson.pk, people=2, rest_waits=False)
    assert taken(world.lesson) == 6


def test_part_of_a_family_may_take_the_offer_and_the_rest_waits_at_its_place(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    first = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    second = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    change_answer(token=full, said=family(2, sessions=(world.lesson.pk,)))
    line = claim_of(first, world.lesson).line
    answer_offer(token=first, session_id=world.lesson.pk, people=2, rest_waits=True)
    mine = claim_of(first, world.lesson)
    assert (mine.seats, mine.wants, mine.line) == (2, 2, line)
    assert mine.offered == 2, "the rest is first in line for what it did not take yet"
    answer_offer(token=first, session_id=world.lesson.pk, people=0, rest_waits=True)
    assert (claim_of(first, world.lesson).wants, claim_of(first, world.lesson).seats) == (0, 2)
    assert claim_of(second, world.lesson).offered == 0, "two free seats are fewer than its four"


def test_an_offer_ends_by_its_date_whether_or_not_anybody_swept(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    slow = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    until = claim_of(slow, world.lesson).offer_until
    assert until is not None
    with as_of(until), refused(Conflict, "offer_over"):
        answer_offer(token=slow, session_id=world.lesson.pk, people=2, rest_waits=False)
    with as_of(until):
        quick = come(world, family(6, sessions=(world.lesson.pk,)))
        assert claim_of(quick, world.lesson).seats == 6, "what was kept is free, though no sweep has written it"


def test_a_lapsed_offer_goes_on_to_the_next_in_line(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    slow = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    following = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    until = claim_of(slow, world.lesson).offer_until
    assert until is not None
    with as_of(until):
        assert run_round() >= 1
        assert claim_of(following, world.lesson).offered == 4
        assert claim_of(slow, world.lesson).wants == 0, "left the line; it may join again"


def test_who_has_no_seat_on_the_day_holds_none_in_a_session(world: World) -> None:
    small = make_world(world.school, capacity=2)
    come(small, family(2))
    waits = come(small, family(2, sessions=(small.lesson.pk,), may_wait=True))
    assert taken(small.lesson) == 0
    assert claim_of(waits, small.entry).wants == 2


def test_called_off_twice_is_once_and_nothing_is_changed_afterwards(world: World) -> None:
    secret = come(world, family(2, plate="浙A·6F2B1"))
    assert party_of(secret).plate == "浙A6F2B1"
    call_off_answer(token=secret)
    call_off_answer(token=secret)
    assert taken(world.entry) == 0
    assert party_of(secret).plate == ""
    with refused(Conflict, "party_left"):
        change_answer(token=secret, said=family())


def test_whoever_invited_sees_and_removes_only_what_came_by_their_invitation(world: World) -> None:
    secret = come(world, family(3))
    party = party_of(secret)
    stranger = actor_of(make_person(world.school, "staff"))
    with pytest.raises(NotFound):
        remove_party(actor=stranger, party_id=party.pk)
    remove_party(actor=world.host, party_id=party.pk)
    assert taken(world.entry) == 0
    assert Party.objects.get(pk=party.pk).address == ""
    with pytest.raises(NotFound):
        party_of(secret)


def test_an_invitation_is_one_however_often_it_is_asked_for(world: World) -> None:
    assert invite(actor=world.host, open_day_id=world.day.pk).token == world.invitation.token


def test_only_the_organiser_plans_and_a_foreign_school_finds_nothing(world: World) -> None:
    with pytest.raises(Forbidden):
        call_off_day(actor=world.host, open_day_id=world.day.pk)
    with pytest.raises(NotFound):
        call_off_day(actor=world.organiser, open_day_id="0198c0de-0000-7000-8000-000000000000")


def test_a_small_family_passes_the_first_in_line_at_most_three_times(world: World) -> None:
    far = make_world(world.school, lesson=4, days=40)
    full = come(far, family(4, sessions=(far.lesson.pk,)))
    big = come(far, family(4, sessions=(far.lesson.pk,), may_wait=True))
    links = [another_invitation(far) for _ in range(2)]
    ones = [come(far, family(1, sessions=(far.lesson.pk,), may_wait=True), invitation=links[n // 4]) for n in range(5)]
    change_answer(token=full, said=family(1, sessions=(far.lesson.pk,)))
    assert [claim_of(one, far.lesson).offered for one in ones] == [1, 1, 1, 0, 0]
    assert claim_of(big, far.lesson).passed == 3
    call_off_answer(token=full)
    assert [claim_of(one, far.lesson).offered for one in ones] == [1, 1, 1, 0, 0], "now seats gather for the first"


def test_plan_values_that_cannot_be(world: World) -> None:
    from content.opendays.workflow.days import plan_day

    good = plan(world.school)
    for values, reason in (
        ({"title": " "}, "text_missing"),
        ({"title": "长" * 41}, "text_too_long"),
        ({"starts_at": now() - timedelta(days=1)}, "day_in_past"),
        ({"ends_at": good.starts_at}, "ends_before_start"),
        ({"ends_at": good.ends_at + timedelta(days=1)}, "not_one_day"),
        ({"answers_until": good.starts_at + timedelta(minutes=1)}, "answers_after_start"),
        ({"capacity": 0}, "capacity_wrong"),
    ):
        before = OpenDay.objects.count()
        with pytest.raises(Exception) as error:
            plan_day(actor=world.organiser, school=world.school, plan=plan(world.school, **values))
        assert error.value.reason == reason  # type: ignore[attr-defined]
        assert OpenDay.objects.count() == before

"""What is told, kept and written down besides the seats, and what a mail scanner does to a family's links (books §6)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from audit.models import AuditEntry
from content.opendays.links import party_of
from content.opendays.models import Claim, Guest, Invitation, OpenDay, Party
from content.opendays.rules import Band
from content.opendays.states import DayState
from content.opendays.workflow.answering import answer_offer, call_off_answer, change_answer
from content.opendays.workflow.days import Item, change_day, put_session
from content.opendays.workflow.inviting import invite, remove_party
from content.opendays.workflow.photos import say_photo, say_photo_as_guardian
from families.workflow import register_child
from kernel.clock import as_of
from kernel.errors import NotFound, Refused
from notifications.models import OutboxMessage
from tests.conftest import actor_of, make_person
from tests.opendays.world import World, another_invitation, claim_of, come, family, plan


def told(template: str) -> list[Any]:
    """Accounts that were written to, each once an act, in order."""
    rows = OutboxMessage.objects.filter(template=template).order_by("created_at", "pk")
    return list(dict.fromkeys(rows.values_list("key", "to_user")))


def test_who_invited_is_told_of_an_answer_once(world: World) -> None:
    secret = come(world)
    ((key, to),) = told("openday_answer")
    assert to == world.host.user_id and str(party_of(secret).pk) in key


def test_who_answers_lets_a_line_move_whose_offer_ran_out_and_its_family_is_told(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    first = come(world, family(6, sessions=(world.lesson.pk,), may_wait=True))
    other = another_invitation(world)
    second = come(world, family(2, sessions=(world.lesson.pk,), may_wait=True), invitation=other)
    call_off_answer(token=full)
    until = claim_of(first, world.lesson).offer_until
    assert until is not None and [to for _key, to in told("openday_offer")] == [world.host.user_id]
    with as_of(until + timedelta(minutes=1)):
        come(world)
    assert claim_of(second, world.lesson).offered == 2
    assert [to for _key, to in told("openday_offer")] == [world.host.user_id, other.person.user_id]


def test_another_car_is_the_one_that_is_kept(world: World) -> None:
    secret = come(world, family(plate="浙A12345"))
    change_answer(token=secret, said=family(plate="浙B67890"))
    assert party_of(secret).plate == "浙B67890"
    change_answer(token=secret, said=family())
    assert party_of(secret).plate == ""


def test_who_takes_a_part_and_lets_the_rest_be_leaves_the_line(world: World) -> None:
    full = come(world, family(6, sessions=(world.lesson.pk,)))
    waits = come(world, family(4, sessions=(world.lesson.pk,), may_wait=True))
    call_off_answer(token=full)
    answer_offer(token=waits, session_id=world.lesson.pk, people=3, rest_waits=False)
    claim = claim_of(waits, world.lesson)
    assert (claim.seats, claim.wants, claim.offered) == (3, 0, 0)


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_scanner_of_mails_changes_nothing(world: World, method: str) -> None:
    """It follows every link it finds, with whatever in the query, and fills in no form."""
    secret = come(world, family(2, sessions=(world.lesson.pk,)))
    guest = party_of(secret).guests.order_by("pk").first()
    assert guest is not None
    before = [list(model.objects.order_by("pk").values()) for model in (OpenDay, Invitation, Party, Guest, Claim)]
    query = "?sure=1&check&photo=yes&people=0&rest=wait&answer=agree"
    own = f"/open-day/f/{secret}/"
    for address in (
        f"/open-day/i/{world.invitation.token}/",
        own,
        f"{own}change/",
        f"{own}leave/",
        f"{own}offer/{world.lesson.pk}/",
        f"{own}photo/{guest.pk}/",
    ):
        answer = getattr(Client(headers={"host": world.school.host}), method)(address + query)
        assert answer.status_code in (200, 302, 404, 405), address
    after = [list(model.objects.order_by("pk").values()) for model in (OpenDay, Invitation, Party, Guest, Claim)]
    assert after == before


def test_a_no_is_said_for_any_child_of_a_family_that_was_invited(world: World) -> None:
    """A yes wants a guardian; a no is good whoever of the two says it."""
    party = party_of(come(world, family(1, child=1)))
    party.guests.filter(band=Band.CHILD).update(may_photograph=True)
    child = party.guests.get(band=Band.CHILD)
    say_photo_as_guardian(actor=world.host, school=world.school, party_id=party.pk, guest_id=child.pk, yes=False)
    child.refresh_from_db()
    assert child.may_photograph is False and child.photo_ended_at is not None


def child_of(world: World, born: date, secret: str) -> Guest:
    register_child(actor=world.host, name="知夏", born=born)
    found: Guest = party_of(secret).guests.get(band=Band.CHILD)
    return found


def test_how_old_a_child_is_counts_on_the_day_itself(world: World) -> None:
    """Thirteen today and fourteen by then: from fourteen on nobody answers for somebody."""
    by_then = world.school.day_of(world.day.starts_at)
    secret = come(world, family(1, child=1))
    child = child_of(world, by_then.replace(year=by_then.year - 14) - timedelta(days=3), secret)
    with pytest.raises(Refused, match="no_such_child"):
        say_photo_as_guardian(
            actor=world.host, school=world.school, party_id=party_of(secret).pk, guest_id=child.pk, yes=True
        )


def test_one_child_is_photographed_once_and_again_when_the_first_answer_was_called_off(world: World) -> None:
    first, second = come(world, family(1, child=1)), come(world, family(1, child=1))
    born = world.school.day_of(world.day.starts_at) - timedelta(days=365 * 9)
    child = child_of(world, born, first)
    say = {"actor": world.host, "school": world.school, "yes": True}
    say_photo_as_guardian(**say, party_id=party_of(first).pk, guest_id=child.pk)
    other = {"party_id": party_of(second).pk, "guest_id": party_of(second).guests.get(band=Band.CHILD).pk}
    with pytest.raises(Refused, match="no_such_child"):
        say_photo_as_guardian(**say, **other)
    call_off_answer(token=first)
    assert say_photo_as_guardian(**say, **other).may_photograph


def test_a_word_about_photographs_is_in_the_record(world: World) -> None:
    secret = come(world, family(1, child=1))
    party = party_of(secret)
    grown, child = party.guests.get(band=Band.ADULT), party.guests.get(band=Band.CHILD)
    say_photo(token=secret, guest_id=grown.pk, yes=True)
    say_photo_as_guardian(actor=world.host, school=world.school, party_id=party.pk, guest_id=child.pk, yes=False)
    rows = AuditEntry.objects.filter(action="guest.photo").order_by("seq")
    assert [(row.object_id, row.facts["yes"], row.actor_id) for row in rows] == [
        (str(grown.pk), True, None),
        (str(child.pk), False, world.host.user_id),
    ]


def test_of_two_children_the_guardian_of_one_says_yes_for_one_however_often(world: World) -> None:
    secret = come(world, family(1, child=2))
    born = world.school.day_of(world.day.starts_at) - timedelta(days=365 * 9)
    register_child(actor=world.host, name="知夏", born=born)
    party = party_of(secret)
    one, two = party.guests.filter(band=Band.CHILD).order_by("pk")
    say = {"actor": world.host, "school": world.school, "party_id": party.pk}
    for _ in range(2):
        assert say_photo_as_guardian(**say, guest_id=one.pk, yes=True).may_photograph
    with pytest.raises(Refused, match="no_such_child"):
        say_photo_as_guardian(**say, guest_id=two.pk, yes=True)


def test_who_says_yes_again_has_taken_nothing_back(world: World) -> None:
    secret = come(world)
    guest = party_of(secret).guests.get()
    for yes in (True, False, True):
        guest = say_photo(token=secret, guest_id=guest.pk, yes=yes)
        assert (guest.photo_ended_at is None) is yes


@pytest.mark.parametrize("state", [DayState.DRAFT, DayState.CALLED_OFF])
def test_nobody_invites_to_a_day_that_takes_no_families(world: World, state: str) -> None:
    OpenDay.objects.update(state=state)
    colleague = actor_of(make_person(world.school, "staff"))
    with pytest.raises(NotFound):
        invite(actor=colleague, open_day_id=world.day.pk)
    assert Invitation.objects.count() == 1


def test_who_invites_and_who_is_removed_stands_in_the_record_once(world: World) -> None:
    for _ in range(2):
        invite(actor=world.host, open_day_id=world.day.pk)
    entry = AuditEntry.objects.get(action="openday.invite", actor_id=world.host.user_id)
    assert entry.object_id == str(world.invitation.pk)
    party = party_of(come(world))
    remove_party(actor=world.host, party_id=party.pk)
    assert AuditEntry.objects.get(action="party.remove").object_id == str(party.pk)


def test_a_day_that_begins_later_leaves_no_session_before_it(world: World) -> None:
    late = plan(world.school, starts_at=world.lesson.starts_at + timedelta(minutes=10))
    with pytest.raises(Refused, match="session_outside"):
        change_day(actor=world.organiser, school=world.school, open_day_id=world.day.pk, plan=late)
    world.day.refresh_from_db()
    assert world.day.starts_at == world.entry.starts_at


def test_more_seats_for_the_whole_day_go_to_the_line_and_it_is_told(world: World) -> None:
    change = {"actor": world.organiser, "school": world.school, "open_day_id": world.day.pk}
    change_day(**change, plan=plan(world.school, capacity=2))
    come(world, family(2))
    other = another_invitation(world)
    waits = come(world, family(2, may_wait=True), invitation=other)
    assert claim_of(waits, world.entry).offered == 0
    change_day(**change, plan=plan(world.school, capacity=4))
    assert claim_of(waits, world.entry).offered == 2
    assert [to for _key, to in told("openday_offer")] == [other.person.user_id]


def test_a_session_begins_no_sooner_than_the_day(world: World) -> None:
    early = Item("太早", world.day.starts_at - timedelta(minutes=1), world.day.ends_at)
    with pytest.raises(Refused, match="session_outside"):
        put_session(actor=world.organiser, open_day_id=world.day.pk, item=early)
    assert world.day.sessions.count() == 3


def test_whoever_is_offered_the_new_places_of_a_session_is_told(world: World) -> None:
    come(world, family(6, sessions=(world.lesson.pk,)))
    other = another_invitation(world)
    come(world, family(2, sessions=(world.lesson.pk,), may_wait=True), invitation=other)
    larger = Item(world.lesson.title, world.lesson.starts_at, world.lesson.ends_at, capacity=8)
    put_session(actor=world.organiser, open_day_id=world.day.pk, item=larger, session_id=world.lesson.pk)
    assert [to for _key, to in told("openday_offer")] == [other.person.user_id]

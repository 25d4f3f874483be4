"""Whoever a report wanted not to be told hears of that one incident nowhere, by person and by number (chain §2, §10)."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.actor import system_in
from kernel.errors import NotFound
from referrals.emergency.duties import to_arrange
from referrals.emergency.engine import phonebook
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, LeftOut, Recipient
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.my_cards import CARDS
from referrals.emergency.workflow import answering, by_hand, ending, keeping
from referrals.emergency.workflow.handing_over import ask_to_take_over
from referrals.emergency.workflow.leaving_out import write_left_out
from referrals.emergency.workflow.naming import name_person
from tenancy.scope import no_scope
from tests.emergency.programs import one, program
from tests.emergency.test_attack_left_out import told_over
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.test_duty_changes import today, write
from tests.emergency.test_keeping import ended
from tests.emergency.world import OPERATOR_LINE, PHONES, World, legs_of, paged

pytestmark = pytest.mark.django_db
BY = ("member", "number")


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def out(world: World, incident: Incident, *posts: str, by: str = "member") -> None:
    if by == "member":
        write_left_out(incident, members=[world.members[post].pk for post in posts])
    else:
        numbers = [number_hash(world.school.pk, PHONES[post]) for post in posts]
        write_left_out(incident, numbers=numbers)


def called(incident: Incident) -> set[Any]:
    return set(Recipient.objects.filter(leg__incident=incident).values_list("member_id", flat=True))


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("who", ["nobody", "person"])
def test_they_are_not_paged_and_the_next_is_at_once(who: str, by: str, world: World) -> None:
    incident = world.open(person_id=world.members["person"].pk if who == "person" else None)
    out(world, incident, "duty", by=by)
    decide_school()
    decide_school()
    assert world.members["duty"].pk not in called(incident)
    assert world.members["second"].pk in called(incident)


@pytest.mark.parametrize("by", BY)
def test_the_deputy_sits_for_the_head_of_the_centre(by: str, world: World) -> None:
    incident = world.open(person_id=None)
    out(world, incident, "centre", by=by)
    decide_school()
    assert world.members["deputy"].pk in called(incident)
    assert world.members["centre"].pk not in called(incident)


def test_where_everybody_is_left_out_the_outside_line_hears_of_it(world: World) -> None:
    incident = world.open(person_id=None)
    out(world, incident, *(post for post in world.members if post not in ("person", "head")))
    for _ in range(6):
        decide_school()
    assert legs_of(incident)["school"].state == "exhausted"
    assert "operator" in paged(incident, "school")
    rows = Recipient.objects.filter(leg__incident=incident, leg__kind="school")
    assert {bytes(row.target_hash) for row in rows} == {number_hash(world.school.pk, OPERATOR_LINE)}


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("who", ["nobody", "person"])
def test_there_is_no_such_incident_for_them(who: str, by: str, world: World) -> None:
    incident = world.open(person_id=world.members["person"].pk if who == "person" else None, by="second")
    out(world, incident, "duty", "centre", by=by)
    decide_school()
    for post in ("duty", "centre"):
        assert incident.number not in get(world, post, BOARD)
        get(world, post, page_of(incident), 404)
        assert client(world, post).get(f"{page_of(incident)}state/").status_code == 404
        assert client(world, post).post(f"{page_of(incident)}acknowledge/").status_code == 404
        assert program(world, post).get(one(incident)).status_code == 404
        with pytest.raises(NotFound):
            answering.acknowledge(actor=world.actor(post), incident_id=incident.pk, kind="school")
    assert incident.number in get(world, "second", BOARD)
    for post in ("second", "deputy"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    assert Incident.objects.get(pk=incident.pk).closed_at is not None
    for post, stands in (("duty", False), ("second", True)):
        assert (incident.number in get(world, post, f"{BOARD}closed.csv")) is stands


@pytest.mark.parametrize("by", BY)
def test_whoever_has_it_already_has_it_no_more(by: str, world: World) -> None:
    incident = world.open(person_id=None)
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    assert legs_of(incident)["school"].owner_id == world.members["duty"].pk
    out(world, incident, "duty", by=by)
    school = legs_of(incident)["school"]
    assert (school.state, school.owner_id) == ("paging", None)
    decide_school()
    assert not Delivery.objects.filter(
        leg__incident=incident, recipient__member=world.members["duty"], state__in=("queued", "claimed")
    ).exists()


@pytest.mark.parametrize("by", BY)
def test_they_are_asked_to_take_nothing_over_and_not_told_that_it_is_over(by: str, world: World) -> None:
    incident = world.open(person_id=None)
    decide_school()
    Delivery.objects.filter(leg__incident=incident).update(state="sent")
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    out(world, incident, "moral", "second", by=by)
    asked = {"actor": world.actor("duty"), "incident_id": incident.pk, "kind": "school"}
    with pytest.raises(NotFound):
        ask_to_take_over(**asked, colleague_id=world.members["second"].pk)
    for post in ("duty", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    assert told_over(world, incident, "moral") == []
    assert told_over(world, incident, "doctor")


@pytest.mark.parametrize("by", BY)
def test_no_alarm_of_the_watchdog_calls_them(by: str, world: World) -> None:
    incident = world.open(person_id=None)
    out(world, incident, "principal", by=by)
    never = phonebook.left_out_now(world.school.pk)
    principal = world.members["principal"]
    assert principal.pk in never.members or number_hash(world.school.pk, principal.phone) in never.numbers
    with no_scope():
        book = phonebook.read()
    entries = phonebook.team_of(book.schools[world.school.pk], incident.opened_at, never)
    assert PHONES["principal"] not in {entry.number for entry in entries}
    assert PHONES["moral"] in {entry.number for entry in entries}


@pytest.mark.parametrize("by", BY)
def test_changed_duties_are_not_told_to_the_head_of_the_department(by: str, world: World) -> None:
    incident = world.open()
    out(world, incident, "head", by=by)
    change = write(world, incident)
    assert to_arrange(world.actor("head"), today(world)) == []
    assert [row.pk for row in to_arrange(world.actor("moral"), today(world))] == [change.pk]
    assert [change.pk] not in [[row.pk for row in make(world.actor("head")).rows] for make in CARDS]


def test_a_relatives_number_is_not_offered_to_be_called(world: World) -> None:
    incident = world.open(grade="general", person_id=world.members["person"].pk)
    wife = world.contacts["wife"]
    type(wife).objects.filter(pk=wife.pk).update(grades=["extreme"])
    assert wife.pk in {row.contact.pk for row in by_hand.uncalled(incident)}
    write_left_out(incident, numbers=[bytes(wife.number_hash)])
    assert wife.pk not in {row.contact.pk for row in by_hand.uncalled(incident)}


def test_another_incident_of_the_same_person_is_not_hidden_by_it(world: World) -> None:
    """That an old one vanished would tell them of the new one."""
    old = world.open()
    for post in ("duty", "second"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=old.pk)
    out(world, world.open(), "centre")
    assert old.number in get(world, "centre", f"{BOARD}closed.csv")


def test_a_namesake_is_left_out_until_it_is_written_who_it_is(world: World) -> None:
    incident = world.open(person_id=None, by="second")
    write_left_out(incident, namesakes=[world.members["duty"].pk], members=[world.members["moral"].pk])
    get(world, "duty", page_of(incident), 404)
    name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=world.members["person"].pk)
    get(world, "duty", page_of(incident))
    assert [row.member_id for row in LeftOut.objects.all()] == [world.members["moral"].pk]
    decide_school()
    assert world.members["moral"].pk not in called(incident)


def test_what_was_asked_for_of_a_namesake_stays(world: World) -> None:
    incident = world.open(person_id=None, by="second")
    write_left_out(incident, namesakes=[world.members["duty"].pk])
    write_left_out(incident, members=[world.members["duty"].pk])
    name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=world.members["person"].pk)
    get(world, "duty", page_of(incident), 404)


def test_it_goes_along_when_two_incidents_become_one(world: World) -> None:
    open_one = world.open()
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=open_one.pk, kind="school")
    incident = world.open(person_id=None, by="second")
    out(world, incident, "duty")
    named = name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=world.members["person"].pk)
    assert (named.incident.pk, named.is_joined) == (open_one.pk, True)
    get(world, "duty", page_of(open_one), 404)
    assert legs_of(open_one)["school"].owner_id is None


def test_whoever_it_is_about_is_out_once_named_and_the_next_are_called(world: World) -> None:
    """It is about the psychologist on duty, who had taken it."""
    incident = world.open(person_id=None, by="second")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    out(world, incident, "centre")
    name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=world.members["duty"].pk)
    get(world, "duty", page_of(incident), 404)
    assert legs_of(incident)["school"].state == "paging"
    decide_school()
    assert world.members["second"].pk in called(incident)


def test_nothing_of_it_is_left_when_the_incident_is_erased(world: World) -> None:
    incident = ended(world, ago=timedelta(days=4000))
    out(world, incident, "principal")
    machine = system_in(world.school.pk)
    assert keeping.end_addresses(actor=machine, incident_id=incident.pk) is True
    assert keeping.erase(actor=machine, incident_id=incident.pk) is True
    assert not LeftOut.objects.exists()

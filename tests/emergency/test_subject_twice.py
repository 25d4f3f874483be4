"""Whom the chain hides an incident from, it hides it from under every account of theirs: by person and by number (chain §2)."""

import pytest

from accounts.models import Membership
from accounts.same_person import everywhere, same_member
from kernel.errors import NotFound
from referrals.emergency.duties import to_arrange
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, NeverContact
from referrals.emergency.workflow import answering, ending
from referrals.emergency.workflow.leaving_out import write_left_out
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from referrals.emergency.workflow.standing import is_left_out, left_out_among
from tests.emergency.programs import one, program
from tests.emergency.test_attack_left_out import REASON
from tests.emergency.test_board import BOARD, client, get, page_of
from tests.emergency.test_duty_changes import today, write
from tests.emergency.test_one_person_two_accounts import SHARED, Share
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def hide(world: World, incident: Incident, why: str) -> None:
    """From the person of ``incident``, or from the colleague ``head``."""
    if why == "never":
        NeverContact.objects.create(person=world.members["person"], member=world.members["head"])
    elif why == "left_out":
        write_left_out(incident, members=[world.members["head"].pk])


@SHARED
@pytest.mark.parametrize("why", ["person", "never", "left_out"])
def test_there_is_no_such_incident_under_a_second_account(why: str, share: Share, world: World) -> None:
    incident = world.open(by="second")
    hide(world, incident, why)
    get(world, "duty", page_of(incident))
    share(world.members["person" if why == "person" else "head"], world.members["duty"])
    duty = world.members["duty"]
    assert is_left_out(incident, duty.pk) and left_out_among(incident, world.members.values()) >= {duty.pk}
    assert not is_left_out(incident, world.members["second"].pk)
    assert incident.number not in get(world, "duty", BOARD)
    get(world, "duty", page_of(incident), 404)
    assert client(world, "duty").get(f"{page_of(incident)}state/").status_code == 404
    assert program(world, "duty").get(one(incident)).status_code == 404
    with pytest.raises(NotFound):
        answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    for post in ("second", "deputy"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    for post, stands in (("duty", False), ("second", True)):
        assert (incident.number in get(world, post, f"{BOARD}closed.csv")) is stands


@SHARED
@pytest.mark.parametrize("how", ["named", "barred"])
def test_what_a_second_account_has_in_its_hands_it_has_no_more(how: str, share: Share, world: World) -> None:
    incident = world.open(person_id=None if how == "named" else world.members["person"].pk, by="second")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    who = world.members["person" if how == "named" else "head"]
    share(who, world.members["duty"])
    if how == "named":
        name_person(actor=world.actor("second"), incident_id=incident.pk, person_id=who.pk)
    else:
        bar_in_incident(actor=world.actor("second"), incident_id=incident.pk, reason=REASON, colleague_id=who.pk)
    school = legs_of(incident)["school"]
    assert (school.state, school.owner_id) == ("paging", None)


@SHARED
def test_nobody_arranges_their_own_duties_under_another_account(share: Share, world: World) -> None:
    """The head of the department is the person: who sits for moral education arranges it."""
    share(world.members["person"], world.members["head"])
    change = write(world, world.open())
    assert to_arrange(world.actor("head"), today(world)) == []
    assert [row.pk for row in to_arrange(world.actor("moral"), today(world))] == [change.pk]


@SHARED
def test_everywhere_finds_what_two_are_compared_by(share: Share, world: World) -> None:
    one_of, other = world.members["person"], world.members["duty"]
    assert everywhere([one_of.pk]).members == {one_of.pk}
    share(one_of, other)
    for given, found in ((one_of, other), (other, one_of)):
        assert everywhere([given.pk]).members == {one_of.pk, other.pk}, given
        assert same_member(given.pk, found.pk)
    assert everywhere([]).members == frozenset()


@pytest.mark.parametrize(("one_spelling", "other"), [("T-017", "t–017"), ("T 0 17", "t017")])
def test_a_staff_number_is_one_in_every_spelling(one_spelling: str, other: str, world: World) -> None:
    first, second = world.members["person"], world.members["duty"]
    Membership.objects.filter(pk=first.pk).update(staff_no=one_spelling)
    Membership.objects.filter(pk=second.pk).update(staff_no=other)
    assert same_member(first.pk, second.pk)
    assert everywhere([first.pk]).members == everywhere([second.pk]).members == {first.pk, second.pk}


def test_nobody_is_the_same_for_having_no_number(world: World) -> None:
    for post in ("person", "duty"):
        world.members[post].keep_phone("")
        world.members[post].save()
    assert everywhere([world.members["person"].pk]).members == {world.members["person"].pk}

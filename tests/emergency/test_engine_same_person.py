"""The engine calls nobody under a second account from whom an incident is hidden (chain §2: by person and by number)."""

import pytest

from accounts.models import Membership
from accounts.same_person import everywhere
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Delivery, Incident, NeverContact, Recipient
from referrals.emergency.workflow.handing_over import askable
from referrals.emergency.workflow.leaving_out import write_left_out
from referrals.emergency.workflow.never_of_duty import bar_in_incident
from tests.emergency.test_attack_left_out import REASON
from tests.emergency.test_one_person_two_accounts import SHARED, Share
from tests.emergency.world import PHONES, World, legs_of, make_due, paged

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def called(incident: Incident) -> set[object]:
    """The colleagues who were paged."""
    return set(Recipient.objects.filter(leg__incident=incident, member__isnull=False).values_list("member", flat=True))


def by_staff_number(*members: Membership) -> None:
    """The same staff number, in as many spellings."""
    for member, spelt in zip(members, ("T-017", "t–017", "T - 017"), strict=False):
        Membership.objects.filter(pk=member.pk).update(staff_no=spelt)


@SHARED
@pytest.mark.parametrize("why", ["person", "never", "left_out"])
def test_nobody_is_called_under_a_second_account(why: str, share: Share, world: World) -> None:
    """Who is on duty is the person, or somebody who must not know: the second is called in the same round."""
    hidden, duty = world.members["person" if why == "person" else "head"], world.members["duty"]
    share(hidden, duty)
    incident = world.open(by="second")
    if why == "never":
        NeverContact.objects.create(person=world.members["person"], member=hidden)
    elif why == "left_out":
        write_left_out(incident, members=[hidden.pk])
    decide_school()
    assert duty.pk not in called(incident)
    assert "on_duty:2" in paged(incident, "school"), "an emptied step passes at once"


@SHARED
def test_the_deputy_takes_over_from_a_holder_who_is_the_person(share: Share, world: World) -> None:
    share(world.members["person"], world.members["centre"])
    incident = world.open()
    decide_school()
    assert world.members["centre"].pk not in called(incident)
    assert world.members["deputy"].pk in called(incident)


@SHARED
def test_an_account_that_is_joined_while_the_incident_runs(share: Share, world: World) -> None:
    incident = world.open()
    decide_school()
    share(world.members["person"], world.members["second"])
    for _step in range(4):
        make_due(incident, "school")
        decide_school()
    assert {world.members["duty"].pk, world.members["centre"].pk} <= called(incident)
    assert world.members["second"].pk not in called(incident)


@SHARED
def test_nobody_is_asked_to_take_over_what_is_about_themself(share: Share, world: World) -> None:
    incident = world.open()
    leg = legs_of(incident)["school"]
    assert world.members["second"] in askable(incident, leg)
    share(world.members["person"], world.members["second"])
    assert world.members["second"] not in askable(incident, leg)
    assert world.members["duty"] in askable(incident, leg)


def test_places_with_different_numbers_are_one_by_all_of_them(world: World) -> None:
    """Person and second by their staff number; second and duty by a telephone that the person's own place does not have."""
    person, second, duty = (world.members[post] for post in ("person", "second", "duty"))
    by_staff_number(person, second)
    assert duty.user is not None and duty.phone != second.phone
    duty.keep_phone("")
    duty.save()
    duty.user.keep_proved_phone(second.phone)
    duty.user.save()
    for member in (person, second, duty):
        found = everywhere([member.pk])
        assert found.members == {person.pk, second.pk, duty.pk}
        assert found.phones == {PHONES["person"], PHONES["second"]}
    incident = world.open(by="centre")
    decide_school()
    assert not called(incident) & {person.pk, second.pk, duty.pk}
    assert world.members["centre"].pk in called(incident)


def test_a_contact_with_the_number_of_another_place_of_theirs_is_not_called(world: World) -> None:
    """The number stands in nothing that the person typed as their own; it is the school's of their second place."""
    other = world.members["second"]
    other.keep_phone(PHONES["wife"])
    other.save()
    by_staff_number(world.members["person"], other)
    incident = world.open()
    decide_school()
    assert paged(incident, "family") == ["contact:2"]


def test_what_waits_for_another_place_of_theirs_dies_by_its_number(world: World) -> None:
    """Somebody who is barred: a page that waits for the number of their second place leaves no more."""
    second, wife = world.members["second"], PHONES["wife"]
    second.keep_phone(wife)
    second.save()
    by_staff_number(world.members["head"], second)
    incident = world.open()
    decide_school()
    waiting = Delivery.objects.filter(leg__incident=incident, recipient__role="contact:1", state="queued")
    assert waiting.exists()
    bar_in_incident(
        actor=world.actor("duty"), incident_id=incident.pk, reason=REASON, colleague_id=world.members["head"].pk
    )
    assert not waiting.exists()


def test_a_namesake_is_somebody_else(world: World) -> None:
    """Two bear one name, and one of their numbers is a part of the other's."""
    person, duty = world.members["person"], world.members["duty"]
    Membership.objects.filter(pk=person.pk).update(staff_no="T-017")
    Membership.objects.filter(pk=duty.pk).update(name=person.name, staff_no="T-0171", title=person.title)
    incident = world.open(by="second")
    decide_school()
    assert duty.pk in called(incident)
    assert everywhere([person.pk]).members == {person.pk}

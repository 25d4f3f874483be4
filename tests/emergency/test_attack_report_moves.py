"""A report that becomes an incident of its own leaves out whom it is about, also after somebody wrote who that is (chain §10)."""

from datetime import timedelta
from typing import Any

import pytest

from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import Incident, LeftOut, Leg, NeverContact, Report
from referrals.emergency.models.contacts import number_hash
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.naming import name_person
from referrals.emergency.workflow.receiving import Told
from referrals.emergency.workflow.report_acts import split_report
from referrals.emergency.workflow.standing import is_left_out
from tests.emergency.report_steps import SEEN, send, take, unread_since_long
from tests.emergency.test_left_out import called
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def called_by(report: Report) -> set[Any]:
    """Who is called about the incident in which it stands now, until nobody is left."""
    moved = Report.objects.get(pk=report.pk)
    assert moved.incident_id != report.incident_id, "it has become one of its own"
    for _ in range(8):
        Leg.objects.filter(incident=moved.incident, next_at__isnull=False).update(next_at=chain_now())
        decide_school()
    return called(moved.incident)


def by_itself() -> None:
    Leg.objects.filter(kind="school").update(since=chain_now() - timedelta(minutes=6))
    unread_since_long()


def test_unread_it_calls_neither_the_person_nor_whom_they_never_want_told(world: World) -> None:
    person, never = world.members["second"], world.members["centre"]
    NeverContact.objects.create(person=person, member=never)
    first, joined = send(), send(SEEN, danger=True)
    take(world, first.incident)
    name_person(actor=world.actor("duty"), incident_id=first.incident_id, person_id=person.pk)
    by_itself()
    assert not called_by(joined) & {person.pk, never.pk}
    assert called_by(joined)


@pytest.mark.parametrize("how", ["unread", "split"])
def test_whom_its_own_words_are_about_is_left_out_though_another_was_written(how: str, world: World) -> None:
    about = Told(about=world.members["second"].name, words="x")
    first, joined = send(about), send(about, danger=True)
    assert first.incident_id == joined.incident_id
    take(world, first.incident)
    name_person(actor=world.actor("duty"), incident_id=first.incident_id, person_id=world.members["person"].pk)
    assert not LeftOut.objects.exists(), "who it is stands there"
    if how == "unread":
        by_itself()
    else:
        split_report(actor=world.actor("duty"), incident_id=first.incident_id, report_id=joined.pk)
    assert world.members["second"].pk not in called_by(joined)


def test_once_it_is_written_who_that_one_is_about_only_what_was_asked_for_stays(world: World) -> None:
    person = world.members["second"]
    NeverContact.objects.create(person=person, number_hash=number_hash(world.school.pk, "+8613900009999"))
    first, joined = send(), send(SEEN, danger=True)
    take(world, first.incident)
    duty = world.actor("duty")
    name_person(actor=duty, incident_id=first.incident_id, person_id=person.pk)
    own = split_report(actor=duty, incident_id=first.incident_id, report_id=joined.pk)
    assert is_left_out(own, person.pk)
    name_person(actor=duty, incident_id=own.pk, person_id=world.members["person"].pk)
    assert not is_left_out(Incident.objects.get(pk=own.pk), person.pk)


def test_what_two_know_nobody_of_leaves_nobody_out(world: World) -> None:
    first, joined = send(), send(SEEN, danger=True)
    take(world, first.incident)
    by_itself()
    assert world.members["duty"].pk in called_by(joined)
    assert not LeftOut.objects.exists()

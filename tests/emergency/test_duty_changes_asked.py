"""What a change of duties must say, and who writes, receives and finds one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import Department, Membership
from kernel.errors import Forbidden, Invalid, NotFound, Refused
from referrals.emergency.models import DutyChange, Incident, NeverContact
from referrals.emergency.rules.duties import LONGEST_DAYS
from referrals.emergency.workflow.duties import (
    arrange_duties,
    end_duties,
    receive_duties,
    renew_duties,
)
from tests.emergency.incident_rows import incident_row
from tests.emergency.test_duty_changes import AGREED, move, read, refused, today, trace, write
from tests.emergency.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    found = open_world
    found.department = Department.objects.create(name="语文组")  # type: ignore[attr-defined]
    move(found, found.department, "person", "head")  # type: ignore[attr-defined]
    return found


@pytest.fixture
def incident(world: World) -> Incident:
    return world.open()


@pytest.fixture
def change(world: World, incident: Incident) -> DutyChange:
    return write(world, incident)


@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("duties_missing", {"duties": []}),
        ("not_in_list", {"duties": ["sick"]}),
        ("duties_agreement", {"agreed_how": " \u3000 "}),
    ],
)
def test_what_is_asked_must_be_said(code: str, values: dict[str, Any], world: World, incident: Incident) -> None:
    refused(code, Invalid, lambda: write(world, incident, **values))


@pytest.mark.parametrize(
    ("code", "first", "last"), [("duties_past", -1, 3), ("duties_order", 3, 2), ("duties_too_long", 0, LONGEST_DAYS)]
)
def test_days_in_the_past_and_without_end_are_refused(
    code: str, first: int, last: int, world: World, incident: Incident
) -> None:
    day = today(world)
    refused(
        code,
        Invalid,
        lambda: write(world, incident, starts_on=day + timedelta(days=first), until=day + timedelta(days=last)),
    )


def test_a_drill_and_nobody_change_no_duties(world: World) -> None:
    refused("duties_no_person", Refused, lambda: write(world, world.open(person_id=None)))
    drill = incident_row(world.members["person"], is_drill=True)
    drill.own_key = world.open(person_id=world.members["moral"].pk).own_key
    refused("duties_in_drill", Refused, lambda: write(world, drill))


def test_a_person_who_leaves_before_the_last_day(world: World, incident: Incident) -> None:
    Membership.objects.filter(pk=world.members["person"].pk).update(left_on=today(world) + timedelta(days=5))
    refused("duties_person_left", Refused, lambda: write(world, incident))
    write(world, incident, until=today(world) + timedelta(days=5))


def test_words_that_are_destroyed_take_no_more(world: World, incident: Incident) -> None:
    Incident.objects.filter(pk=incident.pk).update(own_key=None)
    refused("incident_ended", Refused, lambda: write(world, incident))


@pytest.mark.parametrize("post", ["head", "principal", "moral", "doctor", "person"])
def test_only_centre_and_duty_write(post: str, world: World, incident: Incident, change: DutyChange) -> None:
    before = trace()
    for act in (
        lambda: write(world, incident, by=post),
        lambda: end_duties(actor=world.actor(post), change_id=change.pk),
        lambda: renew_duties(actor=world.actor(post), change_id=change.pk, until=change.until, agreed_how=AGREED),
    ):
        with pytest.raises(Forbidden):
            act()
    assert trace() == before


@pytest.mark.parametrize("post", ["centre", "duty", "principal", "moral", "doctor", "person"])
def test_nobody_else_says_received(post: str, world: World, change: DutyChange) -> None:
    before = trace()
    for act in (receive_duties, arrange_duties):
        with pytest.raises(NotFound):
            act(actor=world.actor(post), change_id=change.pk)
        with pytest.raises(NotFound):
            act(actor=world.actor(post), change_id=uuid4())
        with pytest.raises(NotFound):
            act(actor=world.actor(post), change_id="none")
    assert trace() == before


def test_to_the_subject_and_the_excluded_there_is_nothing_to_write(world: World) -> None:
    about = world.open(by="centre", person_id=world.members["duty"].pk)
    NeverContact.objects.create(person=world.members["duty"], member=world.members["second"])
    change = write(world, about)
    for post in ("duty", "second"):
        read(world, post, f"/centre/emergency/{about.pk}/duties/", 404)
        read(world, post, f"/centre/emergency/changed-duties/{change.pk}/renew/", 404)
        before = trace()
        with pytest.raises(NotFound):
            write(world, about, by=post)
        with pytest.raises(NotFound):
            end_duties(actor=world.actor(post), change_id=change.pk)
        assert trace() == before


def test_the_pages_write_renew_and_end(world: World, incident: Incident) -> None:
    client = Client(headers={"host": world.school.host})
    client.force_login(world.members["centre"].user)
    path, day = f"/centre/emergency/{incident.pk}/duties/", today(world)
    assert world.members["head"].name in client.get(path).content.decode()
    wrong = client.post(
        path, {"duties": ["leave"], "starts_on": day, "until": day - timedelta(days=1), "agreed_how": AGREED}
    )
    assert wrong.status_code == 422 and "结束日期早于开始日期" in wrong.content.decode()
    typed = {"duties": ["lighter"], "starts_on": day, "until": day, "agreed_how": AGREED}
    assert client.post(path, typed).status_code == 302
    change = DutyChange.objects.get()
    renew = f"/centre/emergency/changed-duties/{change.pk}/renew/"
    assert client.post(renew, {"until": day + timedelta(days=3), "agreed_how": AGREED}).status_code == 302
    assert client.post(f"/centre/emergency/changed-duties/{change.pk}/end/").status_code == 302
    assert "提前结束" in client.get(path).content.decode()
    head = Client(headers={"host": world.school.host})
    head.force_login(world.members["head"].user)
    later = DutyChange.objects.get(follows=change)
    for said in ("received", "arranged"):
        assert head.post(f"/my/duties/{later.pk}/{said}/").status_code == 302
        assert head.post(f"/my/duties/{change.pk}/{said}/").status_code == 404
    later.refresh_from_db()
    assert later.arranged_at is not None

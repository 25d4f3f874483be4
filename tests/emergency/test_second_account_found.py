"""An account turns out to be the second one of whoever must not know, after the engine has decided and before the page has left."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction

from accounts.invitations import accept_signed_in
from accounts.models import Membership
from accounts.phone_proof import ask_code, prove
from kernel.clock import now
from people.roster.workflow.applying import apply_roster
from people.roster.workflow.previewing import preview_roster
from people.workflow import MemberFields, update_member
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.engine.send import claim
from referrals.emergency.models import Delivery, Incident, LeftOut
from referrals.emergency.workflow import answering, ending
from tests.conftest import actor_of, make_person
from tests.emergency.test_board import get, page_of
from tests.emergency.world import PHONES, World, legs_of
from tests.tree import ROOT, modules

pytestmark = pytest.mark.django_db
Way = Callable[[World, str], None]


def fields(member: Membership, **values: Any) -> MemberFields:
    return MemberFields(name=member.name, roles=frozenset(member.roles), **values)


def numbered(world: World, hidden: str) -> None:
    """The staff number of ``hidden``, which the other account gets in another spelling."""
    Membership.objects.filter(pk=world.members[hidden].pk).update(staff_no="T 017")


def by_the_administrator(world: World, hidden: str) -> None:
    numbered(world, hidden)
    duty = world.members["duty"]
    update_member(
        actor=actor_of(make_person(world.school, "admin")), membership_id=duty.pk, fields=fields(duty, staff_no="T017")
    )


def by_the_staff_list(world: World, hidden: str) -> None:
    numbered(world, hidden)
    duty, admin = world.members["duty"], actor_of(make_person(world.school, "admin"))
    rows = f"工号,姓名,邮箱,手机号,部门\nT017,{duty.name},,{PHONES['duty'][3:]},\n".encode()
    roster = preview_roster(actor=admin, content=rows, file_name="名单.csv", marks_leavers=False)
    assert roster.counts["update"] == 1
    apply_roster(actor=admin, import_id=roster.pk)


def by_a_code(world: World, hidden: str) -> None:
    """Whoever has the account proves the number that the school keeps of the other one."""
    actor = world.actor("duty")
    code = ask_code(actor=actor, phone=PHONES[hidden], password=settings.DEMO_PASSWORD)[2]
    prove(actor=actor, code=code)


def by_taking_the_place(world: World, hidden: str) -> None:
    """The place is taken anew, by an account that has proved the other one's number."""
    duty = world.members["duty"]
    user = duty.user
    assert user is not None
    user.keep_proved_phone(PHONES[hidden])
    user.save()
    Membership.objects.filter(pk=duty.pk).update(user=None, accepted_at=None)
    accept_signed_in(tenant=world.school, user=user)


WAYS = pytest.mark.parametrize("way", [by_the_administrator, by_the_staff_list, by_a_code, by_taking_the_place])


@pytest.fixture
def world(open_world: World, settings: Any) -> World:
    settings.SIGN_IN_SMS, settings.SIGN_IN_SMS_OFFERED = "tests.workflow.test_profile.keep_code", ""
    duty = open_world.members["duty"]
    assert duty.user is not None
    duty.user.set_password(settings.DEMO_PASSWORD)
    duty.user.save()
    return open_world


@pytest.fixture
def found(django_capture_on_commit_callbacks: Any) -> Callable[[Way, World, str], None]:
    """Let it turn out, and let the transaction end."""

    def run(way: Way, world: World, hidden: str) -> None:
        with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
            way(world, hidden)

    return run


def waiting(incident: Incident, world: World, post: str = "duty") -> "list[Delivery]":
    rows = Delivery.objects.filter(leg__incident=incident, recipient__member=world.members[post])
    return list(rows.filter(state__in=["queued", "claimed"]))


@WAYS
def test_what_is_queued_leaves_no_more(way: Way, world: World, found: Any) -> None:
    incident = world.open(by="second")
    decide_school()
    assert waiting(incident, world) and waiting(incident, world, "centre")
    found(way, world, "person")
    assert not waiting(incident, world)
    assert waiting(incident, world, "centre"), "nobody else's page is lost"
    school = legs_of(incident)["school"]
    assert school.state == "paging" and school.next_at <= now(), "and nobody waits for somebody who was not called"


def test_what_a_sender_holds_is_tried_no_second_time(world: World, found: Any) -> None:
    incident = world.open(by="second")
    decide_school()
    held = claim([page.pk for page in waiting(incident, world) if page.channel == "sms"])
    assert held
    found(by_the_administrator, world, "person")
    left = [page.pk for page in waiting(incident, world)]
    assert set(left) == {one.page.pk for one in held}
    Delivery.objects.filter(pk__in=left).update(state="queued", lease_until=None)
    assert not claim(left)


@WAYS
def test_a_leg_that_they_have_is_called_again(way: Way, world: World, found: Any) -> None:
    incident = world.open(by="second")
    decide_school()
    answering.acknowledge(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    found(way, world, "person")
    school = legs_of(incident)["school"]
    assert (school.state, school.owner_id) == ("paging", None)
    get(world, "duty", page_of(incident), 404)


def test_also_for_who_was_left_out_and_in_each_incident(world: World, found: Any) -> None:
    """Of two that are open the one about somebody else goes on calling them."""
    theirs = world.open(by="second")
    LeftOut.objects.create(incident=theirs, member=world.members["head"], why=LeftOut.Why.ASKED)
    other = world.open(by="second", person_id=make_person(world.school, "staff", phone="+8613900000077").pk)
    decide_school()
    found(by_the_administrator, world, "head")
    assert not waiting(theirs, world)
    assert waiting(other, world)


def test_what_is_said_of_one_that_is_over_dies_too(world: World, found: Any) -> None:
    """That it is over tells that there was one."""
    incident = world.open(by="second")
    decide_school()
    Delivery.objects.filter(leg__incident=incident, state="queued").update(state="sent", settled_at=now())
    for post in ("second", "centre"):
        ending.say_false_alarm(actor=world.actor(post), incident_id=incident.pk)
    assert Incident.objects.get(pk=incident.pk).closed_at is not None
    assert waiting(incident, world)
    found(by_the_administrator, world, "person")
    assert not waiting(incident, world)


def test_another_number_that_is_nobodys_changes_nothing(world: World, found: Any) -> None:
    def way(world: World, _hidden: str) -> None:
        duty = world.members["duty"]
        update_member(
            actor=actor_of(make_person(world.school, "admin")),
            membership_id=duty.pk,
            fields=fields(duty, staff_no="T999"),
        )

    incident = world.open(by="second")
    decide_school()
    before = {page.pk for page in waiting(incident, world)}
    found(way, world, "person")
    assert {page.pk for page in waiting(incident, world)} == before != set()


WRITES = re.compile(r"\.keep_proved_phone\((?!\"\")|\.keep_phone\(|\.staff_no(?:, [\w.]+)* = ")
TOLD_BY = {
    "platform/people/roster/people.py": "writes for people/roster/workflow/applying.py, which tells it once a batch",
}


def test_whoever_writes_a_number_tells_it() -> None:
    """A new writer of telephones or staff numbers is a new way in which two accounts become one person's."""
    silent = set()
    for path in modules():
        name = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        if (
            not name.startswith(("demo/", "bench/", "tests/"))
            and WRITES.search(text)
            and "numbers_changed(" not in text
        ):
            silent.add(name)
    assert silent == set(TOLD_BY)

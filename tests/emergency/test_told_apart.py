"""Two colleagues who are called alike are told apart wherever one of them is chosen or named: handing over, seats, shifts, rota."""

from typing import Any

import pytest

from accounts.models import Department, Membership
from accounts.told_apart import told_apart
from referrals.emergency.centre.choices import OFFICE_ROLES, holders
from referrals.emergency.centre.incident_choices import colleagues_to_ask
from referrals.emergency.centre.incident_reading import read
from referrals.emergency.engine.decide import decide_school
from referrals.emergency.models import DutyShift
from referrals.emergency.workflow import answering
from tests.conftest import make_person
from tests.emergency.test_board import BOARD, get
from tests.emergency.world import World, legs_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(open_world: World) -> World:
    return open_world


def department(name: str) -> Department:
    return Department.objects.get_or_create(name=name)[0]


def alike(world: World, *posts: str, title: str = "李老师") -> None:
    """Each of a department of its own."""
    for number, post in enumerate(posts):
        member = world.members[post]
        member.title, member.department = title, department(f"{number}组")
        member.save(update_fields=["title", "department"])


def test_only_those_who_are_called_alike_bear_more(world: World) -> None:
    alike(world, "second", "centre")
    words = told_apart(Membership.objects.all())
    assert words[world.members["second"].pk] == "李老师 · 0组"
    assert words[world.members["centre"].pk] == "李老师 · 1组"
    assert words[world.members["doctor"].pk] == world.members["doctor"].address
    assert len(set(words.values())) == len(words)


def test_one_department_or_none_is_told_apart_by_name_then_by_number(open_school: Any) -> None:
    people = [
        make_person(open_school, "staff", name=name, title="王老师", staff_no=number)
        for name, number in (("王一", "A1"), ("王二", "A2"), ("王二", "A3"))
    ]
    words = told_apart(people)
    assert [words[one.pk] for one in people] == ["王老师 · 王一", "王老师 · 王二 · A2", "王老师 · 王二 · A3"]


def test_every_list_of_colleagues_tells_them_apart(world: World) -> None:
    alike(world, "second", "centre", "deputy", "duty")
    incident = world.open()
    decide_school()
    answering.engage(actor=world.actor("duty"), incident_id=incident.pk, kind="school")
    found = read(world.actor("duty"), world.school, incident.pk)
    asked = [words for _pk, words in colleagues_to_ask(found, legs_of(incident)["school"])]
    offered = [words for name, group in holders(world.school, OFFICE_ROLES, empty="") if name for _pk, words in group]
    for words in (asked, offered):
        assert len(set(words)) == len(words) and {"李老师 · 0组", "李老师 · 1组", "李老师 · 2组"} <= set(words)
        assert "李老师" not in words


def test_the_rota_and_the_board_say_which_of_two_is_on_duty(world: World) -> None:
    alike(world, "duty", "second")
    assert DutyShift.objects.count() == 2
    for path in (f"{BOARD}duty/", BOARD):
        text = get(world, "centre", path)
        assert "0组" in text and "1组" in text, path

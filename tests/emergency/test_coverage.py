"""How many of a school have somebody who would be called; who has nobody is asked, and never listed (chain §2)."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Department, User
from audit.models import AuditEntry
from families.workflow import change_relative, withdraw_by_link
from kernel.clock import as_of, now
from kernel.errors import Forbidden
from notifications.models import OutboxMessage
from referrals.emergency.selectors import Cover, coverage
from referrals.emergency.workflow.asking import ask_missing, ask_still_right
from referrals.emergency.workflow.contacts import confirm_contacts, mark_bounced
from referrals.emergency.workflow.never import bar_number
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from tests.conftest import make_person
from tests.emergency.contact_steps import SPOUSE, agreed, contact, somebody, standing

pytestmark = pytest.mark.django_db


@pytest.fixture
def here(school: Tenant) -> Iterator[Tenant]:
    with use_tenant(school.pk):
        yield school


def department(name: str, people: int, reached: int, school: Tenant) -> None:
    row = Department.objects.create(name=name)
    for number in range(people):
        actor = somebody(school, department=row)
        if number < reached:
            agreed(actor)


def whole(school: Tenant) -> tuple[int, int]:
    found = coverage(school.today(), fewest=5).whole
    return found.reached, found.whole


def test_only_who_can_be_called_counts(here: Tenant) -> None:
    one, two, three = (somebody(here) for _ in range(3))
    somebody(here, left_on=here.today() - timedelta(days=1))
    make_person(here, "district")
    contact(one)
    assert whole(here) == (0, 3)
    _made, token = agreed(two)
    changed, _token = agreed(three)
    assert whole(here) == (2, 3)
    withdraw_by_link(token=token)
    assert whole(here) == (1, 3)
    change_relative(actor=three, relative_id=changed.relative_id, relation="spouse", name="王小明", phone="13900139000")
    assert whole(here) == (0, 3)


def test_a_number_that_fails_or_is_barred_counts_for_nobody(here: Tenant) -> None:
    one, two = somebody(here), somebody(here)
    made, _token = agreed(one)
    agreed(two)
    mark_bounced(made.person_id, bytes(made.number_hash))
    bar_number(actor=two, phone=SPOUSE)
    assert whole(here) == (0, 2)


def test_a_department_stands_alone_only_with_enough_people(here: Tenant) -> None:
    department("语文组", 6, 2, here)
    department("数学组", 5, 1, here)
    department("体艺组", 3, 1, here)
    department("总务处", 2, 0, here)
    assert coverage(here.today(), fewest=5).departments == [
        Cover("数学组", 1, 5),
        Cover("语文组", 2, 6),
        Cover("", 1, 5),
    ]


def test_what_is_left_over_never_tells_of_a_few(here: Tenant) -> None:
    """One small department beside large ones would follow from the whole: it is joined with the smallest of them."""
    department("语文组", 6, 2, here)
    department("数学组", 5, 1, here)
    department("体艺组", 1, 1, here)
    assert coverage(here.today(), fewest=5).departments == [Cover("语文组", 2, 6), Cover("", 2, 6)]
    assert coverage(here.today(), fewest=7).departments == []


def test_who_has_nobody_is_asked_once_in_seven_days(here: Tenant) -> None:
    union = somebody(here, "union")
    reached, missing, left = somebody(here), somebody(here), somebody(here, left_on=here.today() - timedelta(days=1))
    agreed(reached)
    waiting = make_person(here, name="待入职", user=User.objects.create_user(email="new@x.example", password=None))
    type(waiting).objects.filter(pk=waiting.pk).update(user=None, accepted_at=None)
    assert ask_missing(actor=union) == (2, 0)
    told = set(OutboxMessage.objects.filter(template="contact_wanted").values_list("to_user_id", "channel"))
    assert told == {(union.user_id, "in_app"), (missing.user_id, "in_app")}
    assert left.user_id not in {user for user, _channel in told}
    assert ask_missing(actor=somebody(here, "centre")) == (1, 2), "the newcomer alone"
    with as_of(now() + timedelta(days=6, hours=23)):
        assert ask_missing(actor=union) == (0, 3)
    with as_of(now() + timedelta(days=7, minutes=1)):
        assert ask_missing(actor=union) == (3, 0)
    assert AuditEntry.objects.filter(action="contact.ask_missing").count() == 4


def test_nobody_else_asks(here: Tenant) -> None:
    somebody(here)
    for role in ("staff", "head", "principal", "duty"):
        before = standing()
        with pytest.raises(Forbidden):
            ask_missing(actor=somebody(here, role))
        assert standing() == before


def test_still_right_is_asked_once_a_year_until_an_answer(school: Tenant) -> None:
    def asked() -> int:
        with use_tenant(school.pk):
            return OutboxMessage.objects.filter(template="contacts_still_right").count()

    with use_tenant(school.pk):
        actor = somebody(school)
        contact(actor)
        contact(actor, "0571-85550123", relation="parent")
    ask_still_right()
    assert asked() == 0
    with as_of(now() + timedelta(days=366)):
        ask_still_right()
        ask_still_right()
        assert asked() == 1
        with use_tenant(school.pk):
            confirm_contacts(actor=actor)
        ask_still_right()
        assert asked() == 1
    with as_of(now() + timedelta(days=733)):
        ask_still_right()
        assert asked() == 2


def client_of(school: Tenant, actor: Any) -> Client:
    client = Client(headers={"host": school.host}, raise_request_exception=False)
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


@pytest.mark.parametrize("office", ["union", "centre"])
def test_the_page_says_how_many_and_never_who(school: Tenant, office: str) -> None:
    with use_tenant(school.pk):
        clerk = somebody(school, office)
        agreed(somebody(school, name="柳问渠"))
        somebody(school, name="裴听澜")
    page = client_of(school, clerk)
    text = page.get(f"/{office}/contacts/").content.decode()
    assert re.search(r">1<[^<]*</b> ／ 3 位老师|>1</b> ／ 3 位老师", text)
    asking = page.get(f"/{office}/contacts/ask/").content.decode()
    assert "要提醒 2 人吗？" in asking
    assert not any(name in text + asking for name in ("柳问渠", "裴听澜", "王小明"))
    done = page.post(f"/{office}/contacts/ask/", follow=True)
    assert "已提醒 2 位老师。" in done.content.decode()
    assert page.get(f"/{office}/contacts/ask/").status_code == 302, "nobody is left to be asked"
    with use_tenant(school.pk):
        assert OutboxMessage.objects.filter(template="contact_wanted").count() == 2


def test_a_head_and_a_colleague_see_no_coverage(school: Tenant) -> None:
    with use_tenant(school.pk):
        people = [somebody(school, role) for role in ("head", "staff", "principal", "duty", "finance", "admin")]
    for actor in people:
        for office in ("union", "centre"):
            for path in (f"/{office}/contacts/", f"/{office}/contacts/ask/"):
                assert client_of(school, actor).get(path).status_code == 404
                assert client_of(school, actor).post(path).status_code in (404, 405)
    with use_tenant(school.pk):
        assert not OutboxMessage.objects.filter(template="contact_wanted").exists()

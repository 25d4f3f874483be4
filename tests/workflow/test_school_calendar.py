"""``/school/settings/calendar/``: a school's own days, by its administrator (rules §9: a table the school can edit)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from audit.models import AuditEntry
from kernel.clock import as_of, local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, school_time
from workdays.models import CalendarChange
from workdays.selectors import calendar
from workdays.workflow import MOST_DAYS, add_change, remove_change

pytestmark = pytest.mark.django_db
PAGE = "/school/settings/calendar/"


@pytest.fixture
def admin(school: Any) -> Any:
    return make_person(school, "admin", name="王校办")


@pytest.fixture
def desk(school: Any, admin: Any) -> Client:
    client = Client(headers={"host": school.host, "accept-language": "en"})
    client.force_login(admin.user)
    return client


def soon(days: int = 3) -> date:
    return local_day(now()) + timedelta(days=days)


def days_of(school: Any) -> list[tuple[date, date, bool]]:
    with use_tenant(school.id):
        return list(CalendarChange.objects.values_list("first_day", "last_day", "is_workday"))


def test_an_entry_counts_is_recorded_and_goes_again(school: Any, desk: Client) -> None:
    assert "No day of your own" in desk.get(PAGE).content.decode()
    sent = {"first_day": soon().isoformat(), "last_day": "", "kind": "worked"}
    assert desk.post(PAGE, sent).status_code == 302
    assert days_of(school) == [(soon(), soon(), True)]
    with use_tenant(school.id):
        assert calendar().is_workday(soon())
        row = CalendarChange.objects.get()
        entry = AuditEntry.objects.get(action="workday.add")
        assert entry.facts == {"first_day": soon().isoformat(), "last_day": soon().isoformat(), "is_workday": True}
    assert desk.post(f"{PAGE}{row.pk}/remove/").status_code == 302
    assert days_of(school) == []
    with use_tenant(school.id):
        assert AuditEntry.objects.filter(action="workday.remove").count() == 1


def test_the_page_tells_the_state_s_days_and_says_when_it_knows_none(desk: Client) -> None:
    with as_of(school_time("2026-06-01 10:00")):
        told = desk.get(PAGE).content.decode()
    assert "Holidays and swapped workdays of 2026" in told
    assert "Thu 1 Oct – Wed 7 Oct" in told
    assert "Sat 10 Oct" in told
    assert "Monday to Friday count as workdays" in told  # 2027 had not been announced


@pytest.mark.parametrize(
    ("days", "code"),
    [
        (lambda: (soon(4), soon(3)), "days_reversed"),
        (lambda: (soon(), soon(3 + MOST_DAYS)), "days_too_many"),
        (lambda: (date(now().year - 2, 3, 1), date(now().year - 2, 3, 1)), "days_too_far"),
        (lambda: (date(now().year + 4, 3, 1), date(now().year + 4, 3, 1)), "days_too_far"),
    ],
)
def test_days_that_cannot_be_are_refused(school: Any, admin: Any, desk: Client, days: Any, code: str) -> None:
    first, last = days()
    with use_tenant(school.id), pytest.raises(Invalid) as refused:
        add_change(actor=actor_of(admin), first_day=first, last_day=last, is_workday=False)
    assert refused.value.fields[0][1] == code
    answer = desk.post(PAGE, {"first_day": first.isoformat(), "last_day": last.isoformat(), "kind": "free"})
    assert answer.status_code == 422
    assert days_of(school) == []
    with use_tenant(school.id):
        assert not AuditEntry.objects.filter(action="workday.add").exists()


def test_the_same_day_has_one_word(school: Any, admin: Any, desk: Client) -> None:
    with use_tenant(school.id):
        add_change(actor=actor_of(admin), first_day=soon(3), last_day=soon(5), is_workday=False)
        with pytest.raises(Conflict) as refused:
            add_change(actor=actor_of(admin), first_day=soon(5), last_day=soon(6), is_workday=True)
    assert refused.value.reason == "days_overlap"
    told = desk.post(PAGE, {"first_day": soon(5).isoformat(), "last_day": "", "kind": "worked"})
    assert told.status_code == 422
    assert "Some of these days are entered already" in told.content.decode()
    assert days_of(school) == [(soon(3), soon(5), False)]


@pytest.mark.parametrize("role", ["staff", "centre", "finance", "union"])
def test_nobody_else_changes_the_calendar(school: Any, role: str) -> None:
    member = make_person(school, role)
    client = Client(headers={"host": school.host})
    client.force_login(member.user)
    assert client.get(PAGE).status_code in (403, 404)
    with use_tenant(school.id), pytest.raises(Forbidden):
        add_change(actor=actor_of(member), first_day=soon(), last_day=soon(), is_workday=False)
    assert days_of(school) == []


def test_another_school_s_entry_is_not_there(school: Any, other_school: Any, admin: Any, desk: Client) -> None:
    other = make_person(other_school, "admin")
    with use_tenant(other_school.id):
        row = add_change(actor=actor_of(other), first_day=soon(), last_day=soon(), is_workday=False)
    assert desk.post(f"{PAGE}{row.pk}/remove/").status_code == desk.post(f"{PAGE}{uuid4()}/remove/").status_code == 404
    with use_tenant(school.id):
        with pytest.raises(NotFound):
            remove_change(actor=actor_of(admin), change_id=row.pk)
        assert calendar().changes == ()
    assert days_of(other_school) == [(soon(), soon(), False)]

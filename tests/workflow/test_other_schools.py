"""Somebody who belongs to two schools finds the other from their own page; neither school learns of it (C)."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import local_day, now
from notifications.models import InboxMessage, OutboxMessage
from tenancy.scope import use_tenant
from tests.conftest import make_person

pytestmark = pytest.mark.django_db
OWN = ("/my/", "/accounts/profile/")


@pytest.fixture
def both(school: Any, other_school: Any) -> tuple[Membership, Membership]:
    """One account with a place in each school; the schools call the person by different names."""
    here = make_person(school, "staff", name="赵一鸣")
    return here, make_person(other_school, "staff", name="赵老师", user=here.user)


def client_of(tenant: Any, user: Any) -> Client:
    client = Client(headers={"host": tenant.host})
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def kept(tenant: Any) -> tuple[int, int, int]:
    with use_tenant(tenant.id):
        return AuditEntry.objects.count(), InboxMessage.objects.count(), OutboxMessage.objects.count()


@pytest.mark.parametrize("path", OWN)
def test_the_other_school_is_one_tap_from_my_own_page(school: Any, other_school: Any, both: Any, path: str) -> None:
    client = client_of(school, both[0].user)
    client.defaults["HTTP_HOST"] = f"{school.host}:8000"
    before = kept(school), kept(other_school)
    answer = client.get(path)
    page = answer.content.decode()
    assert f'href="http://{other_school.host}:8000/my/"' in page
    assert other_school.name in page
    assert both[1].name not in page, "how the other school calls the person is its own"
    assert answer["Referrer-Policy"] == "same-origin", "the other host would read where they came from"
    assert (kept(school), kept(other_school)) == before


def test_the_link_leads_to_the_other_schools_own_door(school: Any, other_school: Any, both: Any) -> None:
    stranger = Client(headers={"host": other_school.host}).get("/my/")
    assert stranger.status_code == 302
    assert "/accounts/login/" in stranger["Location"]
    assert both[1].name in client_of(other_school, both[1].user).get("/my/").content.decode()


@pytest.mark.parametrize("path", OWN)
def test_who_belongs_to_one_school_sees_no_other(school: Any, other_school: Any, both: Any, path: str) -> None:
    alone = make_person(school, "staff", name="钱一")
    page = client_of(school, alone.user).get(path).content.decode()
    assert "我的其他学校" not in page
    assert other_school.host not in page


@pytest.mark.parametrize("path", OWN)
@pytest.mark.parametrize("why", ["left", "not_yet", "shut"])
def test_a_place_that_does_not_count_today_is_no_place(
    school: Any, other_school: Any, both: Any, path: str, why: str
) -> None:
    today = local_day(now(), other_school.time_zone)
    with use_tenant(other_school.id):
        place = Membership.objects.filter(pk=both[1].pk)
        if why == "left":
            place.update(left_on=today - timedelta(days=1))
        elif why == "not_yet":
            place.update(active_from=today + timedelta(days=1))
    if why == "shut":
        type(other_school).objects.filter(pk=other_school.pk).update(is_active=False)
    assert other_school.host not in client_of(school, both[0].user).get(path).content.decode()


def test_neither_school_learns_of_the_other(school: Any, other_school: Any, both: Any) -> None:
    """What the office of each school sees, before and after the person has looked."""
    client_of(school, both[0].user).get("/my/")
    for home, other, own in ((school, other_school, both[0]), (other_school, school, both[1])):
        admin = client_of(home, make_person(home, "admin", name="周管").user)
        for path in ("/school/members/", f"/school/members/{own.pk}/", "/school/record/", "/school/members/?q=赵"):
            page = admin.get(path, follow=True)
            assert page.status_code == 200, path
            assert other.name not in page.content.decode(), path
            assert other.host not in page.content.decode(), path


def test_a_second_look_asks_nothing_more(school: Any, other_school: Any, both: Any) -> None:
    client = client_of(school, both[0].user)
    client.get("/my/")
    with CaptureQueriesContext(connection) as asked:
        assert other_school.host in client.get("/my/").content.decode()
    assert not [query["sql"] for query in asked if "xinqiao_system" in query["sql"]]

"""Whoever has work at the school finds it on their own first page, and a page's title says each word once."""

import re

import pytest
from django.test import Client

from accounts.roles import Role
from tests.conftest import make_person, make_school
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db


def main_of(journey: Journey, *roles: str) -> str:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(make_person(journey.tenant, "staff", *roles).user)
    found = re.search(r"<main.*?</main>", client.get("/my/").content.decode(), re.DOTALL)
    assert found
    return found.group()


@pytest.mark.parametrize(
    ("role", "doors"),
    [
        (Role.PRINCIPAL, {"/finance/", "/centre/emergency/duty/"}),
        (Role.CENTRE, {"/centre/", "/centre/emergency/"}),
        (Role.UNION, {"/union/", "/finance/"}),
        (Role.FINANCE, {"/finance/"}),
        (Role.ADMIN, {"/school/"}),
    ],
)
def test_the_first_page_leads_to_ones_work(journey: Journey, role: str, doors: set[str]) -> None:
    page = main_of(journey, role)
    assert "我在学校的工作" in page
    assert {door for door in doors if f'class="task" href="{door}"' not in page} == set()


def test_who_has_no_further_work_is_told_of_none(journey: Journey) -> None:
    page = main_of(journey)
    assert "我在学校的工作" not in page
    assert 'href="/finance/"' not in page


@pytest.mark.parametrize(
    ("role", "path"),
    [(Role.EDITOR, "/school/tips/"), (Role.CENTRE, "/school/to-read/"), (Role.DISTRICT, "/district/")],
)
def test_a_title_says_each_word_once(role: str, path: str) -> None:
    school = make_school(kind="district" if role == Role.DISTRICT else "middle")
    client = Client(headers={"host": school.host, "accept-language": "zh-hans"})
    client.force_login(make_person(school, role).user)
    answer = client.get(path)
    assert answer.status_code == 200
    found = re.search(r"<title>(.*?)</title>", answer.content.decode(), re.DOTALL)
    assert found
    parts = [part.strip() for part in found.group(1).split("·")]
    assert len(parts) == len(set(parts)) == 2, parts

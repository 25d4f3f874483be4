"""Whoever has work at the school finds it on their own first page, and a page's title says each word once."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from kernel.clock import local_day, now, start_of_day
from referrals.staff.selectors import open_proposals, open_wishes
from referrals.workflow.answering import propose_times
from tests.conftest import make_person, make_school
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask

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


def test_proposed_times_are_found_without_the_agencies_of_all_schools(journey: Journey) -> None:
    """Joined, the planner goes through every agency once for each request of the person; the name is one read by its key."""
    referral = ask(journey)
    offer = referral.offers.get()
    at = start_of_day(local_day(now()) + timedelta(days=3)) + timedelta(hours=10)
    windows = [(at + timedelta(days=day), at + timedelta(days=day, minutes=50)) for day in (0, 1)]
    propose_times(actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, windows=windows)
    with CaptureQueriesContext(connection) as asked:
        found = list(open_proposals(journey.staff))
        assert {proposal.partner.name for proposal in found} == {journey.institution.name}
    assert len(found) == 2
    assert len(asked) == 2
    assert "partners_institution" not in asked[0]["sql"]
    assert "partners_institution" not in str(open_wishes(journey.staff).query)

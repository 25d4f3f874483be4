"""``/apply/``: what a person wants stands first, in their words; a kind with nothing behind it is not shown."""

import re

import pytest
from django.test import Client

from referrals.texts import KIND_TEXTS
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(journey: Journey) -> Client:
    client = Client(HTTP_HOST=journey.tenant.host, headers={"accept-language": "en"})
    client.force_login(journey.members["staff"].user)
    return client


def wants(page: str) -> list[str]:
    nav = re.search(r'<nav class="jump".*?</nav>', page, re.S)
    return re.findall(r"kind=(\w+)", nav[0]) if nav else []


def test_what_helps_is_asked_before_anything_is_filtered(client: Client) -> None:
    page = client.get("/apply/").content.decode().partition("<main")[2]
    assert wants(page) == ["counselling", "childcare"]
    assert str(KIND_TEXTS["counselling"].wish) in page
    assert page.index('class="jump"') < page.index("¥") < page.index('name="q"'), "prices, then the search"
    assert "camp" not in page and "meals" not in page


def test_a_want_leads_to_its_services_and_the_others_stay_in_sight(client: Client, journey: Journey) -> None:
    page = client.get("/apply/?kind=childcare").content.decode()
    assert journey.childcare.name in page
    assert journey.counselling.name not in page.partition("<main")[2]
    assert wants(page) == ["counselling", "childcare"]
    assert 'kind=childcare" aria-current="true"' in page


def test_a_search_within_a_want_keeps_it(client: Client, journey: Journey) -> None:
    page = client.get("/apply/", {"kind": "childcare", "q": journey.counselling.name}).content.decode()
    assert "Nothing matches" in page
    assert 'type="hidden" name="kind" value="childcare"' in page


def test_each_service_has_one_way_on_that_names_it(client: Client, journey: Journey) -> None:
    page = client.get("/apply/").content.decode().partition("<main")[2]
    rows = re.findall(r'<a class="btn quiet small" href="/apply/[0-9a-f-]{36}/"\s+aria-label="Continue: ([^"]+)"', page)
    assert rows == [journey.counselling.name, journey.childcare.name]

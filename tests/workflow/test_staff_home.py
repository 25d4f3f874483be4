"""``/my/``: what it reads of the tables that all schools share."""

import re

import pytest
from django.test import Client

from bench._plans import Sent, noting
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db
OWN = re.compile(r'FROM "referrals_(booking|referral|voucher)"')
SHARED = re.compile(r'JOIN "partners_(institution|service)"')


def test_no_list_of_one_s_own_goes_through_the_agencies_of_all_schools(journey: Journey) -> None:
    """A join reads all of them once for each list, found or not; what the page has priced already is not read again."""
    answer(journey, ask(journey))
    client = Client(headers={"host": journey.tenant.host, "accept-language": "zh-hans"})
    client.force_login(journey.members["staff"].user)  # type: ignore[arg-type]
    for _warm in range(2):  # the first loads the site, which may take longer than a host is remembered
        client.get("/my/")
    sent: list[Sent] = []
    messages: list[tuple[str, float]] = []
    with noting(sent, messages):
        page = client.get("/my/").content.decode()
    assert journey.counselling.name in page
    assert journey.counselling.institution.name in page
    own = [one.text for one in sent if OWN.search(one.text)]
    assert len(own) >= 3
    assert [text for text in own if SHARED.search(text)] == []
    assert len(messages) <= 8, [text[:90] for text, _ms in messages]

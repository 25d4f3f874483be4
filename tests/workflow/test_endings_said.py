"""Of what the school set aside is spoken only where it set something aside: it pays nothing towards some services, and nothing
towards any once the year's quota is used.
"""

import pytest
from django.test import Client

from referrals.models import Referral
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import ask

pytestmark = pytest.mark.django_db
SET_ASIDE = ("set aside", "goes back to your quota", "is free again")


@pytest.fixture
def two(own_journey: Journey) -> tuple[Journey, Referral, Referral]:
    """A request with the school's share, and one after the quota is used, which has none."""
    with use_tenant(own_journey.tenant.id):
        paid = ask(own_journey, units=8)
        unpaid = ask(own_journey, units=4, days=2)
    assert (paid.subsidy_fen > 0, unpaid.subsidy_fen) == (True, 0)
    return own_journey, paid, unpaid


def opened(journey: Journey, role: str) -> Client:
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    client.force_login(journey.members[role].user)
    return client


def says_so(page: str) -> bool:
    return any(words in page for words in SET_ASIDE)


def test_cancelling_speaks_of_the_share_only_where_there_is_one(two: tuple[Journey, Referral, Referral]) -> None:
    journey, paid, unpaid = two
    staff = opened(journey, "staff")
    for referral, is_paid in ((paid, True), (unpaid, False)):
        path = f"/my/referrals/{referral.pk}/cancel/"
        asked = staff.get(path).content.decode()
        assert says_so(asked) == is_paid
        assert "The agency is told, without a reason." in asked
        done = staff.post(path, follow=True).content.decode()
        assert "Cancelled." in done
        assert says_so(done) == is_paid, "the message and the course of the request"


def test_an_office_that_declines_is_told_the_same(two: tuple[Journey, Referral, Referral]) -> None:
    journey, paid, unpaid = two
    centre = opened(journey, "centre")
    for referral, is_paid in ((paid, True), (unpaid, False)):
        path = f"/centre/referrals/{referral.pk}/decline/"
        asked = centre.get(path).content.decode()
        assert says_so(asked) == is_paid
        assert "is free again" not in asked, "nothing is free before the button is pressed"
        assert "The person may ask for another look." in asked
        done = centre.post(path, {"reason": "talk_first"}, follow=True).content.decode()
        assert "The person has been told." in done
        assert says_so(done) == is_paid

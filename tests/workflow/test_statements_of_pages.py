"""How often a page asks the database, by count."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from referrals.models import Booking
from tenancy.scope import use_tenant
from tests.api.journey_client import confirmed, window
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
MOST = {"/my/": 8, "/apply/": 8, "/vouchers/": 7, "/my/referrals/": 6}


@pytest.mark.parametrize("address", MOST)
def test_a_page_asks_no_more_often_than_it_must(journey: Journey, address: str) -> None:
    """Session, account, place and unread messages among it; with an appointment, a voucher and requests to show."""
    confirmed(journey)
    confirmed(journey, windows=[window(days=1)])
    page = Client(headers={"host": journey.tenant.host})
    page.force_login(User.objects.get(pk=journey.actors["staff"].user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    page.get(address)
    with CaptureQueriesContext(connection) as captured:
        answer = page.get(address)
    assert answer.status_code == 200
    said = [row["sql"] for row in captured]
    assert len(said) <= MOST[address], "\n".join(sql[:300] for sql in said)
    if address == "/my/":
        with use_tenant(journey.tenant.id):
            coming = list(Booking.objects.order_by("starts_at", "id"))
        assert answer.context["booking"] == coming[0]
        assert answer.context["voucher"].booking_id == coming[0].pk
        assert len(answer.context["recent"]) == 2

"""An agency's lists: what comes next stands first, and where nothing is there nothing is to be filtered."""

from datetime import timedelta

import pytest
from django.test import Client

from kernel.clock import as_of, local_day, now
from referrals.counter.selectors import OVER, bookings
from tenancy.scope import use_partner
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import booked

pytestmark = pytest.mark.django_db


def client_of(journey: Journey) -> Client:
    client = Client(headers={"host": journey.platform.host, "accept-language": "en"})
    client.force_login(journey.partner_user)
    return client


def test_the_next_appointment_stands_first_and_what_is_over_is_asked_for(journey: Journey) -> None:
    whose = {5: journey.staff, 3: journey.staff2, 9: journey.staff, 2: journey.staff2}
    rows = {days: booked(journey, who=who, days=days)[1] for days, who in whose.items()}
    client = client_of(journey)
    with as_of(now() + timedelta(days=4)), use_partner(journey.institution.pk):
        assert [row.pk for row in bookings("", None)] == [rows[days].pk for days in (5, 9)]
        assert [row.pk for row in bookings(OVER, None)] == [rows[days].pk for days in (3, 2)]
        assert [row.pk for row in bookings("confirmed", None)] == [rows[days].pk for days in (9, 5, 3, 2)]
        assert [row.pk for row in bookings("", local_day(rows[3].starts_at))] == [rows[3].pk]
    with as_of(now() + timedelta(days=20)):
        page = client.get("/partner/bookings/").content.decode()
        assert "No appointment is coming" in page
        assert 'value="over"' in page, "those before today can be asked for where none is to come"
        assert rows[9].card in client.get("/partner/bookings/", {"state": OVER}).content.decode()


@pytest.mark.parametrize("listed", ["bookings", "offers", "redemptions"])
def test_where_nothing_is_there_is_nothing_to_filter(journey: Journey, listed: str) -> None:
    client, bar = client_of(journey), 'class="filters"'
    assert bar not in client.get(f"/partner/{listed}/").content.decode()
    narrowed = {"offers": "declined", "redemptions": "settled"}
    if state := narrowed.get(listed):
        assert bar in client.get(f"/partner/{listed}/", {"state": state}).content.decode()

"""The file of the books is by month and number: where a line stands says no day that the line itself does not say."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from demo.worlds import fill_pools
from kernel.clock import as_of
from referrals.models import Voucher
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def test_a_line_of_a_person_stands_by_its_number_not_between_two_days(journey: Journey) -> None:
    moment = datetime(2027, 3, 1, 2, tzinfo=UTC)
    with use_tenant(journey.tenant.id):
        for number in range(3):
            with as_of(moment + timedelta(days=5 * number)):
                fill_pools(journey.finance, journey.finance2, [2027], {"camp": 100 + number})
                booking = answer(journey, ask(journey))
                voucher = Voucher.objects.get(booking=booking)
            with as_of(booking.starts_at):
                redeem(actor=journey.partner_counter, text=voucher.code)
        with as_of(moment + timedelta(days=31)):
            fill_pools(journey.finance, journey.finance2, [2027], {"camp": 200})
        vouchers = sorted(Voucher.objects.values_list("number", flat=True))
    client = Client(headers={"host": journey.tenant.host, "accept-language": "en"})
    user = journey.members["finance"].user
    assert user is not None
    client.force_login(user)
    with as_of(moment + timedelta(days=32)):
        text = client.get("/finance/ledger/export.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    months = [row["Month"] for row in rows]
    assert months == sorted(months, reverse=True)
    march = [row for row in rows if row["Month"] == "2027-03"]
    dated = [bool(row["Booked at"]) for row in march]
    assert dated == sorted(dated, reverse=True), "no line without a day between two with one"
    assert sum(dated) == 3
    numbers = [row["Number"] for row in march]
    assert numbers == sorted(numbers)
    assert set(numbers) >= set(vouchers)
    assert rows[0]["Month"] == "2027-04"

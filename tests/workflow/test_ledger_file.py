"""The file of the books is by month and number: where a line stands says no day that the line itself does not say."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from demo.worlds import fill_pools
from kernel.clock import as_of
from ledger.models import Entry, Transfer
from referrals.models import Voucher
from referrals.offices.lists import Ledger
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask
from ui import lists

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


def test_a_kind_with_very_many_movements_is_counted_by_its_transfers(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Along the entries each is asked what kind its transfer is, a thousand times; the kinds of transfers have an index (P3)."""
    monkeypatch.setattr(Ledger, "size", 1)
    client = Client(headers={"host": journey.tenant.host})
    user = journey.members["finance"].user
    assert user is not None
    client.force_login(user)
    with use_tenant(journey.tenant.id):
        fill_pools(journey.finance, journey.finance2, [2028, 2029], {"camp": 100})
        moved = Entry.objects.filter(amount__gt=0, transfer__in=Transfer.objects.filter(kind="grant")).count()
    assert moved > 3
    for most, said, along_entries in ((1_000, str(moved), True), (2, "2+", False)):
        monkeypatch.setattr(lists, "MOST_COUNTED", most)
        with CaptureQueriesContext(connection) as asked:
            page = client.get("/finance/ledger/?kind=grant").context["page"]
        assert page.count == said
        counts = [query["sql"] for query in asked if "COUNT(" in query["sql"] and "ledger_" in query["sql"]]
        assert any("ledger_entry" in sql for sql in counts) is along_entries, counts


def test_where_more_is_asked_than_a_kind_the_rows_themselves_are_counted(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book or a month has fewer movements than its kind has: its count would be too high."""
    monkeypatch.setattr(Ledger, "size", 1)
    monkeypatch.setattr(lists, "MOST_COUNTED", 2)
    client = Client(headers={"host": journey.tenant.host})
    user = journey.members["finance"].user
    assert user is not None
    client.force_login(user)
    for more in ("book=quota", "first=2028-01-01", "q=K"):
        page = client.get(f"/finance/ledger/?kind=grant&{more}").context["page"]
        assert page.count in ("0", "1", "2"), more

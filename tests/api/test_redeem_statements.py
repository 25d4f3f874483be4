"""A redemption is a handful of messages to the database, whatever the rules ask (promise P2)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of, local_day, now, start_of_day
from ledger.selectors import difference
from referrals.models import Redemption, Voucher
from tenancy.scope import use_tenant
from tests.api.journey_client import API, confirmed, counter_of
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
MOST = 10
"""With BEGIN, COMMIT, a savepoint and knowing who asks."""
MOST_WITH_KEY = 14


@pytest.mark.parametrize(("key", "most"), [(None, MOST), ("once", MOST_WITH_KEY)])
def test_a_redemption_over_http_is_at_most_ten_messages(journey: Journey, key: str | None, most: int) -> None:
    tomorrow = start_of_day(local_day(now()) + timedelta(days=1))
    for hours in (10, 14):  # the first one teaches the process what it learns once
        start = tomorrow + timedelta(hours=hours)
        times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
        confirmed(journey, windows=[times])
    counter = counter_of(journey)
    with use_tenant(journey.tenant.id):
        codes = [voucher.code for voucher in Voucher.objects.all()]
    with as_of(start):
        assert counter.post(f"{API}partner/redemptions/", {"code": codes[0]}).status_code == 201
        with CaptureQueriesContext(connection) as caught:
            answer = counter.post(f"{API}partner/redemptions/", {"code": codes[1]}, key=key)
    assert answer.status_code == 201, answer.content
    told = [query["sql"].split("SET LOCAL ROLE")[-1][:120] for query in caught.captured_queries]
    assert len(told) <= most, "\n".join(told)
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 2
        assert difference() == 0

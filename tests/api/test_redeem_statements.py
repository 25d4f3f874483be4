"""A redemption is a handful of messages to the database, whatever the rules ask (promise P2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kernel.clock import as_of, local_day, now, start_of_day
from ledger.selectors import difference
from referrals.models import Redemption, Voucher
from referrals.workflow.looking import look
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, confirmed, counter_of, office_of
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db
MOST = 7
"""With knowing who asks. A test's own transaction makes savepoints of BEGIN and COMMIT: the product sends one less, for its
BEGIN goes with the first look (``tests/tenancy/test_messages.py``)."""
MOST_WITH_KEY = 9
"""Its lock with the look whether it was answered, and its row."""


@pytest.mark.parametrize("who", [counter_of, office_of])
@pytest.mark.parametrize(("key", "most"), [(None, MOST), ("once", MOST_WITH_KEY)])
def test_a_redemption_over_http_is_a_handful_of_messages(
    journey: Journey, settings: Any, key: str | None, most: int, who: Callable[[Journey], Caller]
) -> None:
    """As in production: the office is asked for its second factor, the counter is not."""
    settings.SECOND_FACTOR_REQUIRED = True
    Authenticator.objects.create(user_id=journey.partner_office.user_id, type=Authenticator.Type.TOTP, data={})
    tomorrow = start_of_day(local_day(now()) + timedelta(days=1))
    for hours in (10, 14):  # the first one teaches the process what it learns once
        start = tomorrow + timedelta(hours=hours)
        times = {"starts_at": start.isoformat(), "ends_at": (start + timedelta(hours=2)).isoformat()}
        confirmed(journey, windows=[times])
    counter = who(journey)
    with use_tenant(journey.tenant.id):
        codes = [voucher.code for voucher in Voucher.objects.all()]
    with as_of(start):
        assert counter.post(f"{API}partner/redemptions/", {"code": codes[0]}, key="first").status_code == 201
        with CaptureQueriesContext(connection) as caught:
            answer = counter.post(f"{API}partner/redemptions/", {"code": codes[1]}, key=key)
    assert answer.status_code == 201, answer.content
    told = [query["sql"].split("SET LOCAL ROLE")[-1][:120] for query in caught.captured_queries]
    assert len(told) <= most, "\n".join(told)
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.count() == 2
        assert difference() == 0


def test_the_look_stands_behind_the_wall_as_every_statement_does(journey: Journey, other_school: Any) -> None:
    confirmed(journey)
    with use_tenant(journey.tenant.id):
        voucher = Voucher.objects.get()
        assert look(voucher.pk, lock=True).voucher == voucher
    given = [journey.tenant.id, voucher.pk, "voucher", now()]
    for opened, seen in ((journey.tenant, 1), (other_school, 0)):
        with use_tenant(opened.id), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM voucher_look(%s, %s, false, %s, %s)", given)
            assert cursor.fetchone() == (seen,)

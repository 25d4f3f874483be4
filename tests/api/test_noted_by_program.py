"""By program: what a counter noted without network (books §3, ADR 0061)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from kernel.clock import as_of
from ledger.selectors import difference
from referrals.missed import day_over_at
from referrals.models import Booking, Redemption
from referrals.subsidies.accounting import units_difference
from tenancy.scope import use_tenant
from tests.api.journey_client import API, Caller, contents, counter_of, staff_of
from tests.fixtures_journey import Journey
from tests.workflow.missed_steps import DAY, booked

pytestmark = pytest.mark.django_db
NOTED = f"{API}partner/redemptions/noted/"
HOUR = timedelta(hours=1)


def over(booking: Booking) -> datetime:
    return day_over_at(booking.ends_at, booking.zone)


def body(code: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"code": code, "noted_at": at.isoformat(), "clock_off_ms": 0, **more}


def test_a_note_of_yesterday_is_taken_once_and_one_that_is_late_is_asked_about(journey: Journey) -> None:
    counter = counter_of(journey)
    with use_tenant(journey.tenant.id):
        _referral, first, voucher = booked(journey)
        _referral, second, late = booked(journey, days=2)
    with as_of(over(first) + HOUR):
        sent = body(voucher.code, first.starts_at - HOUR, clock_off_ms=3_600_000)
        answers = [counter.post(NOTED, sent, key="6d1f6f0e-3c0f-4bb8-9a3a-0d1d6a1f4a10") for _ in range(2)]
    assert [each.status_code for each in answers] == [201, 201]
    told = answers[0].json()
    assert (told["booking"], told["redeemed"]["self_fen"], told == answers[1].json()) == (None, 9_000, True)
    with as_of(over(second) + DAY + HOUR):
        asked = counter.post(NOTED, body(late.code, over(second) - HOUR))
    assert (asked.status_code, asked.json()) == (201, {"redeemed": None, "booking": str(second.pk)})
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.get().redeemed_at == first.starts_at
        assert Booking.objects.get(pk=second.pk).agency_says == "yes"
        assert difference() == units_difference() == 0


def test_half_said_and_by_others_nothing_changes(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        _referral, booking, voucher = booked(journey)
    at = booking.starts_at
    callers: dict[str, Caller] = {who: staff_of(journey, who) for who in ("staff", "finance")}
    counter = counter_of(journey)
    before = contents(journey.tenant, without=("audit.AuditEntry", "audit.AuditHead", "accounts.ApiToken"))
    with as_of(at):
        for caller in callers.values():
            assert caller.post(NOTED, body(voucher.code, at)).status_code in (403, 404)
        for wrong in (
            {"clock_off_ms": 86_400_001}, {"clock_off_ms": 1.5}, {"clock_off_ms": None}, {"noted_at": "today"},
            {"noted_at": at.replace(tzinfo=None).isoformat()}, {"units": 0}, {"units": 61}, {"token": "x"}, {"more": 1},
        ):  # fmt: skip
            assert counter.post(NOTED, body(voucher.code, at, **wrong)).status_code == 400, wrong
        late = counter.post(NOTED, body(voucher.code, at + HOUR))
        assert (late.status_code, late.json()["code"]) == (422, "note_too_late")
    assert contents(journey.tenant, without=("audit.AuditEntry", "audit.AuditHead", "accounts.ApiToken")) == before

"""Eight agencies confirm one request in the same second: exactly one has it, seven are told that it is taken (books §2)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from kernel.errors import Conflict
from ledger.selectors import difference
from referrals.models import Booking, Offer, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import answering
from referrals.workflow.answering import confirm_offer
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.several_steps import agency_with, ask_several, offer_to, pay_for

pytestmark = pytest.mark.usefixtures("committed")
AGENCIES = 8


def asked(journey: Journey) -> tuple[Referral, list[Callable[[], Any]]]:
    with use_tenant(journey.tenant.pk):
        pay_for(journey, "home_help")
        rows = [agency_with(journey, "home_help", 20_000 + 1_000 * number) for number in range(AGENCIES)]
        referral = ask_several(journey, [service for service, _office in rows])
        start = referral.windows.get().starts_at
        offers = [(offer_to(referral, service).pk, office) for service, office in rows]

    def confirm(offer_id: Any, office: Any) -> Any:
        return confirm_offer(
            actor=office,
            tenant=journey.tenant,
            offer_id=offer_id,
            starts_at=start,
            ends_at=start + timedelta(minutes=50),
        )

    return referral, [lambda row=row: confirm(*row) for row in offers]


def test_exactly_one_of_eight_wins() -> None:
    journey = make_journey(make_school())
    referral, acts = asked(journey)
    said = at_once(journey.tenant, acts)
    lost = [row for row in said if isinstance(row, Conflict)]
    assert (len(lost), {row.reason for row in lost}) == (AGENCIES - 1, {"taken"})
    with use_tenant(journey.tenant.pk):
        assert (Booking.objects.count(), Voucher.objects.count()) == (1, 1)
        referral.refresh_from_db()
        won = Offer.objects.get(referral=referral, state="accepted")
        assert (referral.partner_id, referral.subsidy_fen) == (won.partner_id, won.subsidy_fen)
        assert difference() == units_difference() == 0


def test_control_without_the_lock_of_the_request_others_come_as_far_as_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The race is real: where nobody waits for the request, losers are not told ``taken`` but run into a constraint."""
    journey = make_journey(make_school())
    _referral, acts = asked(journey)

    def unlocked(actor: Any, offer_id: Any) -> tuple[Referral, Offer]:
        offer = Offer.objects.select_related("service").get(pk=offer_id)
        return Referral.objects.get(pk=offer.referral_id), offer

    monkeypatch.setattr(answering, "_locked_offer", unlocked)
    said = at_once(journey.tenant, acts)
    assert any(isinstance(row, Exception) and not isinstance(row, Conflict) for row in said)

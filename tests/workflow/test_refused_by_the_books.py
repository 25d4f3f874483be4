"""The books say no after the rule said yes: nothing of the redemption stays but the scan that says why."""

import pytest

from accounts.actor import system_in
from kernel.errors import Refused
from ledger.keys import Kind
from ledger.models import Transfer
from ledger.selectors import difference
from ledger.workflow import move
from notifications.models import OutboxMessage
from referrals.models import Booking, Redemption, Referral, ScanLog, Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.api.journey_client import at_the_appointment, confirmed
from tests.fixtures_journey import Journey

pytestmark = pytest.mark.django_db


def test_what_the_books_refuse_leaves_a_scan_and_nothing_else(journey: Journey) -> None:
    confirmed(journey)
    with use_tenant(journey.tenant.id):
        referral, voucher = Referral.objects.get(), Voucher.objects.get()
        unit = Unit.objects.get()
        accounts = accounting.accounts_of(referral, unit.service_date)
        assert accounts.quota is not None
        move(
            actor=system_in(journey.tenant.id),
            kind=Kind.RELEASE,
            amounts={accounts.pool: unit.subsidy_fen, accounts.quota: unit.quota},
            reference="lost",
            against=unit.reservation,
        )
        kept = [list(model.objects.order_by("pk").values()) for model in (Referral, Voucher, Booking, Transfer, Unit)]
        told = OutboxMessage.objects.count()
    with at_the_appointment(journey), pytest.raises(Refused) as refused:
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert refused.value.reason == "more_than_reserved"
    with use_tenant(journey.tenant.id):
        assert [
            list(model.objects.order_by("pk").values()) for model in (Referral, Voucher, Booking, Transfer, Unit)
        ] == kept
        assert not Redemption.objects.exists()
        assert OutboxMessage.objects.count() == told
        assert ScanLog.objects.get().outcome == "more_than_reserved"
        assert difference() == 0

"""An institution is terminated: unserved units are free again, done ones stay, the person may ask another (books §4)."""

from datetime import timedelta
from typing import Any

import pytest

from kernel.clock import as_of
from ledger.selectors import difference
from notifications.models import OutboxMessage
from partners.models import Institution
from referrals.due import run_due
from referrals.models import Booking, Offer, Redemption, Voucher
from referrals.staff.selectors import agencies_instead
from referrals.subsidies.accounting import units_difference
from referrals.workflow.redeeming import redeem
from tests.fixtures_journey import Journey
from tests.workflow.journey_steps import answer, ask, pool, second_agency

pytestmark = pytest.mark.django_db


def end(journey: Journey, state: str = "terminated") -> None:
    Institution.objects.filter(pk=journey.institution.pk).update(state=state)


def even() -> bool:
    return difference() == units_difference() == 0


def test_what_was_not_served_is_void_and_free_and_another_is_offered(journey: Journey) -> None:
    second_agency(journey)
    referral = ask(journey, units=2, days=3)
    answer(journey, referral)
    end(journey)
    run_due()
    referral.refresh_from_db()
    assert (referral.state, referral.decline_reason) == ("expired", "agency_ended")
    assert (Voucher.objects.get().state, Booking.objects.get().state) == ("void", "cancelled")
    assert pool(journey).reserved == 0
    assert OutboxMessage.objects.filter(template="booking_cancelled_by_agency").exists()
    assert len(agencies_instead(journey.staff, journey.tenant, referral)) == 1
    before = OutboxMessage.objects.count()
    run_due()
    assert OutboxMessage.objects.count() == before, "twice is once"
    assert even()


def test_what_was_done_stays_payable(journey: Journey) -> None:
    referral = ask(journey, units=3)
    booking = answer(journey, referral)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        end(journey, "archived")
        run_due()
    referral.refresh_from_db()
    assert (referral.state, Voucher.objects.get().state) == ("completed", "void")
    assert (pool(journey).spent, pool(journey).reserved) == (21_000, 0)
    assert Redemption.objects.get().state == "redeemed"
    assert even()


def test_what_has_begun_today_waits_until_its_day_is_over(journey: Journey) -> None:
    referral = ask(journey)
    booking = answer(journey, referral)
    end(journey)
    with as_of(booking.starts_at + timedelta(minutes=5)):
        run_due()
    referral.refresh_from_db()
    assert referral.state == "confirmed", "it may be taking place"
    assert even()


@pytest.mark.parametrize("state", ["listed", "suspended"])
def test_nothing_ends_at_an_institution_that_goes_on(journey: Journey, state: str) -> None:
    referral = ask(journey, days=3)
    answer(journey, referral)
    end(journey, state)
    run_due()
    referral.refresh_from_db()
    assert referral.state == "confirmed"


def test_a_question_without_answer_is_a_no_at_once(journey: Journey) -> None:
    referral: Any = ask(journey, days=3)
    end(journey)
    run_due()
    referral.refresh_from_db()
    assert (referral.state, Offer.objects.get().state) == ("expired", "declined")
    assert pool(journey).reserved == 0
    assert even()

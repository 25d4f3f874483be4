"""Both answer in the same second, one person misses twice at once, a cancel meets a redemption: one outcome, books even."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from kernel.clock import as_of
from ledger.selectors import difference
from referrals.missed import Outcome, Said, day_over_at, outcome
from referrals.models import Booking, Redemption, Referral, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import calling_off, cancelling
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import say_took_place
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.missed_steps import booked, with_terms

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture
def planted(committed: None) -> Journey:
    """A school whose agreement asks fees; its rows are really committed."""
    journey = make_journey(make_school())
    with use_tenant(journey.tenant.id):
        with_terms(journey)
    return journey


def say(journey: Journey, who: Any, booking: Booking, says: str) -> Any:
    def act() -> Booking:
        with as_of(day_over_at(booking.ends_at, booking.zone) + timedelta(minutes=5)):
            return say_took_place(actor=who, tenant=journey.tenant, booking_id=booking.pk, says=says)

    return act


def cancel(journey: Journey, referral: Referral, booking: Booking, before: timedelta = timedelta(hours=1)) -> Any:
    def act() -> Referral:
        with as_of(booking.starts_at - before):
            return cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)

    return act


def even(journey: Journey) -> None:
    with use_tenant(journey.tenant.id):
        assert difference() == units_difference() == 0


def test_both_say_yes_in_the_same_second_and_it_is_redeemed_once(planted: Journey) -> None:
    with use_tenant(planted.tenant.id):
        _referral, booking, _voucher = booked(planted)
    acts = [say(planted, who, booking, "yes") for who in (planted.staff, planted.partner_counter)]
    answers = at_once(planted.tenant, acts)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    with use_tenant(planted.tenant.id):
        booking.refresh_from_db()
        assert booking.state == "done"
        assert Redemption.objects.filter(booking=booking).count() == 1
    even(planted)


def test_without_the_lock_neither_would_know_of_the_other(planted: Journey) -> None:
    """The control: each reads, both have read, each decides by what it has read."""
    with use_tenant(planted.tenant.id):
        _referral, booking, _voucher = booked(planted)
    both_have_read = threading.Barrier(2)

    def act(field: str) -> Any:
        def unlocked() -> Outcome:
            with transaction.atomic():
                row = Booking.objects.get(pk=booking.pk)
                both_have_read.wait(timeout=30)
                setattr(row, field, Said.YES)
                row.save(update_fields=[field])
                return outcome(Said(row.person_says), Said(row.agency_says), is_over=False)

        return unlocked

    assert at_once(planted.tenant, [act("person_says"), act("agency_says")]) == [Outcome.OPEN, Outcome.OPEN]


def test_one_person_misses_two_at_once_and_a_pool_pays_one(planted: Journey) -> None:
    with use_tenant(planted.tenant.id):
        pairs = [booked(planted, days=days)[:2] for days in (1, 2)]
    at_once(planted.tenant, [cancel(planted, referral, booking) for referral, booking in pairs])
    with use_tenant(planted.tenant.id):
        assert Redemption.objects.filter(kind="fee").count() == 1
        assert set(Booking.objects.values_list("state", flat=True)) == {"cancelled_late"}
    even(planted)


def test_without_the_locks_a_pool_would_pay_both(planted: Journey, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nobody waits for the other before it is looked at whose is the first."""
    with use_tenant(planted.tenant.id):
        pairs = [booked(planted, days=days)[:2] for days in (1, 2)]
    both_are_there = threading.Barrier(2)
    monkeypatch.setattr(calling_off, "lock_fees", lambda _referral: None)
    monkeypatch.setattr(cancelling, "lock_accounts_of", lambda _referral: None)
    monkeypatch.setattr(cancelling, "record", lambda **_facts: both_are_there.wait(timeout=30))
    at_once(planted.tenant, [cancel(planted, referral, booking) for referral, booking in pairs])
    with use_tenant(planted.tenant.id):
        assert Redemption.objects.filter(kind="fee").count() == 2


def test_a_cancel_in_the_second_of_a_redemption_is_one_or_the_other(planted: Journey) -> None:
    with use_tenant(planted.tenant.id):
        referral, booking, voucher = booked(planted)
        code = Voucher.objects.get(pk=voucher.pk).code

    def scan() -> Any:
        with as_of(booking.starts_at - timedelta(minutes=5)):
            return redeem(actor=planted.partner_counter, text=code)

    answers = at_once(planted.tenant, [scan, cancel(planted, referral, booking, timedelta(minutes=5))])
    assert len([answer for answer in answers if isinstance(answer, Exception)]) == 1, answers
    with use_tenant(planted.tenant.id):
        booking.refresh_from_db()
        [line] = Redemption.objects.all()
        assert (booking.state, line.kind) in {("done", "service"), ("cancelled_late", "fee")}
    even(planted)

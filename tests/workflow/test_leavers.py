"""Who leaves the school: thirty days for what is booked, everything beyond is free again (books §4, rules §1)."""

from datetime import date, timedelta

import pytest

from accounts.models import Membership
from audit.models import AuditEntry
from kernel.clock import as_of, now
from kernel.errors import Refused
from ledger.keys import AccountKey, Balance, Book
from ledger.keys import Unit as CountedIn
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from partners.models import Service
from referrals.due import run_due
from referrals.models import Booking, Offer, Referral, ReliefWord, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.who_signs import ONE_CASE_FEN
from referrals.workflow.leavers import leave_school
from referrals.workflow.redeeming import redeem
from referrals.workflow.relief import submit_relief
from referrals.workflow.submitting import approve_referral
from tests.fixtures_journey import Journey, soon
from tests.workflow.journey_steps import answer, ask
from tests.workflow.several_steps import agency_with, pay_for
from tests.workflow.test_instant import draft_of, hold, send

pytestmark = pytest.mark.django_db


def leave(journey: Journey, on: date) -> None:
    Membership.objects.filter(pk=journey.members["staff"].pk).update(left_on=on)


def pool_of(referral: Referral) -> Balance:
    """The pool of the year of its day: twenty days from now may be another year."""
    return balance(AccountKey(Book.POOL, "counselling", referral.service_date.year, CountedIn.FEN))


def even() -> bool:
    return difference() == units_difference() == 0


def test_what_is_booked_within_thirty_days_is_used_and_paid(journey: Journey) -> None:
    referral = ask(journey, days=20)
    booking = answer(journey, referral)
    leave(journey, journey.tenant.today())
    with as_of(booking.starts_at):
        run_due()
        redeem(actor=journey.partner_counter, text=Voucher.objects.get(referral=referral).code)
    assert pool_of(referral).spent == referral.subsidy_fen
    assert even()


def test_what_is_booked_beyond_is_off_free_and_both_are_told(journey: Journey) -> None:
    referral = ask(journey, days=33)
    booking = answer(journey, referral)
    before = pool_of(referral).available
    leave(journey, journey.tenant.today())
    run_due()
    booking.refresh_from_db()
    assert booking.state == "confirmed", "the last day itself counts"
    leave(journey, journey.tenant.today() - timedelta(days=1))
    run_due()
    run_due()
    referral.refresh_from_db()
    booking.refresh_from_db()
    assert (referral.state, booking.state, booking.missed_fee_fen) == ("cancelled", "cancelled", 0)
    assert pool_of(referral).available == before + referral.subsidy_fen
    assert OutboxMessage.objects.filter(template="left_school_off").exists()
    assert OutboxMessage.objects.filter(template="booking_cancelled").exists()
    assert even()


@pytest.mark.parametrize("state", ["submitted", "offered"])
def test_what_waits_for_an_answer_ends_free(journey: Journey, state: str) -> None:
    if state == "submitted":
        tenant = journey.tenant
        tenant.rules = {**tenant.rules, "automatic_approval": False}
        tenant.save()
    referral = ask(journey, days=5)
    assert referral.state == state
    leave(journey, journey.tenant.today() - timedelta(days=1))
    run_due()
    referral.refresh_from_db()
    assert (referral.state, referral.decline_reason) == ("cancelled", "left_school")
    assert pool_of(referral).reserved == 0
    assert not Offer.objects.filter(state="open").exists()
    assert even()


def test_an_open_voucher_ends_with_the_thirty_days_whether_or_not_the_sweep_has_been(journey: Journey) -> None:
    """The counter asks for the leaving day: a sweep that lags spends nothing of who left long ago."""
    referral = ask(journey, days=20)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(referral=referral)
    today = journey.tenant.day_of(booking.starts_at)
    leave(journey, today - timedelta(days=31))
    with as_of(booking.starts_at), pytest.raises(Refused, match="expired"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    leave(journey, today - timedelta(days=30))
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    assert even()


def test_of_a_course_the_later_appointments_go_and_the_rest_ends_with_the_voucher(journey: Journey) -> None:
    referral = ask(journey, days=20, units=2)
    booking = answer(journey, referral)
    voucher = Voucher.objects.get(referral=referral)
    left_on = journey.tenant.day_of(booking.starts_at) - timedelta(days=30)
    leave(journey, left_on)
    last = left_on + timedelta(days=30)
    with as_of(booking.starts_at):
        run_due()
        voucher.refresh_from_db()
        assert voucher.valid_until == last
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=2)):
        run_due()
        run_due()
    referral.refresh_from_db()
    assert referral.state == "completed"
    assert (pool_of(referral).reserved, pool_of(referral).spent) == (0, referral.subsidy_fen // 2)
    assert not Booking.objects.filter(referral=referral, state="confirmed").exists()
    assert even()


def test_whoever_stays_is_left_alone(journey: Journey) -> None:
    referral = ask(journey, days=33, who=journey.staff2)
    leave(journey, journey.tenant.today() - timedelta(days=40))
    run_due()
    assert Referral.objects.get(pk=referral.pk).state == "offered"


@pytest.mark.parametrize("days", [7, 45])
def test_how_many_days_is_the_schools(journey: Journey, days: int) -> None:
    """Counter and sweep ask for the same setting: the last day counts, the one after it does not."""
    journey.tenant.rules = {**journey.tenant.rules, "leaver_days": days}
    journey.tenant.save()
    referral = ask(journey, days=20)
    booking = answer(journey, referral)
    voucher, day = Voucher.objects.get(referral=referral), journey.tenant.day_of(booking.starts_at)
    leave(journey, day - timedelta(days=days + 1))
    with as_of(booking.starts_at), pytest.raises(Refused, match="expired"):
        redeem(actor=journey.partner_counter, text=voucher.code)
    leave(journey, day - timedelta(days=days))
    with as_of(booking.starts_at - timedelta(hours=1)):
        run_due()
    voucher.refresh_from_db()
    assert voucher.state == "issued", "the last day itself counts"
    leave(journey, day - timedelta(days=days + 1))
    with as_of(booking.starts_at - timedelta(days=1)):
        run_due()
    booking.refresh_from_db()
    assert booking.state == "cancelled", "what lies beyond is off"
    assert even()


def swept(journey: Journey, referral: Referral) -> bool:
    """The sweep's own look at one request."""
    return leave_school(actor=journey.union, tenant=journey.tenant, referral_id=referral.pk)


def test_what_reaches_not_beyond_is_left_as_it_is(journey: Journey) -> None:
    referral = ask(journey, days=20)
    answer(journey, referral)
    leave(journey, journey.tenant.today() - timedelta(days=1))
    before = Voucher.objects.get(referral=referral).valid_until
    assert not swept(journey, referral)
    assert Voucher.objects.get(referral=referral).valid_until == before
    assert not AuditEntry.objects.filter(action="referral.left_school").exists()


def test_what_has_run_out_by_its_dates_does_not_end_for_leaving(journey: Journey) -> None:
    referral = ask(journey, days=5)
    leave(journey, journey.tenant.today() - timedelta(days=1))
    assert referral.deadline is not None
    with as_of(max(referral.deadline, now() + timedelta(days=6))):
        assert not swept(journey, referral), "its own clock ends it, with its own words"
    assert Referral.objects.get(pk=referral.pk).decline_reason == ""


def test_what_is_under_way_today_is_not_cut_off(journey: Journey) -> None:
    referral = ask(journey, days=20)
    booking = answer(journey, referral)
    leave(journey, journey.tenant.day_of(booking.starts_at) - timedelta(days=31))
    with as_of(booking.starts_at + timedelta(minutes=5)):
        assert not swept(journey, referral)
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert not OutboxMessage.objects.filter(template="left_school_off").exists()


def test_a_first_word_on_relief_ends_with_the_leaving(journey: Journey) -> None:
    pay_for(journey, "crisis_relief", share_bp=10_000)
    service, _office = agency_with(journey, "home_help", ONE_CASE_FEN + 1, mode="confirm")
    start, _end = soon(days=5)
    asked = submit_relief(
        actor=journey.centre, tenant=journey.tenant, person_id=journey.members["staff"].pk, service_id=service.pk,
        units=1, windows=[(start, start + timedelta(hours=3))],
    )  # fmt: skip
    approve_referral(actor=journey.union, tenant=journey.tenant, referral_id=asked.pk)
    leave(journey, journey.tenant.today() - timedelta(days=1))
    assert swept(journey, asked)
    assert ReliefWord.objects.get().state == "ended", "nobody is to second it any more"
    assert even()


def test_a_time_that_waits_for_an_office_is_free_again(journey: Journey) -> None:
    Service.objects.filter(pk=journey.counselling.pk).update(mode="instant")
    journey.counselling.refresh_from_db()
    tenant = journey.tenant
    tenant.rules = {**tenant.rules, "automatic_approval": False}
    tenant.save()
    start = soon(days=5)[0].replace(minute=0)
    draft = draft_of(journey)
    hold(journey, draft, start)
    referral = send(journey, draft)
    booking = Booking.objects.get(referral=referral)
    assert (referral.state, booking.state, booking.slot is None) == ("submitted", "pending", False)
    leave(journey, journey.tenant.today() - timedelta(days=1))
    run_due()
    referral.refresh_from_db()
    booking.refresh_from_db()
    assert (referral.state, booking.state) == ("cancelled", "cancelled")
    hold(journey, draft_of(journey, journey.staff2), start, who=journey.staff2)  # the same time is free for a colleague
    assert even()

"""Cancelling less than a day before: what it costs, who pays it, and what the books say (books §3, rules §1)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of
from ledger.selectors import balance
from referrals.missed import MissedFee
from referrals.models import Redemption, Unit
from referrals.rules import Cancellation
from referrals.subsidies import accounting
from referrals.workflow.appointments import cancel_appointment, enter_appointment
from referrals.workflow.cancelling import cancel_referral, cancelling_means
from referrals.workflow.redeeming import reverse
from referrals.workflow.stopping import stop_course
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.journey_steps import pool
from tests.workflow.missed_steps import DAY, booked, even, fresh, lines, with_terms

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = timedelta(hours=1)


def quota_of(journey: Journey, referral: object) -> object:
    accounts = accounting.accounts_of(referral, referral.service_date)  # type: ignore[arg-type,attr-defined]
    assert accounts.quota is not None
    return balance(accounts.quota)


def test_a_day_before_it_is_free_and_a_second_later_it_is_late(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, _voucher = booked(journey, days=3)
    with as_of(booking.starts_at - DAY):
        assert cancelling_means(referral, journey.tenant).meaning is Cancellation.FREE
    with as_of(booking.starts_at - DAY + timedelta(seconds=1)):
        means = cancelling_means(referral, journey.tenant)
    assert means.meaning is Cancellation.LATE
    assert means.fee == MissedFee(9_000, 9_000, 0), "30 % of 300 yuan, from the 210 that the unit holds"


def test_the_first_is_paid_by_the_pool_in_one_line_and_the_rest_is_released(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey)
    with as_of(booking.starts_at - HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(referral, booking, voucher) == ("cancelled", "cancelled_late", "void")
    assert (booking.missed_fee_fen, booking.missed_paid_fen, booking.due_at) == (9_000, 9_000, None)
    line = Redemption.objects.get()
    assert (line.kind, line.state, line.subsidy_fen, line.self_fen) == ("fee", "validated", 9_000, 0)
    assert (line.redeemed_by_id, line.booking_id) == (None, booking.pk)
    stands = pool(journey)
    assert (stands.reserved, stands.spent) == (0, 9_000)
    assert (quota_of(journey, referral).reserved, quota_of(journey, referral).spent) == (0, 1)  # type: ignore[attr-defined]
    assert lines("fee") == [(line.service_date, line.service_date.year)]
    assert even()


def test_the_second_of_a_school_year_is_released_and_settled_between_the_two(journey: Journey) -> None:
    with_terms(journey)
    for _times in range(2):
        referral, booking, voucher = booked(journey)
        with as_of(booking.starts_at - HOUR):
            cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(referral, booking, voucher) == ("cancelled", "cancelled_late", "void")
    assert (booking.missed_fee_fen, booking.missed_paid_fen) == (9_000, 0)
    assert (pool(journey).reserved, pool(journey).spent) == (0, 9_000)
    assert Redemption.objects.count() == 1
    assert even()


def test_a_school_may_leave_the_first_to_the_person_too(journey: Journey) -> None:
    with_terms(journey)
    journey.tenant.rules = {"first_missed_paid": False}
    journey.tenant.save()
    referral, booking, _voucher = booked(journey)
    with as_of(booking.starts_at - HOUR):
        assert not cancelling_means(referral, journey.tenant).fee.uses_unit
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    booking.refresh_from_db()
    assert (booking.missed_fee_fen, booking.missed_paid_fen, pool(journey).spent) == (9_000, 0, 0)
    assert even()


def test_another_person_and_another_school_year_are_first_again() -> None:
    with as_of(datetime(2027, 8, 20, 2, tzinfo=UTC)):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            with_terms(journey)
            for who, days in ((journey.staff, 3), (journey.staff2, 4), (journey.staff, 14)):
                referral, booking, _voucher = booked(journey, who=who, days=days)
                with as_of(booking.starts_at - HOUR):
                    cancel_referral(actor=who, tenant=journey.tenant, referral_id=referral.pk)
            assert Redemption.objects.filter(kind="fee").count() == 3, "the third lies in September"
            assert even()


def test_the_kinder_of_school_and_agreement_says_what_is_late(journey: Journey) -> None:
    with_terms(journey, free_hours=2)
    referral, booking, _voucher = booked(journey)
    with as_of(booking.starts_at - 3 * HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(booking) == ("cancelled",)
    assert not Redemption.objects.exists()


def test_no_pool_pays_more_than_the_unit_holds(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey)
    splits = accounting.terms_of_referral(referral)
    assert splits.share_bp == 7_000
    with as_of(booking.starts_at - HOUR):
        means = cancelling_means(referral, journey.tenant)
    assert means.fee.pool_fen <= voucher.subsidy_fen


def test_a_course_lets_one_go_late_and_its_unit_goes_with_it(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey, units=3)
    with as_of(booking.starts_at - HOUR):
        cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(referral, booking, voucher) == ("confirmed", "cancelled_late", "issued")
    assert voucher.units_left == 2
    assert [unit.state for unit in Unit.objects.order_by("index")] == ["spent", "held", "held"]
    assert (pool(journey).reserved, pool(journey).spent) == (42_000, 9_000)
    with as_of(booking.starts_at):
        start, end = soon(days=5)
        following = enter_appointment(
            actor=journey.partner_counter, tenant=journey.tenant, voucher_id=voucher.pk, starts_at=start, ends_at=end
        )
    with as_of(start - HOUR):
        cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(following) == ("cancelled_late",)
    assert [unit.state for unit in Unit.objects.order_by("index")] == ["spent", "held", "released"], "the last unserved"
    voucher.refresh_from_db()
    assert voucher.units_left == 1
    assert even()


def test_where_the_agreement_asks_nothing_the_unit_of_a_course_stays(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=2)
    with as_of(booking.starts_at - HOUR):
        cancel_appointment(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
    assert fresh(booking, voucher) == ("cancelled_late", "issued")
    assert voucher.units_left == 2
    assert even()


def test_a_course_is_stopped_late_and_the_office_stops_it_free(journey: Journey) -> None:
    with_terms(journey)
    own, first, _voucher = booked(journey, units=2)
    with as_of(first.starts_at - HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=own.pk)
    assert Redemption.objects.filter(kind="fee").count() == 1
    other, second, voucher = booked(journey, who=journey.staff2, units=2)
    with as_of(second.starts_at - HOUR):
        stop_course(actor=journey.centre, tenant=journey.tenant, referral_id=other.pk)
    assert fresh(second, voucher) == ("cancelled", "void")
    assert Redemption.objects.filter(kind="fee").count() == 1, "the office's wish costs nobody"
    assert even()


def test_an_agency_waives_a_fee_and_the_pool_has_it_back(journey: Journey) -> None:
    with_terms(journey)
    referral, booking, voucher = booked(journey)
    before = pool(journey)
    with as_of(booking.starts_at - HOUR):
        cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
        line = Redemption.objects.get()
        reverse(actor=journey.partner_office, redemption_id=line.pk, reason="wrong_amount")
    assert fresh(line, voucher) == ("reversed", "void")
    assert not line.own_share_due
    assert (pool(journey).reserved, pool(journey).spent) == (0, 0)
    assert pool(journey).available == before.available + before.reserved
    assert Unit.objects.get().state == "released"
    assert even()
    again, booking, _voucher = booked(journey)
    with as_of(booking.starts_at - HOUR):
        assert cancelling_means(again, journey.tenant).fee.uses_unit, "a fee that was waived was no first one"

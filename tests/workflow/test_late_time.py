"""Dates decide, state follows: the sweep that lags changes nothing for anybody, and a school's day is its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kernel.clock import as_of, local_day, now
from kernel.errors import IllegalMove, Refused
from ledger.selectors import balance, difference
from notifications.models import OutboxMessage
from partners.models import Agreement, Institution
from referrals.counter.selectors import open_offers, visits_and_wishes
from referrals.due import run_due
from referrals.missed import day_over_at
from referrals.models import Booking, Offer, Proposal, Redemption, Referral, ScanLog, Voucher
from referrals.policy import PolicyTerms
from referrals.rules import is_over, may_answer, next_units
from referrals.selectors import in_state
from referrals.staff.selectors import open_proposals
from referrals.subsidies import accounting
from referrals.workflow.answering import accept_proposal, confirm_offer, decline_offer, propose_times
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.cancelling import cancel_referral
from referrals.workflow.redeeming import prepare, redeem, reverse
from referrals.workflow.submitting import submit_referral
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey, soon
from tests.workflow.journey_steps import answer, ask, pool

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def quota_of(journey: Journey, referral: Referral) -> Any:
    accounts = accounting.accounts_of(referral, referral.service_date)
    assert accounts.quota is not None
    return balance(accounts.quota)


@contextmanager
def world_at(moment: datetime) -> Iterator[Journey]:
    """A school whose whole history began at ``moment``; the clock stands there."""
    with as_of(moment):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            yield journey


def booked(journey: Journey, *, units: int = 1, days: int = 1) -> tuple[Referral, Booking, Voucher]:
    referral = ask(journey, units=units, days=days)
    booking = answer(journey, referral)
    return referral, booking, Voucher.objects.get(booking=booking)


# ---- pure rules


@pytest.mark.parametrize(
    ("used", "left"), [(set(), [0, 1, 2]), ({0}, [1, 2]), ({1}, [0, 2]), ({0, 2}, [1]), ({0, 1, 2}, [])]
)
def test_the_next_unit_is_the_first_that_no_standing_redemption_uses(used: set[int], left: list[int]) -> None:
    assert next_units(["a", "b", "c"], used) == [(place, "abc"[place]) for place in left]


def test_a_last_day_is_included() -> None:
    assert not is_over(date(2026, 12, 31), date(2026, 12, 31))
    assert is_over(date(2026, 12, 31), date(2027, 1, 1))


def test_an_offer_is_answered_before_its_deadline_and_while_it_is_open() -> None:
    deadline = datetime(2026, 12, 1, 9, tzinfo=UTC)
    offer = SimpleNamespace(state="open", deadline=deadline)
    assert may_answer(offer, deadline - timedelta(microseconds=1))
    assert not may_answer(offer, deadline)
    assert not may_answer(SimpleNamespace(state="accepted", deadline=deadline), deadline - timedelta(hours=1))


# ---- an offer after its deadline


def test_after_the_deadline_no_answer_counts_however_late_the_sweep(journey: Journey) -> None:
    referral = ask(journey, days=5)
    offer = Offer.objects.get(referral=referral)
    start = referral.windows.get().starts_at
    times = {"starts_at": start, "ends_at": start + timedelta(minutes=50)}
    office: dict[str, Any] = {"actor": journey.partner_office, "offer_id": offer.pk}
    held, messages = pool(journey), OutboxMessage.objects.count()
    with as_of(offer.deadline):
        assert open_offers(journey.partner_office) == []
        assert Offer.objects.filter(in_state("expired", now())).get() == offer
        for late in (
            lambda: confirm_offer(tenant=journey.tenant, **office, **times),
            lambda: propose_times(tenant=journey.tenant, **office, windows=[soon(days=6)]),
            lambda: decline_offer(**office, reason="no_capacity"),
        ):
            with pytest.raises(Refused, match="too_late"):
                late()
        with pytest.raises(IllegalMove):
            cancel_referral(actor=journey.staff, tenant=journey.tenant, referral_id=referral.pk)
        assert (Booking.objects.count(), Voucher.objects.count(), Proposal.objects.count()) == (0, 0, 0)
        assert (pool(journey), OutboxMessage.objects.count()) == (held, messages)
        run_due()
    referral.refresh_from_db()
    assert (referral.state, pool(journey).reserved) == ("expired", 0)
    assert OutboxMessage.objects.filter(template="offer_expired").count() == 2, "counter and office"
    with as_of(offer.deadline - timedelta(seconds=1)):
        assert open_offers(journey.partner_office) == [], "written down by now"


def test_a_proposed_time_is_not_taken_after_the_deadline(journey: Journey) -> None:
    referral = ask(journey)
    offer = Offer.objects.get(referral=referral)
    (proposal,) = propose_times(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, windows=[soon(days=4)]
    )
    offer.refresh_from_db()
    taking = {"tenant": journey.tenant, "referral_id": referral.pk, "proposal_id": proposal.pk}
    with as_of(offer.deadline):
        assert not open_proposals(journey.staff).exists()
        with pytest.raises(Refused, match="too_late"):
            accept_proposal(actor=journey.staff, **taking)
    proposal.refresh_from_db()
    assert (proposal.accepted_at, Booking.objects.count()) == (None, 0)
    with as_of(offer.deadline - timedelta(seconds=1)):
        assert open_proposals(journey.staff).exists()
        assert accept_proposal(actor=journey.staff, **taking).state == "confirmed"


# ---- a voucher after its last day


def test_on_its_last_day_a_voucher_is_good_whatever_the_sweep_does(journey: Journey) -> None:
    _referral, booking, voucher = booked(journey)
    with as_of(datetime.combine(voucher.valid_until, datetime.min.time(), SHANGHAI) + timedelta(hours=23, minutes=59)):
        run_due()
        assert redeem(actor=journey.partner_counter, text=voucher.code)
    booking.refresh_from_db()
    assert booking.state == "done"


@pytest.mark.parametrize("swept", [True, False])
def test_taken_back_after_the_last_day_only_the_value_returns(journey: Journey, swept: bool) -> None:
    referral, booking, voucher = booked(journey)
    before = pool(journey), quota_of(journey, referral)
    with as_of(booking.starts_at):
        (redemption,) = redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(day_over_at(booking.ends_at, booking.zone) + timedelta(hours=15)):
        if swept:
            run_due()
        reverse(actor=journey.partner_office, redemption_id=redemption.pk, reason="not_delivered")
        run_due()
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (voucher.state, voucher.units_left, booking.state, referral.state) == ("expired", 0, "done", "closed")
    stands = pool(journey), quota_of(journey, referral)
    assert (stands[0].reserved, stands[0].spent, stands[0].available - before[0].available) == (0, 0, 21_000)
    assert (stands[1].reserved, stands[1].spent, stands[1].available - before[1].available) == (0, 0, 1)
    assert difference() == 0
    told = set(OutboxMessage.objects.values_list("template", flat=True))
    assert "voucher_value_returned" in told
    assert not told & {"voucher_expired", "voucher_reversed"}, "nobody who came hears of an ended voucher"


@pytest.mark.parametrize("swept", [True, False])
def test_part_of_a_course_taken_back_after_its_end_is_the_same_swept_or_not(journey: Journey, swept: bool) -> None:
    referral, booking, voucher = booked(journey, units=3)
    with as_of(booking.starts_at):
        (redemption,) = redeem(actor=journey.partner_counter, text=voucher.code)
    voucher.refresh_from_db()
    with as_of(datetime.combine(voucher.valid_until, datetime.min.time(), SHANGHAI) + timedelta(days=1)):
        if swept:
            run_due()
        reverse(actor=journey.partner_office, redemption_id=redemption.pk, reason="not_delivered")
        run_due()
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (voucher.state, voucher.units_left, booking.state, referral.state) == ("expired", 0, "done", "completed")
    assert (pool(journey).reserved, pool(journey).spent, quota_of(journey, referral).reserved) == (0, 0, 0)
    assert OutboxMessage.objects.filter(template="voucher_expired").count() == 1
    assert difference() == 0


def test_taken_back_in_time_pool_and_quota_stand_as_before(journey: Journey) -> None:
    referral, booking, voucher = booked(journey)
    held = pool(journey), quota_of(journey, referral)
    with as_of(booking.starts_at):
        (redemption,) = redeem(actor=journey.partner_counter, text=voucher.code)
        reverse(actor=journey.partner_office, redemption_id=redemption.pk, reason="wrong_person")
    assert (pool(journey), quota_of(journey, referral)) == held
    assert held[1].reserved == 1


def test_a_half_used_voucher_ends_without_a_no_show(journey: Journey) -> None:
    referral, booking, voucher = booked(journey, units=3)
    with as_of(booking.starts_at):
        redeem(actor=journey.partner_counter, text=voucher.code)
    with as_of(booking.starts_at + timedelta(days=200)):
        run_due()
    for row in (referral, booking, voucher):
        row.refresh_from_db()
    assert (voucher.state, booking.state, referral.state) == ("expired", "done", "completed")
    assert (pool(journey).reserved, pool(journey).spent) == (0, 21_000)


def test_nobody_came_is_asked_about_and_lapses(journey: Journey) -> None:
    referral, booking, _voucher = booked(journey)
    with as_of(booking.starts_at + timedelta(days=1)):
        run_due()
    booking.refresh_from_db()
    assert booking.state == "unresolved", "nobody is called absent by a sweep"
    with as_of(booking.starts_at + timedelta(days=4)):
        run_due()
    referral.refresh_from_db()
    booking.refresh_from_db()
    assert (booking.state, referral.state) == ("lapsed", "expired")


# ---- the price on the list is the price of the scan


def test_the_list_names_the_price_that_a_scan_collects() -> None:
    """The quota ends inside the course: 90, then the full 300; the first unit is given back after the second was spent."""
    with as_of(datetime(2026, 12, 2, 3, tzinfo=UTC)):
        journey = make_journey(make_school(), quota_sessions=1)
        with use_tenant(journey.tenant.id):
            _referral, booking, voucher = booked(journey, units=3)
            assert [split[2] for split in voucher.unit_splits] == [9_000, 30_000, 30_000]
            with as_of(booking.starts_at):
                (first,) = redeem(actor=journey.partner_counter, text=voucher.code)
            for days in (3, 6):
                start, end = soon(days=days)
                booking = enter_appointment(
                    actor=journey.partner_counter,
                    tenant=journey.tenant,
                    voucher_id=voucher.pk,
                    starts_at=start,
                    ends_at=end,
                )
                with as_of(start):
                    (visit,), _coming, _asked = visits_and_wishes(journey.partner_counter, now())
                    seen = prepare(actor=journey.partner_counter, text=voucher.code)
                    (taken,) = redeem(actor=journey.partner_counter, text=voucher.code)
                    assert visit.self_fen == seen.self_fen == taken.self_fen == (30_000 if days == 3 else 9_000)
                    assert visit.subsidy_fen == seen.subsidy_fen == taken.subsidy_fen
                    if days == 3:
                        reverse(actor=journey.partner_office, redemption_id=first.pk, reason="wrong_amount")


# ---- a school's day


def test_before_eight_in_the_morning_it_is_the_schools_day_that_counts() -> None:
    with world_at(datetime(2026, 12, 1, 2, tzinfo=UTC)) as journey:
        start = datetime(2026, 12, 3, 7, 30, tzinfo=SHANGHAI)
        referral = submit_referral(
            actor=journey.staff,
            tenant=journey.tenant,
            service_id=journey.counselling.pk,
            units=1,
            windows=[(start, start + timedelta(hours=1))],
            consent=["referral"],
        )
        answer(journey, referral)
        voucher = Voucher.objects.get()
        assert (voucher.valid_from, voucher.valid_until) == (date(2026, 12, 3), date(2026, 12, 3))
        with as_of(start):
            assert local_day(now(), "UTC") == date(2026, 12, 2)
            run_due()
            assert len(redeem(actor=journey.partner_counter, text=voucher.code)) == 1


@pytest.mark.parametrize(
    ("start", "pool_year", "quota_year"),
    [
        (datetime(2027, 1, 1, 7, 0, tzinfo=SHANGHAI), 2027, 2026),
        (datetime(2026, 12, 31, 23, 0, tzinfo=SHANGHAI), 2026, 2026),
        (datetime(2026, 9, 1, 7, 0, tzinfo=SHANGHAI), 2026, 2026),
        (datetime(2026, 8, 31, 23, 0, tzinfo=SHANGHAI), 2026, 2025),
    ],
)
def test_a_year_begins_at_the_schools_midnight(start: datetime, pool_year: int, quota_year: int) -> None:
    with world_at(start - timedelta(days=9)) as journey:
        referral = submit_referral(
            actor=journey.staff,
            tenant=journey.tenant,
            service_id=journey.counselling.pk,
            units=1,
            windows=[(start, start + timedelta(minutes=55))],
            consent=["referral"],
        )
        accounts = accounting.accounts_of(referral, referral.service_date)
        assert accounts.quota is not None
        assert (referral.service_date, accounts.pool.period, accounts.quota.period) == (
            start.date(),
            pool_year,
            quota_year,
        )
        assert (balance(accounts.pool).reserved, balance(accounts.quota).reserved) == (21_000, 1)


def test_a_pool_follows_the_calendar_and_a_quota_the_school_year(journey: Journey) -> None:
    terms: PolicyTerms = accounting.terms_of(journey.policies["counselling"])
    accounts = accounting.accounts_for(terms, date(2027, 1, 15), person_id=journey.members["staff"].pk, child_id=None)
    assert accounts.quota is not None
    assert (accounts.pool.period, accounts.quota.period) == (2027, 2026)


# ---- suspended


@pytest.mark.parametrize("who", ["institution", "agreement"])
def test_a_suspended_partner_spends_nothing(journey: Journey, who: str) -> None:
    _referral, booking, voucher = booked(journey)
    held = pool(journey)
    if who == "institution":
        Institution.objects.filter(pk=journey.institution.pk).update(state="suspended")
    else:
        Agreement.objects.filter(pk=journey.agreement.pk).update(state="suspended", suspended_at=now())
    with as_of(booking.starts_at):
        for act in (prepare, redeem):
            with pytest.raises(Refused, match="suspended"):
                act(actor=journey.partner_counter, text=voucher.code)
    voucher.refresh_from_db()
    assert (voucher.units_left, Redemption.objects.count(), pool(journey)) == (1, 0, held)
    assert list(ScanLog.objects.values_list("outcome", flat=True)) == ["suspended", "suspended"]

"""The books by the unit: each holds its own reservation, and everything after it names the one it is against (books §1, M6)."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from kernel.clock import as_of, start_of_day
from kernel.errors import IllegalMove, Refused
from ledger.keys import AccountKey
from ledger.models import Transfer
from ledger.selectors import balance, difference
from ledger.workflow import reserve
from referrals.models import Unit, Voucher
from referrals.subsidies import accounting
from referrals.workflow.redeeming import redeem, reverse
from referrals.workflow.units import lock_accounts_of, rekey, release_units, units_of, would_fund
from tenancy.scope import use_tenant
from tests.conftest import make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.django_db


def at(day: date, hour: int = 10) -> datetime:
    return start_of_day(day) + timedelta(hours=hour)


def lines() -> list[tuple[Any, ...]]:
    """What moved for requests: kind, its own name and that of the reservation it is against."""
    moved = Transfer.objects.exclude(kind="grant").order_by("reference").prefetch_related("against")
    return [
        (row.kind, row.reference.split("/", 2)[-1], row.against and row.against.reference.split("/", 2)[-1])
        for row in moved
    ]


def even() -> bool:
    return difference() == 0 == accounting.units_difference()


def test_every_unit_holds_its_own_reservation_and_what_follows_names_it(journey: Journey) -> None:
    referral = ask(journey, units=2)
    assert lines() == [("reserve", "0/1", None), ("reserve", "1/1", None)]
    assert [(unit.subsidy_fen, unit.quota, unit.state) for unit in units_of(referral)] == [(21_000, 1, "held")] * 2
    booking = answer(journey, referral)
    with as_of(booking.starts_at):
        (taken,) = redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        assert [line[2] for line in lines() if line[0] == "commit"] == ["0/1"]
        assert even()
        reverse(actor=journey.partner_office, redemption_id=taken.pk, reason="not_delivered")
        assert [line[2] for line in lines() if line[0] == "refund"] == ["0/1"]
        first, second = units_of(referral)
        assert (first.attempt, first.reservation[-4:], second.attempt) == (2, "/0/2", 1)
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    assert sorted(line[2] for line in lines() if line[0] == "commit") == ["0/1", "0/2"]
    transfer = Transfer.objects.get(kind="refund")
    assert (transfer.service_date, transfer.budget_year) == (referral.service_date, referral.service_date.year)
    assert even()


def test_what_the_school_adds_nothing_to_has_units_and_no_line(journey: Journey) -> None:
    pool = AccountKey("pool", "counselling", (start := ask(journey)).service_date.year, "fen")
    release_units(actor=journey.staff, referral=start, units=units_of(start), why="cancel")
    reserve(actor=journey.staff, account=pool, amount=balance(pool).available, reference="all")
    before = Transfer.objects.count()
    (unit,) = units_of(ask(journey))
    assert (unit.subsidy_fen, unit.quota, unit.reservation, unit.state) == (0, 0, "", "held")
    assert Transfer.objects.count() == before


def test_a_unit_is_released_once(journey: Journey) -> None:
    referral = ask(journey, units=2)
    held = units_of(referral)
    release_units(actor=journey.staff, referral=referral, units=held, why="cancel")
    with pytest.raises(IllegalMove):
        release_units(actor=journey.staff, referral=referral, units=held, why="cancel")
    assert {unit.state for unit in units_of(referral)} == {"released"}
    assert even()


def test_the_database_refuses_a_subsidised_unit_without_its_reservation(journey: Journey) -> None:
    ask(journey)
    with pytest.raises(IntegrityError, match="unit_subsidised_is_reserved"), transaction.atomic():
        Unit.objects.update(reservation="")
    with pytest.raises(IntegrityError, match="unit_split_sums_to_fee"), transaction.atomic():
        Unit.objects.update(self_fen=1)


@pytest.fixture
def december() -> Any:
    """A school on 20 December 2027, with pools of 2027 and 2028."""
    with as_of(at(date(2027, 12, 20))):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            yield journey


def test_a_day_in_another_year_is_paid_by_that_years_pool_at_the_same_split(december: Journey) -> None:
    referral = ask(december, units=2)
    this, following = (AccountKey("pool", "counselling", year, "fen") for year in (2027, 2028))
    first, second = units_of(referral)
    days = {second: date(2028, 1, 3)}
    assert would_fund(referral, days)
    lock_accounts_of(referral, days=days.values())
    rekey(actor=december.staff, referral=referral, units=days)
    assert (balance(this).reserved, balance(following).reserved) == (21_000, 21_000)
    assert (second.service_date, second.attempt, second.subsidy_fen) == (date(2028, 1, 3), 2, 21_000)
    assert Transfer.objects.get(reference=second.reservation).budget_year == 2028
    quota = accounting.accounts_of(referral, date(2028, 1, 3)).quota
    assert quota is not None
    assert balance(quota).reserved == 2, "the same school year"
    assert even()
    rekey(actor=december.staff, referral=referral, units={first: date(2027, 12, 24)})
    assert (first.service_date, first.attempt) == (date(2027, 12, 24), 1), "the same lines: nothing moves"


def test_a_year_without_the_money_is_refused_before_anything_moves(december: Journey) -> None:
    referral = ask(december, units=2)
    following = AccountKey("pool", "counselling", 2028, "fen")
    left = balance(following).available
    reserve(actor=december.staff, account=following, amount=left - 30_000, reference="nearly all")
    units, days = units_of(referral), (date(2028, 1, 3), date(2028, 1, 10))
    wanted = dict(zip(units, days, strict=True))
    lock_accounts_of(referral, days=days)
    before = (Transfer.objects.count(), list(Unit.objects.order_by("index").values()))
    assert not would_fund(referral, wanted)
    with pytest.raises(Refused, match="new_year_not_funded"):
        rekey(actor=december.staff, referral=referral, units=wanted)
    assert (Transfer.objects.count(), list(Unit.objects.order_by("index").values())) == before
    assert would_fund(referral, {units[0]: days[0]}), "one of them would fit"


def test_a_new_school_year_opens_its_quota(december: Journey) -> None:
    with as_of(at(date(2028, 8, 25))):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            referral = ask(journey)
            (unit,) = units_of(referral)
            day = date(2028, 9, 1)
            lock_accounts_of(referral, days=[day])
            rekey(actor=journey.staff, referral=referral, units={unit: day})
            quotas = [accounting.accounts_of(referral, when).quota for when in (referral.service_date, day)]
            assert [balance(quota).reserved for quota in quotas if quota] == [0, 1]
            assert even()

"""A pool's year is closed in the second in which money comes into it: granted, or held anew for a use that is taken back (books §1)."""

import threading
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest

from kernel.clock import as_of, local_day, start_of_day
from kernel.errors import Refused
from ledger.selectors import balance, difference
from referrals.models import PoolOrder, Redemption, Unit, Voucher
from referrals.subsidies.accounting import units_difference
from referrals.workflow import pools
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.objecting import agree
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from referrals.workflow.redeeming import redeem, reverse
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")
USED = start_of_day(date(2027, 11, 20)) + timedelta(hours=9)
JANUARY = start_of_day(date(2028, 1, 31)) + timedelta(hours=9)
MARCH = start_of_day(date(2028, 3, 31)) + timedelta(hours=9)
KEY = pool_key("counselling", 2027)


@pytest.fixture
def asked(committed: None) -> Iterator[tuple[Journey, Any, PoolOrder, PoolOrder]]:
    """A grant for 2027 and the closing of 2027 are both asked for; a third person of finance. It is 31 March 2028."""
    with as_of(USED):
        journey = make_journey(make_school())
        third = actor_of(make_person(journey.tenant, "finance", "staff"))
    with as_of(MARCH), use_tenant(journey.tenant.id):
        said: Any = {"actor": journey.finance, "tenant": journey.tenant, "scheme": "counselling", "year": 2027}
        more = ask_pool_order(kind="grant", amount_fen=50_000, reason="补拨", **said)
        end = ask_pool_order(kind="close_year", reason="年终", **said)
    yield journey, third, more, end


def test_no_money_comes_into_a_year_in_the_second_in_which_it_is_closed(
    asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The grant has read that the year runs; then the closing comes and ends first."""
    journey, third, more, end = asked
    has_read, is_closed = threading.Event(), threading.Event()
    real = pools.lock_accounts

    def slow(keys: Any) -> Any:
        has_read.set()
        is_closed.wait(timeout=30)
        return real(keys)

    monkeypatch.setattr(pools, "lock_accounts", slow)

    def approve(who: Any, order: PoolOrder) -> str:
        with as_of(MARCH):
            return str(approve_pool_order(actor=who, tenant=journey.tenant, order_id=order.pk).state)

    def close() -> str:
        has_read.wait(timeout=30)
        done = approve(journey.finance2, end)
        is_closed.set()
        return done

    granted, closed = at_once(journey.tenant, [lambda: approve(third, more), close])
    with use_tenant(journey.tenant.id):
        stands = balance(KEY)
        assert difference() == 0
        assert (closed, stands.available) == ("approved", 0), "nothing is left in a year that is closed"
        assert isinstance(granted, Refused), granted
        assert granted.reason == "year_closed"


@pytest.fixture
def course(committed: None) -> Iterator[tuple[Journey, Redemption, PoolOrder]]:
    """Two sessions: one had in 2027, one to come in February 2028, which 2028 pays. The closing of 2027 is asked for on 31 January."""
    with as_of(USED):
        journey = make_journey(make_school())
    with use_tenant(journey.tenant.id):
        with as_of(USED):
            booking = answer(journey, ask(journey, units=2))
        voucher = Voucher.objects.get()
        with as_of(booking.starts_at):
            redeem(actor=journey.partner_counter, text=voucher.code)
        line = Redemption.objects.get()
        with as_of(line.redeemed_at + timedelta(hours=1)):
            agree(actor=journey.staff, redemption_id=line.pk)
        journey.tenant.rules = {"closing_month": 1}
        journey.tenant.save(update_fields=["rules"])
        with as_of(JANUARY):
            said: Any = {"actor": journey.finance, "tenant": journey.tenant, "scheme": "counselling"}
            more = ask_pool_order(kind="grant", year=2028, amount_fen=500_000, reason="预算", **said)
            approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=more.pk)
            start = start_of_day(date(2028, 2, 10)) + (booking.starts_at - start_of_day(local_day(booking.starts_at)))
            enter_appointment(
                actor=journey.partner_office, tenant=journey.tenant, voucher_id=voucher.pk, starts_at=start,
                ends_at=start + (booking.ends_at - booking.starts_at),
            )  # fmt: skip
            end = ask_pool_order(kind="close_year", year=2027, reason="年终", **said)
    yield journey, line, end


def test_a_use_taken_back_in_the_second_in_which_its_year_is_closed_is_carried(
    course: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The closing has read what the year holds; before it has the accounts the agency takes a use back, which is held anew."""
    journey, line, end = course
    has_read, is_back = threading.Event(), threading.Event()
    real = pools.lock_accounts_of

    def slow(*referrals: Any, **more: Any) -> None:
        has_read.set()
        is_back.wait(timeout=30)
        real(*referrals, **more)

    monkeypatch.setattr(pools, "lock_accounts_of", slow)

    def close() -> str:
        with as_of(JANUARY):
            return str(approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=end.pk).state)

    def back() -> str:
        has_read.wait(timeout=30)
        with as_of(JANUARY):
            state = reverse(actor=journey.partner_office, redemption_id=line.pk, reason="not_delivered").state
        is_back.set()
        return str(state)

    assert at_once(journey.tenant, [close, back]) == ["approved", "reversed"]
    with use_tenant(journey.tenant.id):
        old = balance(KEY)
        assert (old.available, old.reserved, old.spent) == (0, 0, 0), "nothing is held by a year that is closed"
        assert set(Unit.objects.values_list("state", "carried_to")) == {("held", None), ("held", 2028)}
        assert difference() == units_difference() == 0

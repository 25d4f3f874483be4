"""The year of a pool is closed in the second of another act about it: nothing stays in a closed year (books §1).

What is granted, taken out and used late meets the closing; each lock stands beside a control without it.
"""

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from time import sleep
from typing import Any

import pytest

from kernel.clock import as_of, start_of_day
from kernel.errors import IllegalMove, Refused
from ledger.models import Transfer
from ledger.selectors import balance, difference, returned
from referrals.models import Booking, PoolOrder, Redemption, Unit, Voucher
from referrals.subsidies.accounting import is_closed, units_difference
from referrals.workflow import pools
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import decide_unscanned
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask
from tests.workflow.missed_steps import say

pytestmark = pytest.mark.usefixtures("committed")
BOOKED = start_of_day(date(2027, 12, 20)) + timedelta(hours=9)
MARCH = start_of_day(date(2028, 3, 31)) + timedelta(hours=9)
KEY = pool_key("counselling", 2027)


def asked(journey: Journey, kind: str, amount: int = 0) -> PoolOrder:
    return ask_pool_order(
        actor=journey.finance, tenant=journey.tenant, kind=kind, scheme="counselling", year=2027, amount_fen=amount,
        reason="年终",
    )  # fmt: skip


@pytest.fixture
def planted(committed: None) -> Iterator[tuple[Journey, PoolOrder]]:
    """A course of two of 2027, one had; it is 31 March 2028 and the closing of 2027 is asked for."""
    with as_of(BOOKED):
        journey = make_journey(make_school())
        with use_tenant(journey.tenant.id):
            booking = answer(journey, ask(journey, units=2))
    with as_of(booking.starts_at), use_tenant(journey.tenant.id):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
    with as_of(MARCH), use_tenant(journey.tenant.id):
        order = asked(journey, "close_year")
    yield journey, order


def in_march(act: Callable[[], Any]) -> Callable[[], Any]:
    def run() -> Any:
        with as_of(MARCH):
            return act()

    return run


def approving(journey: Journey, order: PoolOrder) -> Callable[[], Any]:
    return in_march(lambda: approve_pool_order(actor=journey.finance2, tenant=journey.tenant, order_id=order.pk).state)


def left(journey: Journey) -> int:
    """What is available in the closed year; every fen is spent, carried or given back, and the books hold."""
    with use_tenant(journey.tenant.id), as_of(MARCH):
        assert difference() == units_difference() == 0
        assert is_closed("counselling", 2027)
        stands = balance(KEY)
        assert stands.reserved == 0
        grants = PoolOrder.objects.filter(kind="grant", state="approved", scheme="counselling", year=2027)
        assert stands.granted + returned(KEY) == sum(order.amount_fen for order in grants)
        return stands.available


def meets(planted: Any, monkeypatch: Any, kind: str, *, locked: bool) -> tuple[list[Any], int]:
    """An order for the pool is looked at, and the closing goes through before it is written."""
    journey, closing = planted
    with as_of(MARCH), use_tenant(journey.tenant.id):
        other = asked(journey, kind, 5_000)
    has_looked, is_over = threading.Event(), threading.Event()
    real = pools.check_possible

    def slow(tenant: Any, what: str, *facts: Any) -> None:
        real(tenant, what, *facts)
        if what == kind:
            has_looked.set()
            is_over.wait(timeout=2)

    def closes() -> Any:
        has_looked.wait(timeout=30)
        try:
            return approving(journey, closing)()
        finally:
            is_over.set()

    monkeypatch.setattr(pools, "check_possible", slow)
    if not locked:
        monkeypatch.setattr(pools, "lock_accounts", lambda _keys: {})
    said = at_once(journey.tenant, [approving(journey, other), closes])
    return said, left(journey)


@pytest.mark.parametrize("kind", ["grant", "return"])
def test_an_order_in_the_second_of_the_closing_is_part_of_what_is_closed(
    planted: Any, monkeypatch: Any, kind: str
) -> None:
    assert meets(planted, monkeypatch, kind, locked=True) == (["approved", "approved"], 0)


def test_control_without_the_lock_money_is_granted_into_a_closed_year(planted: Any, monkeypatch: Any) -> None:
    assert meets(planted, monkeypatch, "grant", locked=False) == (["approved", "approved"], 5_000)


def test_an_order_that_comes_after_the_closing_is_refused(planted: Any) -> None:
    journey, closing = planted
    with as_of(MARCH), use_tenant(journey.tenant.id):
        other = asked(journey, "grant", 5_000)
        approving(journey, closing)()
        with pytest.raises(Refused, match="year_closed"):
            approving(journey, other)()
    assert left(journey) == 0


def quarrel(journey: Journey) -> Booking:
    """An appointment of the last days of 2027 about which agency and person contradict each other; its unit is held."""
    with as_of(BOOKED), use_tenant(journey.tenant.id):
        booking = answer(journey, ask(journey, who=journey.staff2, days=2))
    with use_tenant(journey.tenant.id):
        say(journey, journey.partner_counter, booking, "no_show", booking.ends_at)
        say(journey, journey.staff2, booking, "yes", booking.ends_at + timedelta(hours=1))
    return booking


def late_use(planted: Any, monkeypatch: Any, *, looks_again: bool) -> list[Any]:
    """The office finds in March that it took place: after the closing has listed the unit, before it is carried."""
    journey, closing = planted
    booking = quarrel(journey)
    has_listed, is_decided = threading.Event(), threading.Event()
    real, listed = pools.units_of_pool, list[list[Unit]]()

    def slow(scheme: str, year: int) -> list[Unit]:
        if not listed:
            listed.append(real(scheme, year))
            has_listed.set()
            is_decided.wait(timeout=30)
            return listed[0]
        return real(scheme, year) if looks_again else listed[0]

    def decides() -> str:
        has_listed.wait(timeout=30)
        try:
            return decide_unscanned(
                actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision="took_place"
            ).state
        finally:
            is_decided.set()

    monkeypatch.setattr(pools, "units_of_pool", slow)
    return at_once(journey.tenant, [approving(journey, closing), in_march(decides)])


def test_what_is_used_in_the_second_of_the_closing_is_paid_by_its_own_year(planted: Any, monkeypatch: Any) -> None:
    journey, _closing = planted
    assert late_use(planted, monkeypatch, looks_again=True) == ["approved", "done"]
    assert left(journey) == 0
    with use_tenant(journey.tenant.id):
        assert balance(KEY).spent == 2 * 21_000
        assert list(Unit.objects.filter(state="held").values_list("carried_to", flat=True)) == [2028]


def test_control_without_the_second_look_the_closing_would_carry_what_was_used(planted: Any, monkeypatch: Any) -> None:
    closed, decided = late_use(planted, monkeypatch, looks_again=False)
    assert decided == "done"
    assert isinstance(closed, Exception), "the books alone stop it, and the year stays open"


@pytest.mark.parametrize("first", ["closing", "use"])
def test_whoever_is_first_a_late_use_and_the_closing_both_stand(planted: Any, first: str) -> None:
    """After the closing the next year pays: the unit was carried, and has the appointment's day all the same."""
    journey, closing = planted
    booking = quarrel(journey)

    def decides() -> str:
        if first == "closing":
            sleep(0.1)
        return decide_unscanned(
            actor=journey.centre, tenant=journey.tenant, booking_id=booking.pk, decision="took_place"
        ).state

    def closes() -> str:
        if first == "use":
            sleep(0.1)
        state: str = approving(journey, closing)()
        return state

    assert at_once(journey.tenant, [closes, in_march(decides)]) == ["approved", "done"]
    assert left(journey) == 0
    with use_tenant(journey.tenant.id):
        assert Redemption.objects.get(booking=booking).service_date == journey.tenant.day_of(booking.starts_at)
        paid = balance(KEY).spent + balance(pool_key("counselling", 2028)).spent
        assert paid == 2 * 21_000


def two_say_yes(planted: Any, monkeypatch: Any, *, locked: bool) -> list[Any]:
    """Two of finance say yes to one order, each having looked at it."""
    journey, _closing = planted
    third = actor_of(make_person(journey.tenant, "finance", "staff"))
    with as_of(MARCH), use_tenant(journey.tenant.id):
        order = asked(journey, "grant", 5_000)
    both_have_looked = threading.Barrier(2)

    def unlocked(order_id: Any) -> PoolOrder:
        found: PoolOrder = PoolOrder.objects.get(pk=order_id)
        both_have_looked.wait(timeout=30)
        return found

    if not locked:
        monkeypatch.setattr(pools, "_locked", unlocked)

    def says(who: Any) -> Callable[[], str]:
        return in_march(lambda: approve_pool_order(actor=who, tenant=journey.tenant, order_id=order.pk).state)

    said = at_once(journey.tenant, [says(journey.finance2), says(third)])
    with use_tenant(journey.tenant.id):
        assert Transfer.objects.filter(reference=f"pool/{order.pk}").count() == 1
    return said


def test_of_two_who_say_yes_to_one_order_the_second_is_told(planted: Any, monkeypatch: Any) -> None:
    said = two_say_yes(planted, monkeypatch, locked=True)
    assert sum(isinstance(each, IllegalMove) for each in said) == 1, said
    assert "approved" in said


def test_control_without_the_lock_both_would_have_said_yes(planted: Any, monkeypatch: Any) -> None:
    """The ledger's reference alone lets the money move once."""
    said = two_say_yes(planted, monkeypatch, locked=False)
    assert not [each for each in said if isinstance(each, IllegalMove)], said

"""Two of finance answer one claim in the same second; a correction meets the end of its pool's year (books §1, §5, ADR 0048)."""

import threading
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import OperationalError, transaction

from kernel.clock import as_of, start_of_day
from kernel.errors import DomainError
from ledger.selectors import balance, difference, returned
from referrals.claim_states import ClaimEvent, step
from referrals.models import AmountClaim, Correction, PoolOrder, Redemption, Voucher
from referrals.subsidies.accounting import is_closed, units_difference
from referrals.workflow import correcting, unit_corrections
from referrals.workflow.claiming import claim_amount, decline_claim, withdraw_claim
from referrals.workflow.correcting import approve_correction, ask_correction
from referrals.workflow.objecting import agree
from referrals.workflow.pools import approve_pool_order, ask_pool_order, pool_key
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant
from tests.concurrency.together import at_once
from tests.conftest import actor_of, make_person, make_school
from tests.fixtures_journey import Journey, make_journey
from tests.workflow.journey_steps import answer, ask

pytestmark = pytest.mark.usefixtures("committed")
USED = start_of_day(date(2027, 11, 20)) + timedelta(hours=9)
MARCH = start_of_day(date(2028, 3, 31)) + timedelta(hours=9)
KEY = pool_key("counselling", 2027)


@pytest.fixture
def planted(committed: None) -> Iterator[tuple[Journey, Any, AmountClaim]]:
    """A use of 2027 at ¥300, agreed to and questioned by the person; a third person of finance. It is 31 March 2028."""
    with as_of(USED):
        journey = make_journey(make_school())
        third = actor_of(make_person(journey.tenant, "finance", "staff"))
        with use_tenant(journey.tenant.id):
            booking = answer(journey, ask(journey))
    with as_of(booking.starts_at), use_tenant(journey.tenant.id):
        redeem(actor=journey.partner_counter, text=Voucher.objects.get().code)
        line = Redemption.objects.get()
        agree(actor=journey.staff, redemption_id=line.pk)
    with use_tenant(journey.tenant.id), as_of(MARCH):
        claim = claim_amount(
            actor=journey.staff,
            redemption_id=line.pk,
            side="person",
            cause="price",
            reason="协议里是 240 元",
            fee_fen=24_000,
        )
    yield journey, third, claim


def in_march(act: Callable[[], Any]) -> Callable[[], Any]:
    """The act at that moment: a thread has a clock of its own."""

    def run() -> Any:
        with as_of(MARCH):
            return act()

    return run


def declining(claim: AmountClaim, who: Any) -> Callable[[], Any]:
    return in_march(lambda: decline_claim(actor=who, claim_id=claim.pk, answer="不改").state)


def correcting_it(claim: AmountClaim, who: Any) -> Callable[[], Any]:
    return in_march(
        lambda: ask_correction(
            actor=who, redemption_id=claim.redemption_id, cause="price", side="person", fee_fen=24_000, reason="核对",
            claim_id=claim.pk,
        ).state
    )  # fmt: skip


@pytest.mark.parametrize("other", ["decline", "correct", "withdraw"])
def test_one_claim_is_answered_once(planted: Any, other: str) -> None:
    journey, third, claim = planted
    acts = {
        "decline": declining(claim, third),
        "correct": correcting_it(claim, third),
        "withdraw": in_march(lambda: withdraw_claim(actor=journey.staff, claim_id=claim.pk, side="person").state),
    }
    said = at_once(journey.tenant, [declining(claim, journey.finance), acts[other]])
    refused = [each for each in said if isinstance(each, DomainError)]
    assert len(refused) == 1, said
    with use_tenant(journey.tenant.id):
        claim.refresh_from_db()
        assert claim.state == {"decline": "declined", "correct": "taken", "withdraw": "withdrawn"}.get(
            other if said[0] in refused else "decline"
        )
        assert Correction.objects.count() == (claim.state == "taken"), "refused, and nothing of it stays"


def test_control_without_the_lock_both_would_answer(planted: Any) -> None:
    """Each reads that it is open, both have read, each goes on."""
    journey, _third, claim = planted
    both_have_read = threading.Barrier(2)

    def unlocked() -> str:
        with transaction.atomic():
            seen = AmountClaim.objects.get(pk=claim.pk)
            both_have_read.wait(timeout=30)
            return step(seen.state, ClaimEvent.DECLINE)

    assert at_once(journey.tenant, [unlocked, unlocked]) == ["declined", "declined"]


@pytest.fixture
def closing(planted: Any) -> tuple[Journey, Any, AmountClaim, PoolOrder, Correction]:
    """Beside it: the closing of 2027 is asked for, and the correction because of the claim."""
    journey, third, claim = planted
    with use_tenant(journey.tenant.id), as_of(MARCH):
        order = ask_pool_order(
            actor=journey.finance,
            tenant=journey.tenant,
            kind="close_year",
            scheme="counselling",
            year=2027,
            reason="年终",
        )
        row = ask_correction(
            actor=journey.finance, redemption_id=claim.redemption_id, cause="price", side="person", fee_fen=24_000,
            reason="核对", claim_id=claim.pk,
        )  # fmt: skip
    return journey, third, claim, order, row


def ends(journey: Journey, claim: AmountClaim) -> tuple[int, int, str]:
    """What is left in the closed pool, what is spent of it, and how the claim stands; the books hold."""
    with use_tenant(journey.tenant.id), as_of(MARCH):
        assert difference() == units_difference() == 0
        assert is_closed("counselling", 2027)
        stands = balance(KEY)
        assert stands.granted + returned(KEY) == 1_000_000, "every fen is granted, spent or given back"
        claim.refresh_from_db()
        return stands.available, stands.spent, claim.state


def close(journey: Journey, who: Any, order: PoolOrder) -> Callable[[], Any]:
    return in_march(lambda: approve_pool_order(actor=who, tenant=journey.tenant, order_id=order.pk).state)


def approve(who: Any, row: Correction) -> Callable[[], Any]:
    return in_march(lambda: approve_correction(actor=who, correction_id=row.pk).state)


def test_a_correction_in_the_second_in_which_its_year_is_closed_loses_nothing(closing: Any) -> None:
    journey, third, claim, order, row = closing
    said = at_once(journey.tenant, [close(journey, journey.finance2, order), approve(third, row)])
    assert said == ["approved", "approved"]
    assert ends(journey, claim) == (0, 16_800, "corrected")


def test_a_claim_in_the_second_in_which_its_year_is_closed_stands_and_is_corrected_after(planted: Any) -> None:
    journey, third, claim = planted
    with use_tenant(journey.tenant.id), as_of(MARCH):
        withdraw_claim(actor=journey.staff, claim_id=claim.pk, side="person")
        order = ask_pool_order(
            actor=journey.finance,
            tenant=journey.tenant,
            kind="close_year",
            scheme="counselling",
            year=2027,
            reason="年终",
        )

    def claims() -> AmountClaim:
        return claim_amount(
            actor=journey.staff, redemption_id=claim.redemption_id, side="person", cause="price", reason="240 元"
        )

    said = at_once(journey.tenant, [close(journey, journey.finance2, order), in_march(claims)])
    assert said[0] == "approved", said
    again = said[1]
    with use_tenant(journey.tenant.id):
        row = correcting_it(again, journey.finance)()
        assert row == "asked"
        approve(third, Correction.objects.get())()
    assert ends(journey, again) == (0, 16_800, "corrected")


@pytest.mark.parametrize("locked", [True, False])
def test_the_accounts_lock_puts_the_two_in_order(closing: Any, monkeypatch: Any, locked: bool) -> None:
    """The correction has read that the year runs; the closing comes. Control: without the lock the database breaks one off."""
    journey, third, claim, order, row = closing
    has_read, is_over = threading.Event(), threading.Event()
    real = unit_corrections.is_closed

    def slow(scheme: str, year: int) -> bool:
        found = real(scheme, year)
        has_read.set()
        is_over.wait(timeout=3)
        return found

    def closes() -> Any:
        has_read.wait(timeout=30)
        done = close(journey, journey.finance2, order)()
        is_over.set()
        return done

    monkeypatch.setattr(unit_corrections, "is_closed", slow)
    if not locked:
        monkeypatch.setattr(correcting, "lock_accounts_of", lambda _referral, **_more: None)
    said = at_once(journey.tenant, [closes, approve(third, row)])
    if locked:
        assert said == ["approved", "approved"]
        assert ends(journey, claim) == (0, 16_800, "corrected")
    else:
        assert ["deadlock" in str(each) for each in said if isinstance(each, OperationalError)] == [True], said

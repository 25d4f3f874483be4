"""Orders for pools: sent twice, at the edges of what may be asked, and by whom; each condition by itself (books §1)."""

from typing import Any
from uuid import uuid4

import pytest

from accounts.actor import system_in
from audit.models import AuditEntry
from kernel.clock import local_day, now
from kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from kernel.money import MAX_FEN
from ledger.selectors import balance
from notifications.models import OutboxMessage
from referrals.models import PoolOrder
from referrals.models.pools import MAX_REASON
from referrals.workflow.pools import (
    approve_pool_order,
    decline_pool_order,
    pool_key,
    withdraw_pool_order,
)
from tests.fixtures_journey import Journey
from tests.workflow.test_pool_orders import approve, asked

pytestmark = pytest.mark.django_db


def test_one_order_sent_twice_is_asked_once_and_told_once(journey: Journey) -> None:
    key = uuid4()
    first, again = asked(journey, key=key), asked(journey, key=key, amount=7_000)
    assert (first.pk, again.pk, again.amount_fen) == (key, key, 5_000)
    entries = AuditEntry.objects.filter(action="pool.ask", object_id=str(key))
    assert entries.count() == 1
    told = OutboxMessage.objects.filter(template="pool_order_asked", key__startswith=f"pool/{key}/")
    assert set(told.values_list("to_user_id", flat=True)) == {journey.members["finance2"].user_id}
    other = asked(journey)
    assert other.pk != key and asked(journey).pk != other.pk, "without a key each is one of its own"


def test_a_key_that_somebody_else_has_used_names_no_order_of_ones_own(journey: Journey) -> None:
    order = asked(journey)
    with pytest.raises(Conflict):
        asked(journey, key=order.pk, who=journey.finance2)
    assert PoolOrder.objects.get(pk=order.pk).asked_by_id == journey.finance.user_id


@pytest.mark.parametrize(
    ("said", "field"),
    [({"year": year}, "year") for year in (1999, 9999, True, "2027", 2027.0)]
    + [({"amount": amount}, "amount_fen") for amount in (0, MAX_FEN + 1, True, 1.0)]
    + [({"reason": "长" * (MAX_REASON + 1)}, "reason")],
)
def test_what_lies_beyond_an_edge_is_refused_with_its_field(journey: Journey, said: dict[str, Any], field: str) -> None:
    before = PoolOrder.objects.count()
    with pytest.raises(Invalid) as refused:
        asked(journey, **said)
    assert [row[0] for row in refused.value.fields] == [field]
    assert PoolOrder.objects.count() == before


@pytest.mark.parametrize("said", [{"year": 2000}, {"year": 9998}, {"amount": MAX_FEN}, {"reason": "长" * MAX_REASON}])
def test_the_edge_itself_may_be_asked(journey: Journey, said: dict[str, Any]) -> None:
    assert asked(journey, **said).state == "asked"


def test_all_that_is_available_can_be_taken_out_and_not_a_fen_more(journey: Journey) -> None:
    key = pool_key("counselling", local_day(now()).year)
    left = balance(key).available
    with pytest.raises(Refused, match="not_enough"):
        asked(journey, "return", left + 1, scheme="counselling")
    approve(journey, asked(journey, "return", left, scheme="counselling"))
    assert balance(key).available == 0


def test_money_is_moved_by_people_of_finance_and_nobody_else(journey: Journey) -> None:
    order = asked(journey)
    with pytest.raises(Forbidden):
        asked(journey, who=system_in(journey.tenant.pk))
    for actor in (journey.union, journey.staff, journey.centre):
        acts: list[Any] = [
            lambda actor=actor: approve_pool_order(actor=actor, tenant=journey.tenant, order_id=order.pk),
            lambda actor=actor: decline_pool_order(actor=actor, order_id=order.pk),
            lambda actor=actor: withdraw_pool_order(actor=actor, order_id=order.pk),
            lambda actor=actor: asked(journey, who=actor),
        ]
        for act in acts:
            with pytest.raises(Forbidden):
                act()
    order.refresh_from_db()
    assert (order.state, order.decided_by_id) == ("asked", None)


def test_of_several_orders_the_one_that_is_named_is_decided_and_the_record_says_so(journey: Journey) -> None:
    orders = [asked(journey, amount=amount) for amount in (1_000, 2_000, 3_000)]
    approve(journey, orders[1])
    decline_pool_order(actor=journey.finance2, order_id=orders[2].pk)
    assert [PoolOrder.objects.get(pk=order.pk).state for order in orders] == ["asked", "approved", "declined"]
    for order, action in ((orders[1], "pool.approve"), (orders[2], "pool.decline")):
        assert AuditEntry.objects.filter(action=action, object_id=str(order.pk)).count() == 1
    entry = AuditEntry.objects.get(action="pool.approve", object_id=str(orders[1].pk))
    assert entry.facts["amount_fen"] == 2_000
    with pytest.raises(NotFound):
        decline_pool_order(actor=journey.finance2, order_id=uuid4())

"""A random walk through the books agrees with a model of a few lines to the fen (promise M2)."""

import os
import random

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.actor import Actor
from kernel.errors import Refused
from ledger import selectors, workflow
from ledger.keys import AGAINST, DIRECTIONS, AccountKey, Balance, Bucket, Kind
from ledger.models import Transfer
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school

AMOUNT_COMMANDS = int(os.environ.get("M2_COMMANDS", "10000"))
"""M2 in all, over all examples."""


class Model:
    """The books in a few lines of Python: what the ledger must agree with, fen by fen, line by line and reservation by reservation."""

    def __init__(self, accounts: list[AccountKey]) -> None:
        self.buckets = {account: dict.fromkeys(Bucket, 0) for account in accounts}
        self.made: dict[tuple[str, AccountKey], dict[Bucket, int]] = {}

    def apply(self, kind: Kind, account: AccountKey, amount: int, reference: str, against: str | None) -> bool:
        source, target = DIRECTIONS[kind]
        buckets = self.buckets[account]
        if source is not Bucket.GRANTED and buckets[source] < amount:
            return False
        if against is not None:
            kept = self.made[against, account]
            if kept[Bucket.SPENT if kind is Kind.CORRECT else source] < (1 if kind is Kind.CORRECT else amount):
                return False
            if kind is not Kind.CORRECT:  # what it adds comes from what is free, not from the reservation
                kept[source] -= amount
            kept[target] += amount
        elif kind is Kind.RESERVE:
            self.made[reference, account] = dict.fromkeys(Bucket, 0) | {Bucket.RESERVED: amount}
        buckets[source] -= amount
        buckets[target] += amount
        return True

    def reservations(self, account: AccountKey) -> list[str]:
        return [reference for reference, key in self.made if key == account]

    def balance(self, account: AccountKey) -> Balance:
        buckets = self.buckets[account]
        return Balance(
            -buckets[Bucket.GRANTED], buckets[Bucket.AVAILABLE], buckets[Bucket.RESERVED], buckets[Bucket.SPENT]
        )


_EXAMPLES = 40
_PER_EXAMPLE = AMOUNT_COMMANDS // _EXAMPLES


@seed(20261124)
@hypothesis_settings(
    max_examples=_EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=st.integers(min_value=0, max_value=2**32), most=st.sampled_from([1, 7, 500, 10**9]))
def test_m2_random_commands_agree_with_the_model_to_the_fen(committed: None, start: int, most: int) -> None:
    """An example is a school and 250 commands drawn from the example's own seed; it shrinks to the smallest seed.

    A commit every 25 commands: the deferred trigger speaks at the end of each.
    """
    drawn = random.Random(start)
    accounts = [AccountKey("pool", "s", 2026, "fen"), AccountKey("quota", "person:1/s", 2026, "session")]
    model = Model(accounts)
    done: list[tuple[Kind, AccountKey, int, str, str | None]] = []
    school = make_school()
    finance = actor_of(make_person(school, "finance"))
    with use_tenant(school.id):
        for batch in range(0, _PER_EXAMPLE, 25):
            with transaction.atomic():
                for n in range(batch, batch + 25):
                    if done and drawn.random() < 0.1:
                        _send(finance, *drawn.choice(done))
                        continue
                    kind, account = drawn.choice(list(DIRECTIONS)), drawn.choice(accounts)
                    amount, reference, against = drawn.randint(1, most), f"c{n}", None
                    if kind in AGAINST:
                        made = model.reservations(account)
                        if not made:
                            continue
                        against = drawn.choice(made)
                    if model.apply(kind, account, amount, reference, against):
                        _send(finance, kind, account, amount, reference, against)
                        done.append((kind, account, amount, reference, against))
                    else:
                        with pytest.raises(Refused):
                            _send(finance, kind, account, amount, reference, against)
        assert {account: selectors.balance(account) for account in accounts} == {
            account: model.balance(account) for account in accounts
        }
        assert Transfer.objects.count() == len(done)
        assert selectors.difference() == 0


VERBS = {kind: getattr(workflow, "give_back" if kind is Kind.RETURN else kind.value) for kind in DIRECTIONS}


def _send(actor: Actor, kind: Kind, account: AccountKey, amount: int, reference: str, against: str | None) -> None:
    more = {"against": against} if against else {"reason": "plan"} if kind is Kind.RETURN else {}
    VERBS[kind](actor=actor, account=account, amount=amount, reference=reference, **more)

"""Many actors at one account, on real connections: the last unit goes out once; without the lock it would not."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F

from accounts.actor import Actor
from bench import reserve
from kernel.errors import Refused
from ledger import selectors, workflow
from ledger.keys import AccountKey, Kind
from ledger.models import Account, Transfer
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person, make_school

RACERS = 12


@pytest.fixture
def school(committed: None) -> Any:
    return make_school()


def race(school: Any, act: Callable[[int], bool], racers: int = RACERS) -> list[bool]:
    """``act`` in so many threads that start together, each with a connection and the school of its own."""
    gate = threading.Barrier(racers)

    def run(n: int) -> bool:
        try:
            with use_tenant(school.id):
                connection.ensure_connection()
                gate.wait(timeout=30)
                return act(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


def granted(school: Any, account: AccountKey, amount: int) -> Actor:
    finance = actor_of(make_person(school, "finance"))
    with use_tenant(school.id), transaction.atomic():
        workflow.grant(actor=finance, account=account, amount=amount, reference=f"grant:{account.owner}")
    return finance


def test_the_last_unit_has_exactly_one_winner(school: Any) -> None:
    account = AccountKey("quota", "person:1/s", 2026, "session")
    finance = granted(school, account, 1)

    def take(n: int) -> bool:
        try:
            workflow.reserve(actor=finance, account=account, amount=1, reference=f"b{n}")
        except Refused as refusal:
            assert refusal.reason == "quota_used_up"
            return False
        return True

    assert sum(race(school, take)) == 1
    with use_tenant(school.id):
        assert (selectors.balance(account).available, selectors.balance(account).reserved) == (0, 1)
        assert Transfer.objects.filter(kind="reserve").count() == 1
        assert selectors.difference() == 0


def test_control_without_the_lock_many_would_have_won(school: Any) -> None:
    """The same decision on a balance read without a lock: the race is real, so the test above proves something."""
    account = AccountKey("quota", "person:1/s", 2026, "session")
    granted(school, account, 1)

    def look_then_take(n: int) -> bool:
        with transaction.atomic():
            left = selectors.balance(account).available
            time.sleep(0.05)
            return left >= 1

    assert sum(race(school, look_then_take)) > 1


def test_control_even_without_our_lock_the_database_lets_nobody_below_zero(school: Any) -> None:
    account = AccountKey("pool", "s", 2026, "fen")
    granted(school, account, 3)
    with use_tenant(school.id):
        before = selectors.balance(account)
        with pytest.raises(Exception, match="only an entry moves a balance"), transaction.atomic():
            Account.objects.filter(bucket="available").update(balance=F("balance") - 5)
        assert selectors.balance(account) == before


def test_the_same_reference_sent_by_many_at_once_moves_once(school: Any) -> None:
    account = AccountKey("pool", "s", 2026, "fen")
    finance = granted(school, account, 100)

    def take(n: int) -> bool:
        return bool(workflow.reserve(actor=finance, account=account, amount=100, reference="one"))

    assert all(race(school, take))
    with use_tenant(school.id):
        assert selectors.balance(account).reserved == 100
        assert Transfer.objects.filter(reference="one").count() == 1


def test_lines_wanted_crosswise_and_opened_at_once_never_deadlock(school: Any) -> None:
    finance = actor_of(make_person(school, "finance"))
    accounts = [AccountKey("pool", f"s{n}", 2026, "fen") for n in range(4)]

    def work(n: int) -> bool:
        wanted = accounts if n % 2 else accounts[::-1]
        for round_no in range(5):
            with transaction.atomic():
                workflow.lock_accounts(wanted)
                for account in wanted:
                    workflow.grant(
                        actor=finance, account=account, amount=1, reference=f"{n}:{round_no}:{account.owner}"
                    )
        return True

    assert all(race(school, work, racers=8))
    with use_tenant(school.id):
        assert [selectors.balance(account).available for account in accounts] == [40] * 4
        assert selectors.difference() == 0


def test_two_lines_at_once_are_never_half_taken(school: Any) -> None:
    pool, quota = AccountKey("pool", "s", 2026, "fen"), AccountKey("quota", "person:1/s", 2026, "session")
    finance = granted(school, pool, 500)
    granted(school, quota, 3)

    def take(n: int) -> bool:
        amounts = {pool: 100, quota: 1} if n % 2 else {quota: 1, pool: 100}
        try:
            workflow.move(actor=finance, kind=Kind.RESERVE, amounts=amounts, reference=f"b{n}")
        except Refused:
            return False
        return True

    assert sum(race(school, take)) == 3
    with use_tenant(school.id):
        assert (selectors.balance(pool).reserved, selectors.balance(quota).reserved) == (300, 3)


def test_m5_the_benchmark_comes_out_right(committed: None) -> None:
    """Correctness only; the rate is the benchmark's to say. ``run`` itself asserts the books and the refusals."""
    answer = reserve.run(n=160)
    assert (answer["case"], answer["unit"], answer["n"]) == ("reserve", "1/s", 160)
    assert answer["ours"] > 0

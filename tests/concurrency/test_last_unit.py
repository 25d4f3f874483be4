"""Two people, one last subsidy: one gets it, the other is told why not; pool and quota never fall below zero (rules §1)."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Min

from accounts.actor import Actor
from audit import record
from bench._vouchers import FEE_FEN, SUBSIDY_FEN, Ground, ask, make_ground
from kernel.clock import local_day, now
from ledger import selectors
from ledger.models import Account
from referrals.models import Referral
from referrals.policy import recompute
from tenancy.numbers import next_number
from tenancy.scope import use_tenant
from tests.conftest import actor_of, make_person

pytestmark = pytest.mark.usefixtures("committed")


def submit_together(ground: Ground, people: list[Actor]) -> list[Referral]:
    """Each person's request from a thread and a connection of its own, all at the same moment."""
    gate = threading.Barrier(len(people))

    def submit(person: Actor) -> Referral:
        try:
            with use_tenant(ground.school.id):
                connection.ensure_connection()
                gate.wait(timeout=30)
                return ask(ground, person=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(people)) as pool:
        return list(pool.map(submit, people))


def staff_of(ground: Ground, count: int) -> list[Actor]:
    return [actor_of(make_person(ground.school, "staff")) for _ in range(count)]


def reasons(referral: Referral) -> set[str]:
    return {line["reason"] for line in referral.decision["lines"]}


def check_nothing_is_lost(ground: Ground, referrals: list[Referral]) -> None:
    """The books hold exactly what was promised, no bucket is below zero, and every decision can be redone."""
    with use_tenant(ground.school.id):
        promised = sum(referral.subsidy_fen for referral in referrals)
        assert selectors.balance(ground.pool).reserved == promised
        assert Account.objects.exclude(bucket="granted").aggregate(low=Min("balance"))["low"] >= 0
        assert selectors.difference() == 0
    for referral in referrals:
        assert referral.fee_fen == referral.subsidy_fen + referral.self_fen == FEE_FEN
        assert recompute(referral.decision["inputs"]).to_json() == referral.decision


def test_the_pools_last_subsidy_goes_to_one_and_the_other_pays_in_full_and_is_told_why() -> None:
    ground = make_ground(0, pool_fen=SUBSIDY_FEN)
    referrals = submit_together(ground, staff_of(ground, 2))
    assert sorted(referral.subsidy_fen for referral in referrals) == [0, SUBSIDY_FEN]
    lucky, other = sorted(referrals, key=lambda referral: referral.self_fen)
    assert "pool_used_up" not in reasons(lucky)
    assert "pool_used_up" in reasons(other)
    check_nothing_is_lost(ground, referrals)
    with use_tenant(ground.school.id):
        assert selectors.balance(ground.pool).available == 0


def test_the_last_fen_of_the_pool_is_shared_out_to_the_fen() -> None:
    """One and a half subsidies for six people: the pool ends empty, nobody gets a fen that is not there."""
    ground = make_ground(0, pool_fen=SUBSIDY_FEN * 3 // 2 + 1)
    referrals = submit_together(ground, staff_of(ground, 6))
    assert sorted((referral.subsidy_fen for referral in referrals), reverse=True) == [
        SUBSIDY_FEN, SUBSIDY_FEN // 2 + 1, 0, 0, 0, 0,
    ]  # fmt: skip
    assert all("pool_used_up" in reasons(referral) for referral in referrals if referral.subsidy_fen < SUBSIDY_FEN)
    check_nothing_is_lost(ground, referrals)


def test_the_last_of_one_persons_quota_is_used_once_from_two_windows() -> None:
    ground = make_ground(0, quota_fen=SUBSIDY_FEN)
    referrals = submit_together(ground, [ground.person] * 3)
    assert sorted(referral.subsidy_fen for referral in referrals) == [0, 0, SUBSIDY_FEN]
    assert sum("quota_used_up" in reasons(referral) for referral in referrals) == 2
    check_nothing_is_lost(ground, referrals)
    with use_tenant(ground.school.id):
        stands = selectors.balance(ground.quota)
        assert (stands.available, stands.reserved) == (0, SUBSIDY_FEN)


def test_a_first_request_never_waits_for_a_number_while_it_holds_the_audit_chain() -> None:
    """Two requests under different schemes share number series and audit chain, but no account of the ledger.

    The rival stands where a request without a new quota stands: it has its number and is about to write its audit
    row. A first request that had opened its quota (an audit row) before asking for its number would wait for the
    rival while the rival waits for it, and PostgreSQL would end one of them.
    """
    ground = make_ground(0, pool_fen=SUBSIDY_FEN)
    (person,) = staff_of(ground, 1)
    numbered, asking = threading.Event(), threading.Event()

    def rival() -> None:
        try:
            with use_tenant(ground.school.id), transaction.atomic():
                next_number("referral", local_day(now() + timedelta(days=1)).year)
                numbered.set()
                asking.wait(timeout=30)
                time.sleep(1)  # the first request is by now waiting for its number
                record(actor=person, action="test.rival", object_type="test", object_id=person.user_id)
        finally:
            connection.close()

    def first() -> Referral:
        try:
            numbered.wait(timeout=30)
            asking.set()
            with use_tenant(ground.school.id):
                return ask(ground, person=person)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        other = pool.submit(rival)
        assert pool.submit(first).result(timeout=60).subsidy_fen == SUBSIDY_FEN
        other.result(timeout=60)

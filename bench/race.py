"""M1: many counters spend the same one-unit vouchers at the same moment. Exactly one success a voucher.

Ours is the number of successes for each voucher, the floor what the same look-and-write without the lock lets through.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

from bench._vouchers import SUBSIDY_FEN, Ground, make_ground
from kernel.errors import Conflict
from ledger import selectors
from referrals.models import Redemption, Voucher
from referrals.states import VoucherState
from referrals.workflow.redeeming import redeem
from tenancy.scope import use_tenant

RACERS = 64
CONTROL = 20
"""Vouchers of the control: each costs a connection's whole wait, and the share shows after a few."""


def run(n: int = 1000, racers: int = RACERS) -> dict[str, Any]:
    """``racers`` threads, each with a connection of its own, on each of ``n`` vouchers. AssertionError when one is spent twice."""
    ground = make_ground(n)
    won = spend_all(ground, racers)
    assert won == [1] * n, f"{sum(count != 1 for count in won)} vouchers without exactly one success"
    check_books(ground)
    looked = control(min(n, CONTROL), racers)
    double = sum(count > 1 for count in looked) / len(looked)
    assert double >= 0.9, f"the control spends twice on only {double:.0%}: the race is not real"
    per_voucher = sum(looked) / len(looked)
    return {
        "case": "race",
        "ours": 1.0,
        "floor": round(per_voucher, 1),
        "ratio": round(1 / per_voucher, 3),
        "unit": "successes/voucher",
        "n": n,
        "racers": racers,
        "control_double": double,
    }


def spend_all(ground: Ground, racers: int) -> list[int]:
    """Successes of each voucher, in the order of ``ground.codes``. Any refusal but ``already_redeemed`` is an error."""

    def spend(index: int) -> int:
        try:
            return len(redeem(actor=ground.counter, text=ground.codes[index]))
        except Conflict as refusal:
            if refusal.reason != "already_redeemed":
                raise
            return 0

    return together(len(ground.codes), racers, spend)


def check_books(ground: Ground) -> None:
    """After the race: one redemption a voucher, nothing left, nothing below zero, every fen where it belongs."""
    n = len(ground.codes)
    with use_tenant(ground.school.id):
        vouchers = list(Voucher.objects.values_list("state", "units_left"))
        assert vouchers == [(VoucherState.USED_UP, 0)] * n
        assert Redemption.objects.count() == n == Redemption.objects.values("voucher").distinct().count()
        for account in (ground.pool, ground.quota):
            stands = selectors.balance(account)
            assert (stands.reserved, stands.spent) == (0, n * SUBSIDY_FEN)
        assert selectors.difference() == 0


def control(n: int, racers: int) -> list[int]:
    """Successes of each voucher with nothing locked between look and write, and everybody looking before anybody writes."""
    ground = make_ground(n)
    looked = threading.Barrier(racers)
    with use_tenant(ground.school.id):
        pks = list(Voucher.objects.order_by("pk").values_list("pk", flat=True))

    def look_then_write(index: int) -> int:
        with use_tenant(ground.school.id):
            left = Voucher.objects.values_list("units_left", flat=True).get(pk=pks[index])
            looked.wait(timeout=60)
            if left < 1:
                return 0
            with transaction.atomic():
                return Voucher.objects.filter(pk=pks[index]).update(units_left=left - 1)

    return together(n, racers, look_then_write)


def together(n: int, racers: int, act: Callable[[int], int]) -> list[int]:
    """``act(0) … act(n - 1)``, each in ``racers`` threads at once; nobody begins one before all have reached it. Sums."""
    gate = threading.Barrier(racers)

    def racer(_number: int) -> list[int]:
        try:
            connection.ensure_connection()
            done = []
            for index in range(n):
                gate.wait(timeout=120)
                done.append(act(index))
            return done
        except BaseException:
            gate.abort()
            raise
        finally:
            connection.close()

    with ThreadPoolExecutor(racers) as pool:
        return [sum(answers) for answers in zip(*pool.map(racer, range(racers)), strict=True)]

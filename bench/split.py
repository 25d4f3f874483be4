"""What a decision costs beside the bare integer arithmetic that it must contain."""

import time
from collections.abc import Callable
from datetime import date
from typing import Any

from referrals.policy import PolicyTerms, decide

UNITS = 3
FEE, SHARE, CAP = 30_000, 7_000, 28_000
QUOTA, POOL = 50_000, 10_000_000
TERMS = PolicyTerms(
    policy_id="bench",
    version=1,
    scheme="counselling",
    group="all",
    share_bp=SHARE,
    session_eligible_cap_fen=CAP,
    quota_unit="fen",
    quota_amount=100_000,
    valid_from=date(2026, 9, 1),
)


def run(n: int = 20_000) -> dict[str, Any]:
    """``n`` decisions of three sessions each, best of three rounds on both sides; unit: decisions a second."""
    if _ours().subsidy_fen != _floor():
        raise AssertionError("both sides must give the same fen")
    ours, floor = _rate(_ours, n), _rate(_floor, n)
    return {
        "case": "split",
        "ours": round(ours),
        "floor": round(floor),
        "ratio": round(ours / floor, 3),
        "unit": "decisions/s",
        "n": n,
    }


def _ours() -> Any:
    return decide(TERMS, list_fee_fen=FEE, tariff_fen=None, units=UNITS, quota_left=QUOTA, pool_left_fen=POOL)


def _floor() -> int:
    quota, pool, subsidy = QUOTA, POOL, 0
    wanted = (min(FEE, CAP) * SHARE + 5_000) // 10_000
    for _ in range(UNITS):
        given = min(wanted, quota, pool)
        quota -= given
        pool -= given
        subsidy += given
    return subsidy


def _rate(call: Callable[[], object], n: int) -> float:
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(n):
            call()
        best = min(best, time.perf_counter() - started)
    return n / best

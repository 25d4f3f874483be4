"""A machine whose clock has jumped: a process more than a minute off claims nothing until it is right again (chain §3)."""

import threading
import time
from typing import Any

import pytest

from referrals.emergency.engine import processes
from referrals.emergency.engine.processes import PAUSE, Child, skew_ms
from referrals.emergency.models import EngineProcess
from tenancy.scope import no_scope

pytestmark = pytest.mark.usefixtures("committed")


class MovedClock:
    """The machine's clock, moved by so many seconds."""

    def __init__(self, ahead: float) -> None:
        self.ahead = ahead

    def time(self) -> float:
        return time.time() + self.ahead


def claims(child: Child, seconds: float) -> int:
    """How often the child's loop went to work within ``seconds``."""
    done: list[int] = []

    def work() -> int:
        done.append(1)
        return 0

    thread = threading.Thread(target=child._keep, args=(work,), daemon=True)
    thread.start()
    time.sleep(seconds)
    child.stopping.set()
    thread.join(5)
    child.stopping.clear()
    return len(done)


@pytest.mark.parametrize("skew", [60_001, -60_001, 3_600_000])
def test_more_than_a_minute_off_claims_nothing_until_it_is_right_again(skew: int) -> None:
    child = Child()
    child._tell_skew(skew)
    assert child.is_skewed
    assert claims(child, 3 * PAUSE) == 0
    child._tell_skew(-2_001)
    assert not child.is_skewed
    assert claims(child, 3 * PAUSE) > 0, "two seconds off is said, and work goes on"


def test_a_minute_exactly_still_works() -> None:
    child = Child()
    child._tell_skew(60_000)
    assert not child.is_skewed and claims(child, PAUSE) > 0


@pytest.mark.parametrize("ahead", [61.0, -61.0])
def test_the_sign_of_life_finds_the_jump_and_says_how_far(ahead: float, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: Any = MovedClock(ahead)
    monkeypatch.setattr(processes, "time", moved)
    with no_scope():
        assert abs(skew_ms() - ahead * 1000) < 1_000
    child = Child()
    beating = threading.Thread(target=child._beat, daemon=True)
    beating.start()
    until = time.monotonic() + 20
    while not child.is_skewed and time.monotonic() < until:
        time.sleep(0.02)
    with no_scope():
        told = list(EngineProcess.objects.filter(kind="engine").values_list("skew_ms", flat=True))
    child.stopping.set()
    beating.join(5)
    assert child.is_skewed and [abs(one - ahead * 1000) < 1_000 for one in told] == [True]
    with no_scope():
        assert not EngineProcess.objects.exists(), "an orderly end takes its sign along"

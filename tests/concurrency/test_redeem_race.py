"""M1: one unit, many counters, one success. Small here; the full size is ``bin/bench race``."""

import pytest

from bench import race, redeem
from bench._vouchers import make_ground
from referrals.models import ScanLog
from tenancy.scope import use_tenant

RACERS, VOUCHERS = 16, 8

pytestmark = pytest.mark.usefixtures("committed")


def test_m1_one_success_for_each_unit_and_the_books_agree() -> None:
    ground = make_ground(VOUCHERS)
    assert race.spend_all(ground, RACERS) == [1] * VOUCHERS
    race.check_books(ground)
    with use_tenant(ground.school.id):
        outcomes = list(ScanLog.objects.values_list("outcome", flat=True))
    assert outcomes.count("redeemed") == VOUCHERS
    assert outcomes.count("already_redeemed") == VOUCHERS * (RACERS - 1), "every refused try is on the log"


def test_m1_control_without_the_lock_almost_every_unit_is_spent_twice() -> None:
    """The same look and write without the lock: the race is real, so the test above can fail."""
    counts = race.control(VOUCHERS, RACERS)
    assert sum(count > 1 for count in counts) >= 0.9 * VOUCHERS


def test_m1_the_measurement_itself_comes_out_right() -> None:
    answer = race.run(n=2, racers=4)
    assert (answer["case"], answer["ours"], answer["n"]) == ("race", 1.0, 2)
    assert answer["control_double"] >= 0.9


def test_p2_the_benchmark_of_one_worker_comes_out_right() -> None:
    """Correctness only; the rate is the benchmark's to say. ``run`` itself checks both sides' books."""
    answer = redeem.run(n=8)
    assert (answer["unit"], answer["n"]) == ("1/s", 8)
    assert 0 < answer["statements"] <= 10

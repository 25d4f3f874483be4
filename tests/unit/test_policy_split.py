"""The public contract `referrals.policy.split`, refunds and the attended part of a month (rules §1, promise M4)."""

import random
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.errors import Refused
from kernel.money import MAX_FEN, WHOLE_BP
from referrals.policy import UnitSplit, correction, prorate, refund, split

fens = st.integers(0, MAX_FEN)
shares = st.integers(0, WHOLE_BP)


@pytest.mark.parametrize(
    ("fee", "share", "parts"),
    [
        (12_345, 7_000, (8_642, 3_703)),
        (101, 5_000, (51, 50)),
        (1, 5_000, (1, 0)),
        (30_000, 7_000, (21_000, 9_000)),
        (0, 7_000, (0, 0)),
        (1, 4_999, (0, 1)),
        (999, 0, (0, 999)),
        (999, 10_000, (999, 0)),
        (MAX_FEN, 10_000, (MAX_FEN, 0)),
    ],
)
def test_worked_examples(fee, share, parts):
    assert split(fee, share) == parts


@pytest.mark.parametrize(("fee", "share"), [(-1, 0), (MAX_FEN + 1, 0), (1, -1), (1, 10_001)])
def test_out_of_range_is_a_value_error(fee, share):
    with pytest.raises(ValueError):
        split(fee, share)


@pytest.mark.parametrize("bad", [1.0, "100", None, True, Decimal(100), float("nan"), float("inf"), 1 + 0j])
def test_what_is_not_a_whole_number_is_a_type_error(bad):
    with pytest.raises(TypeError):
        split(bad, 7_000)
    with pytest.raises(TypeError):
        split(100, bad)


def test_m4_a_million_random_splits_are_exact_and_refund_returns_exactly_the_parts():
    draw = random.Random(20_260_901).random
    wrong = 0
    for number in range(1_000_000):
        fee = int(draw() * (1_000 if number % 3 else 10_000_000))
        share = int(draw() * (WHOLE_BP + 1))
        subsidy, own = split(fee, share)
        off = subsidy * WHOLE_BP - fee * share  # ten-thousandths of a fen from the exact part
        if subsidy + own != fee or subsidy < 0 or own < 0 or not -WHOLE_BP // 2 < off <= WHOLE_BP // 2:
            wrong += 1
        if refund(subsidy, own) != (subsidy, own):
            wrong += 1
    assert wrong == 0


@given(st.data(), st.integers(0, 10**6), shares)
def test_m4_any_chain_of_refunds_returns_exactly_the_parts(data, fee, share):
    paid = split(fee, share)
    back_subsidy = back_self = before = 0
    while before < fee:
        back = data.draw(st.integers(max(1, fee // 7), fee))
        back = min(back, fee - before)
        subsidy, own = refund(*paid, back, before_fen=before)
        assert subsidy >= 0
        assert own >= 0
        assert subsidy + own == back
        back_subsidy, back_self, before = back_subsidy + subsidy, back_self + own, before + back
    assert (back_subsidy, back_self) == paid


@given(fens, shares, st.data())
def test_part_of_a_fee_is_refunded_in_the_same_proportion(fee, share, data):
    paid_subsidy, paid_self = split(fee, share)
    back = data.draw(st.integers(0, fee))
    subsidy, own = refund(paid_subsidy, paid_self, back)
    assert subsidy + own == back
    assert abs(Decimal(subsidy) * fee - Decimal(paid_subsidy) * back) * 2 <= fee


def test_the_odd_fen_goes_back_to_the_side_it_came_from():
    assert refund(*split(101, 5_000)) == (51, 50)


@pytest.mark.parametrize(("back", "before"), [(101, 0), (1, 100), (None, 101)])
def test_a_refund_never_exceeds_what_was_paid(back, before):
    with pytest.raises(Refused) as refusal:
        refund(70, 30, back, before_fen=before)
    assert refusal.value.reason == "refund_exceeds_paid"
    assert refusal.value.params["left_fen"] == max(100 - before, 0)


def test_refund_of_nothing_is_nothing():
    assert refund(0, 0) == (0, 0)
    assert refund(70, 30, 0) == (0, 0)
    assert refund(70, 30, before_fen=100) == (0, 0)


@pytest.mark.parametrize("bad", [-1, 1.5, "1", True])
def test_a_refund_takes_whole_fen_only(bad):
    with pytest.raises((TypeError, ValueError)):
        refund(70, 30, bad)
    with pytest.raises((TypeError, ValueError)):
        refund(bad, 30)


@pytest.mark.parametrize(
    ("fee", "attended", "service", "asked"),
    [(88_000, 22, 22, 88_000), (88_000, 11, 22, 44_000), (100, 1, 3, 33), (100, 2, 3, 67), (1, 1, 2, 1), (5, 0, 22, 0)],
)
def test_a_childcare_month_is_prorated_by_attended_days(fee, attended, service, asked):
    assert prorate(fee, attended_days=attended, service_days=service) == asked


@pytest.mark.parametrize(("attended", "service"), [(-1, 22), (23, 22), (0, 0), (1, 32)])
def test_days_that_cannot_be_are_refused(attended, service):
    with pytest.raises(ValueError):
        prorate(100, attended_days=attended, service_days=service)


@pytest.mark.parametrize("bad", [1.0, "1", True, None])
def test_days_are_whole(bad):
    with pytest.raises(TypeError):
        prorate(100, attended_days=bad, service_days=22)
    with pytest.raises(TypeError):
        prorate(100, attended_days=1, service_days=bad)


def test_a_correction_is_the_new_split_less_the_old_one_never_the_split_of_the_difference():
    old, new = (UnitSplit(fee, *split(fee, 5_000)) for fee in (101, 102))
    assert correction(old, new) == (1, 0, 1)
    assert split(1, 5_000) == (1, 0), "which would leave the school with 52 of 102"
    assert correction(new, old) == (-1, 0, -1)
    for fee in range(500):
        for share in (0, 3_333, 5_000, 7_000, 10_000):
            before, after = UnitSplit(fee, *split(fee, share)), UnitSplit(499 - fee, *split(499 - fee, share))
            change = correction(before, after)
            assert change.fee_fen == change.subsidy_fen + change.self_fen
            assert before.subsidy_fen + change.subsidy_fen == split(499 - fee, share)[0]

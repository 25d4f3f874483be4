"""Fen and basis points (rules §1)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import MAX_FEN, WHOLE_BP, checked_bp, checked_fen, share_of, yuan


@pytest.mark.parametrize("value", [0, 1, 12_345, MAX_FEN])
def test_whole_non_negative_fen_are_money(value):
    assert checked_fen(value) == value


@pytest.mark.parametrize("value", [-1, MAX_FEN + 1, -MAX_FEN])
def test_fen_out_of_range_are_refused(value):
    with pytest.raises(ValueError, match="between 0 and"):
        checked_fen(value)


@pytest.mark.parametrize("value", [1.0, 0.5, float("nan"), "1", None, True, False, Decimal(1), b"1", [1]])
def test_anything_but_a_whole_number_is_no_money_and_no_share(value):
    with pytest.raises(TypeError, match="whole"):
        checked_fen(value)
    with pytest.raises(TypeError, match="whole"):
        checked_bp(value)


def test_the_refusal_names_the_field():
    with pytest.raises(ValueError, match="list_fee_fen"):
        checked_fen(-1, field="list_fee_fen")


@pytest.mark.parametrize("value", [0, 1, 7_000, WHOLE_BP])
def test_a_share_is_none_to_all(value):
    assert checked_bp(value) == value


@pytest.mark.parametrize("value", [-1, WHOLE_BP + 1])
def test_a_share_out_of_range_is_refused(value):
    with pytest.raises(ValueError, match="basis points"):
        checked_bp(value)


@given(st.integers(0, MAX_FEN), st.integers(0, WHOLE_BP))
def test_a_share_is_rounded_half_up(amount, bp):
    exact = Decimal(amount) * bp / WHOLE_BP
    part = share_of(amount, bp)
    assert -Decimal("0.5") < part - exact <= Decimal("0.5")


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (0, "¥0.00"),
        (5, "¥0.05"),
        (100, "¥1.00"),
        (1_234_567, "¥12,345.67"),
        (-1, "-¥0.01"),
        (-1_234_567, "-¥12,345.67"),
    ],
)
def test_money_is_shown_in_yuan_with_two_places(fen, text):
    assert yuan(fen) == text

"""Arithmetic of a split price: divide it, give it back, take the attended part of a month (rules §1)."""

from kernel.errors import Refused
from kernel.money import checked_bp, checked_fen, share_of


def split(fee_fen: int, share_bp: int) -> tuple[int, int]:
    """``(subsidy_fen, self_fen)``: the school's share of a fee, rounded half up, and all the rest for the person.

    Only one side is rounded, so the parts always make the fee: 12 345 fen at 7 000 bp is 8 642 + 3 703.
    TypeError for anything that is not a whole number, ValueError outside the range of `kernel.money`.
    """
    subsidy_fen = share_of(checked_fen(fee_fen, field="fee_fen"), checked_bp(share_bp))
    return subsidy_fen, fee_fen - subsidy_fen


def refund(subsidy_fen: int, self_fen: int, back_fen: int | None = None, *, before_fen: int = 0) -> tuple[int, int]:
    """``(subsidy_back, self_back)`` of a refund of ``back_fen``; None gives back all that is left.

    ``subsidy_fen`` and ``self_fen`` are what was paid, ``before_fen`` what earlier refunds gave back in all.
    The same proportions are reversed, the odd fen stays on the side it was on: parts are taken from the running
    total, so any chain of refunds that reaches the fee returns exactly the two parts. Raises Refused
    ``refund_exceeds_paid`` beyond what was paid.
    """
    paid_subsidy = checked_fen(subsidy_fen, field="subsidy_fen")
    fee_fen = paid_subsidy + checked_fen(self_fen, field="self_fen")
    before = checked_fen(before_fen, field="before_fen")
    after = fee_fen if back_fen is None else before + checked_fen(back_fen, field="back_fen")
    if max(before, after) > fee_fen:
        raise Refused("refund_exceeds_paid", left_fen=max(fee_fen - before, 0))
    subsidy_back = _part(paid_subsidy, after, fee_fen) - _part(paid_subsidy, before, fee_fen)
    return subsidy_back, after - before - subsidy_back


def prorate(fee_fen: int, *, attended_days: int, service_days: int) -> int:
    """Fen asked for a month of which ``attended_days`` of ``service_days`` were attended, rounded half up.

    ``service_days`` counts the days on which the service was open that month. TypeError, ValueError on other input.
    """
    fee = checked_fen(fee_fen, field="fee_fen")
    for days in (attended_days, service_days):
        if isinstance(days, bool) or not isinstance(days, int):
            raise TypeError("days must be whole")
    if not 1 <= service_days <= 31 or not 0 <= attended_days <= service_days:
        raise ValueError("attended days must lie between 0 and the month's service days")
    return _part(fee, attended_days, service_days)


def _part(amount_fen: int, numerator: int, denominator: int) -> int:
    """``amount_fen × numerator / denominator``, rounded half up; of nothing, nothing."""
    if denominator == 0:
        return 0
    return (2 * amount_fen * numerator + denominator) // (2 * denominator)

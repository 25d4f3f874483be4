"""What the books of a walk must say: units, vouchers and accounts agree to the fen, and a refusal moves nothing (M6)."""

from typing import Any

from kernel.clock import now
from ledger.models import Account
from ledger.selectors import difference
from notifications.models import OutboxMessage
from referrals.models import Booking, Correction, Offer, Proposal, Redemption, Referral, Reschedule, Unit, Voucher
from referrals.offices.published import published_pools
from referrals.subsidies import accounting
from referrals.workflow.ending import LIVE

HELD_STATES = ("submitted", "approved", "offered", "confirmed", "in_service")


def check_books() -> None:
    """Per line Σ of the units that are held = reserved, of those that are spent = spent (M6), to the fen."""

    sums: dict[str, dict[Any, int]] = {"held": {}, "spent": {}}
    for row in Referral.objects.all():
        standing = [r for r in Redemption.objects.filter(voucher__referral=row) if r.state != "reversed"]
        voucher = Voucher.objects.filter(referral=row).first()
        used = {r.unit_index for r in standing}
        fees = {r.unit_index: r.subsidy_fen for r in standing if r.kind == "fee"}
        units = list(Unit.objects.filter(referral=row).order_by("index"))
        lives = row.state in HELD_STATES and (voucher is None or voucher.state in LIVE)
        if voucher is not None:
            left = sum(u.state == "held" for u in units) if voucher.state in (*LIVE, "used_up") else 0
            assert voucher.units_left == left, (voucher.state, voucher.units_left, used)
            assert (row.state in ("confirmed", "in_service")) == (voucher.state in LIVE), (row.state, voucher.state)
        assert [[u.fee_fen, u.subsidy_fen, u.self_fen] for u in units] == splits_of(row)
        held = sum(unit.state == "held" for unit in units)
        gone = sum(map(lost_its_unit, Booking.objects.filter(referral=row)))
        assert held == (len(units) - len(used) - gone if lives else 0), (row.state, held, used, gone)
        for unit in units:
            stands_as = unit.state
            assert (stands_as == "spent") == (unit.index in used), (row.state, unit.index, unit.state)
            for account, amount in accounting.amounts_of(row, unit).items():
                if account.unit == "fen":
                    amount = min(amount, fees.get(unit.index, amount))
                if stands_as in sums:
                    of_line = sums[stands_as]
                    of_line[account] = of_line.get(account, 0) + amount
    for name, wanted in (("reserved", sums["held"]), ("spent", sums["spent"])):
        stands = {
            (account.book, account.owner, account.period): account.balance
            for account in Account.objects.filter(bucket=name)
        }
        for account, amount in wanted.items():
            assert stands.get((account.book, account.owner, account.period), 0) == amount, (name, account, amount)
    assert difference() == 0
    assert accounting.units_difference() == 0
    for year in Account.objects.filter(book="pool").values_list("period", flat=True).distinct():
        published_pools(year, moment=now(), fewest=5)  # KeyError for a movement of which it cannot say whose it is


def splits_of(row: Referral) -> list[list[int]]:
    """What was decided for each unit, and what was corrected since: every part old + (new − old). A correction ends with its use."""
    splits = [list(split) for split in row.decision["units"]]
    made = Correction.objects.filter(redemption__voucher__referral=row, state="approved").exclude(
        redemption__state="reversed"
    )
    for correction in made.select_related("redemption"):
        index = correction.redemption.unit_index
        splits[index] = [part + change for part, change in zip(splits[index], correction.change, strict=True)]
    return splits


def lost_its_unit(booking: Booking) -> bool:
    """Whether a missed appointment took a unit with it that no pool pays for, or whose fee was waived."""
    lapsed = booking.state == "lapsed"
    not_come = booking.state == "no_show" and booking.due_at is None
    late = booking.state == "cancelled_late" and booking.missed_fee_fen > 0
    return (lapsed or not_come or late) and not Redemption.objects.filter(booking=booking).exclude(
        state="reversed"
    ).exists()


def reserved() -> int:
    """What is held in all pools, fen."""
    return sum(Account.objects.filter(book="pool", bucket="reserved").values_list("balance", flat=True))


def snapshot() -> Any:
    """Everything that a refused act may not touch; the log of scans is meant to keep it."""
    return (
        list(
            Referral.objects.order_by("pk").values_list("pk", "state", "deadline", "decline_reason", "looked_again_at")
        ),
        list(Offer.objects.order_by("pk").values_list("pk", "state", "deadline")),
        list(Proposal.objects.order_by("pk").values_list("pk", "accepted_at")),
        list(Reschedule.objects.order_by("pk").values_list("pk", "state")),
        list(
            Booking.objects.order_by("pk").values_list(
                "pk", "state", "starts_at", "sequence", "person_says", "agency_says", "due_at"
            )
        ),
        list(
            Voucher.objects.order_by("pk").values_list(
                "pk", "state", "units_left", "valid_from", "valid_until", "booking"
            )
        ),
        list(Redemption.objects.order_by("pk").values_list("pk", "state")),
        list(Correction.objects.order_by("pk").values_list("pk", "state")),
        list(Account.objects.exclude(balance=0).order_by("pk").values_list("pk", "balance")),
        OutboxMessage.objects.count(),
    )

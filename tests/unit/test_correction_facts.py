"""What a page says of a corrected split: what changes with its difference, what stays once."""

from django.utils.translation import override

from referrals.offices.views_corrections import split_facts
from referrals.policy import UnitSplit


def test_what_changes_is_said_with_its_difference_and_what_stays_once() -> None:
    with override("en"):
        facts = dict(split_facts(UnitSplit(30_000, 0, 30_000), UnitSplit(24_000, 0, 24_000)))
    assert facts == {
        "Price": "¥300.00 → ¥240.00 (-¥60.00)",
        "School pays": "¥0.00",
        "The person pays": "¥300.00 → ¥240.00 (-¥60.00)",
    }

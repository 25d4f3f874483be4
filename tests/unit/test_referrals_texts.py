"""Sentences of the referral journey that need no row."""

from datetime import date

import pytest
from django.utils.translation import override

from kernel.money import yuan
from referrals.policy import CutReason, QuoteLine
from referrals.texts import explain_line, reset_day


@pytest.mark.parametrize(("language", "shown"), [("zh-hans", "9月1日"), ("en", "1 September")])
def test_the_day_a_quota_begins_anew_is_written_in_the_readers_language(language: str, shown: str) -> None:
    with override(language):
        assert reset_day(date(2027, 9, 1)) == shown


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_line_of_an_empty_pool_names_the_persons_part_and_no_balance(language: str) -> None:
    """The rules want each cut explained; what was left in the pool is the school's."""
    with override(language):
        shorter, longer = (
            explain_line(QuoteLine(CutReason.POOL_USED_UP, fen, "counselling", 1, {"pool_left_fen": 12_345}))
            for fen in (3_000, 700)
        )
    assert shorter.replace(yuan(3_000), "") == longer.replace(yuan(700), "")
    assert "123.45" not in shorter

"""Sentences of the referral journey that need no row."""

from datetime import date

import pytest
from django.utils.translation import override

from referrals.texts import reset_day


@pytest.mark.parametrize(("language", "shown"), [("zh-hans", "9月1日"), ("en", "1 September")])
def test_the_day_a_quota_begins_anew_is_written_in_the_readers_language(language: str, shown: str) -> None:
    with override(language):
        assert reset_day(date(2027, 9, 1)) == shown

"""Keys that stand in the order of time."""

from datetime import UTC, datetime, timedelta

import pytest

from kernel.identifiers import first_uuid7_at, uuid7s_at


def test_a_key_at_a_moment_lies_between_its_neighbours() -> None:
    day = datetime(2026, 8, 31, 16, tzinfo=UTC)  # midnight in Shanghai
    before, after = uuid7s_at(day - timedelta(microseconds=1), 8), uuid7s_at(day, 8)
    assert before == sorted(before)
    assert after == sorted(after)
    assert max(before) < first_uuid7_at(day) <= min(after)
    assert len({*before, *after}) == 16
    assert {(key.version, key.variant) for key in (*before, first_uuid7_at(day))} == {(7, "specified in RFC 4122")}
    assert int(day.timestamp() * 1000) == after[0].int >> 80
    with pytest.raises(ValueError, match="offset"):
        first_uuid7_at(day.replace(tzinfo=None))

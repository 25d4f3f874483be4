"""Clock, errors and identifiers of ``kernel``."""

import time
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel import errors
from kernel.clock import end_of_day, local_day, now, read_day, read_moment, school_year, start_of_day
from kernel.identifiers import keyed_hash, new_secret, uuid7
from kernel.moves import move


def test_now_has_an_offset_and_it_is_utc():
    assert now().utcoffset() == timedelta(0)


def test_a_day_is_counted_in_the_school_s_zone():
    late = datetime(2026, 10, 19, 16, 0, tzinfo=UTC)
    assert local_day(late) == date(2026, 10, 20)
    assert local_day(late - timedelta(microseconds=1)) == date(2026, 10, 19)
    assert local_day(late, "UTC") == date(2026, 10, 19)


@pytest.mark.parametrize(
    "text", [None, "", "2026-02-31", "20261", "1899-12-31", "2200-01-01", "今天", "2026-10-19x", 5]
)
def test_what_is_no_day_is_none(text):
    assert read_day(text) is None
    assert read_day("2026-10-19") == date(2026, 10, 19)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "2026-10-19",
        "2026-10-19T10:00",
        "2026-02-31T10:00+08:00",
        "0001-01-01T00:00+14:00",
        "9999-12-31T23:59-14:00",
    ],
)
def test_what_is_no_moment_is_none(text):
    """Without an offset it is nobody's; at the ends of the calendar another zone has no such day."""
    assert read_moment(text) is None
    assert read_moment("2026-10-19T10:00+08:00") == datetime(2026, 10, 19, 2, 0, tzinfo=UTC)


def test_a_time_without_offset_has_no_day():
    with pytest.raises(ValueError, match="naive"):
        local_day(datetime(2026, 10, 19, 16, 0))


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.sampled_from(["Asia/Shanghai", "Asia/Urumqi", "UTC"]))
def test_a_day_is_half_open_from_its_start_to_the_next_one_s(day, zone):
    start, end = start_of_day(day, zone), end_of_day(day, zone)
    assert start.utcoffset() == end.utcoffset() == timedelta(0)
    assert end == start_of_day(day + timedelta(days=1), zone)
    assert local_day(start, zone) == day
    assert local_day(end - timedelta(microseconds=1), zone) == day
    assert local_day(end, zone) == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("day", "year"), [(date(2026, 8, 31), 2025), (date(2026, 9, 1), 2026), (date(2027, 1, 1), 2026)]
)
def test_a_school_year_begins_on_the_first_of_september(day, year):
    assert school_year(day) == year


def test_row_ids_are_version_seven_unique_and_lie_in_the_order_of_time():
    made = [uuid7() for _ in range(1_000)]
    assert len(set(made)) == 1_000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    assert made == sorted(made), "rows made in the same millisecond keep their order"


def test_a_row_id_tells_its_millisecond():
    before = time.time_ns() // 1_000_000
    assert before <= uuid7().int >> 80 <= time.time_ns() // 1_000_000


def test_a_secret_has_at_least_the_bits_asked_for_and_fits_an_address():
    made = {new_secret() for _ in range(1_000)}
    assert len(made) == 1_000
    assert all(len(secret) * 6 >= 160 and secret.replace("-", "").replace("_", "").isalnum() for secret in made)
    assert len(new_secret(128)) * 6 >= 128


def test_a_keyed_hash_is_the_same_for_the_same_key_and_value_only():
    assert keyed_hash(b"k", "v") == keyed_hash(b"k", "v")
    assert len({keyed_hash(b"k", "v"), keyed_hash(b"k", "w"), keyed_hash(b"l", "v")}) == 3
    assert len(keyed_hash(b"k", "v")) == 32


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.NotFound, 404),
        (errors.Forbidden, 403),
        (errors.Conflict, 409),
        (errors.Refused, 422),
        (errors.Invalid, 400),
        (errors.TooMany, 429),
        (errors.IllegalMove, 409),
    ],
)
def test_an_error_has_its_status_its_own_code_and_keeps_what_its_sentence_needs(kind, status):
    assert kind.status == status
    assert kind().reason == kind.code
    told = kind("another_code", left=3)
    assert (told.reason, str(told), dict(told.params)) == ("another_code", "another_code", {"left": 3})
    assert isinstance(told, errors.DomainError)


def test_invalid_input_lists_its_fields():
    rows = (("units", "out_of_range", "1-60"),)
    assert errors.Invalid(fields=rows).fields == rows
    assert errors.Invalid().fields == ()


class Gate(StrEnum):
    OPEN = "open"
    SHUT = "shut"


class Push(StrEnum):
    SHUT = "shut"


def test_a_move_is_read_from_its_table_or_refused():
    table = {(Gate.OPEN, Push.SHUT): Gate.SHUT}
    assert move(table, Gate.OPEN, Push.SHUT) is Gate.SHUT
    with pytest.raises(errors.IllegalMove) as refusal:
        move(table, Gate.SHUT, Push.SHUT)
    assert dict(refusal.value.params) == {"state": "shut", "event": "shut"}

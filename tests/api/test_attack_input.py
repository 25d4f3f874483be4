"""Attacks on the interface's input that once cost more than a refusal (issue A §4, promise S1)."""

import time
from typing import Any

import pytest

from api.parsers import strict_object
from kernel.errors import DomainError
from tests.api.journey_client import API, request_body, staff_of, window
from tests.fixtures_journey import make_journey

pytestmark = pytest.mark.django_db
A_MOMENT = 2.0


@pytest.mark.parametrize(
    "body", [b'{"' + b'\\"' * 30_000, b'{"' + b'\\"' * 30_000 + b"\\", b'{"a":"' + b"\\\\" * 30_000]
)
def test_a_string_that_never_ends_costs_no_time(body: bytes) -> None:
    started = time.monotonic()
    with pytest.raises(DomainError):
        strict_object(body)
    assert time.monotonic() - started < A_MOMENT


def test_brackets_inside_strings_are_no_depth() -> None:
    assert strict_object(b'{"a": "[[[[\\"[[[[' + b"[" * 100 + b'"}')
    with pytest.raises(DomainError, match="too_deep"):
        strict_object(b'{"a": "x\\\\", "b": ' + b"[" * 40 + b"]" * 40 + b"}")


def test_each_fault_has_a_sentence_of_its_own_and_one_way_to_name_its_field(school: Any) -> None:
    journey = make_journey(school)
    staff, good = staff_of(journey), window()
    wrong = [
        ([{**good, "starts_at": "2020-01-04T09:00:00+08:00"}], "windows.0.starts_at", "这个时间已经过去了"),
        ([good, {**good, "ends_at": good["starts_at"]}], "windows.1.ends_at", "结束时间要晚于开始时间"),
        ([good] * 43, "windows", "可约时间填得太多了"),
    ]
    for windows, field, words in wrong:
        found = staff.post(f"{API}referrals/", request_body(journey, windows=windows)).json()
        rows = {row["field"]: row["detail"] for row in found["errors"]}
        assert words in rows[field], rows
    assert "(42)" in rows["windows"]
    missing = staff.post(f"{API}referrals/", request_body(journey, consent=[])).json()
    assert missing["errors"][0]["detail"].endswith("(referral)")

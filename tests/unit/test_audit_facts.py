"""``audit.facts`` admits no personal data."""

import enum
import uuid
from datetime import UTC, date, datetime

import pytest

from audit.facts import PersonalFact, checked_action, checked_facts


class Colour(enum.StrEnum):
    GREEN = "green"


def test_ids_amounts_days_and_codes_may_stand():
    some_id = uuid.uuid4()
    assert checked_facts(
        {
            "referral": some_id,
            "fee_fen": 13_800_138_000,
            "units": 2,
            "on": date(2026, 9, 1),
            "at": datetime(2026, 9, 1, tzinfo=UTC),
            "state": Colour.GREEN,
            "code": "already_redeemed",
            "again": True,
            "child": None,
            "lines": [1, 2],
        }
    ) == {
        "referral": str(some_id),
        "fee_fen": 13_800_138_000,
        "units": 2,
        "on": "2026-09-01",
        "at": "2026-09-01T00:00:00+00:00",
        "state": "green",
        "code": "already_redeemed",
        "again": True,
        "child": None,
        "lines": [1, 2],
    }


@pytest.mark.parametrize(
    "facts",
    [
        {"name": "x"},
        {"child_name": "x"},
        {"phone": "x"},
        {"contact_email": "x"},
        {"note": "x"},
        {"who": "张小明"},
        {"who": "Zhang Xiaoming"},
        {"who": "li@yucai.example"},
        {"who": "13800138000"},
        {"who": "+8613800138000"},
        {"who": 13800138000},
        {"who": "110101199003070012"},
        {"Who": 1},
        {"a b": 1},
        {"list": ["ok", "张小明"]},
        {"at": datetime(2026, 9, 1)},
    ],
)
def test_what_could_tell_about_a_person_is_refused(facts):
    with pytest.raises(ValueError):
        checked_facts(facts)


def test_the_refusal_does_not_repeat_the_value():
    with pytest.raises(PersonalFact) as refused:
        checked_facts({"who": "13800138000"})
    assert "1380" not in str(refused.value)


@pytest.mark.parametrize("value", [1.5, {"a": 1}, b"x", object()])
def test_other_types_are_refused(value):
    with pytest.raises(TypeError):
        checked_facts({"x": value})


@pytest.mark.parametrize("action", ["", "redeem", "Voucher.redeem", "voucher.", "voucher redeem", "a" * 90 + ".b"])
def test_an_action_is_a_dotted_name(action):
    with pytest.raises(ValueError):
        checked_action(action)

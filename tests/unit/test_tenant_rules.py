"""The ⚙ settings: defaults, what a school stores of them, and that nothing else is read."""

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest

from tenancy.rules import BOUNDS, TenantRules


def test_a_school_stores_only_what_differs_and_reads_the_same_again() -> None:
    assert TenantRules().to_json() == {}
    own = replace(TenantRules(), free_cancel_hours=48, automatic_approval=False, asked_kinds=("elder_care",))
    stored = own.to_json()
    assert stored == {"free_cancel_hours": 48, "automatic_approval": False, "asked_kinds": ["elder_care"]}
    assert TenantRules.from_json(json.loads(json.dumps(stored))) == own


@pytest.mark.parametrize(
    "stored",
    [
        {"nonsense": 1}, {"quote_minutes": "30"}, {"quote_minutes": -1}, {"quote_minutes": True},
        {"automatic_approval": 1}, {"asked_kinds": "camp"}, {"asked_kinds": [1]}, {"asked_kinds": None},
    ],
)  # fmt: skip
def test_what_is_not_a_setting_is_not_read(stored: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="setting"):
        TenantRules.from_json(stored)


def test_every_setting_is_bounded_and_has_an_effect() -> None:
    """A setting that nobody reads is a promise without a road."""
    root = Path(__file__).parents[2]
    said = (
        "".join(
            file.read_text()
            for folder in ("platform", "referrals", "partners", "content", "schools", "tips", "operations", "settings")
            for file in (root / folder).rglob("*.py")
            if file.name != "rules.py" or folder == "referrals"
        )
        + (root / "platform/tenancy/rules.py").read_text().partition("def always_asks")[2]
    )
    names = {field.name for field in fields(TenantRules)}
    assert set(BOUNDS) <= names
    assert [name for name in sorted(names) if not re.search(rf"\.{name}\b|->'{name}'", said)] == []


def test_the_bounds_hold_every_default() -> None:
    usual = {field.name: field.default for field in fields(TenantRules)}
    assert all(least <= usual[name] <= most for name, (least, most) in BOUNDS.items())


def test_a_school_may_always_ask_about_some_kinds_or_about_all() -> None:
    assert not TenantRules().always_asks("elder_care")
    some = replace(TenantRules(), asked_kinds=("elder_care",))
    assert (some.always_asks("elder_care"), some.always_asks("camp")) == (True, False)
    assert replace(TenantRules(), automatic_approval=False).always_asks("camp")

"""The ⚙ settings of rules.md, with their defaults. A school stores only what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class TenantRules:
    """Whole numbers only: hours, days, sessions, basis points. Source: rules §1–§2."""

    self_referral_sessions: int = 3
    free_cancel_hours: int = 24
    no_show_fee_bp: int = 5000
    partner_answer_hours: int = 24
    partner_answer_hours_crisis: int = 2
    dispute_hours: int = 48
    quote_minutes: int = 30
    open_voucher_days: int = 90
    settlement_closes_day: int = 5
    small_cell: int = 5
    automatic_approval: bool = True

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The defaults with ``stored`` laid over. ValueError for an unknown name or a value of another type."""
        known = {field.name: field for field in fields(cls)}
        for name, value in stored.items():
            if name not in known:
                raise ValueError(f"unknown setting {name}")
            if type(value) is not type(known[name].default) or (isinstance(value, int) and value < 0):
                raise ValueError(f"setting {name} takes a whole number ≥ 0")
        return cls(**stored)

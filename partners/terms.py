"""Cancellation terms of an agreement, shown before a person cancels (rules §1). Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from kernel.errors import Invalid
from kernel.money import WHOLE_BP

MOST_NO_SHOW_BP = 5000
"""The agreement's fee for a no-show is at most half of the price (rules §1)."""
MOST_FREE_HOURS = 24 * 14


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Free until ``free_hours`` before; then ``late_fee_bp`` of the price; ``no_show_fee_bp`` for not coming."""

    free_hours: int = 24
    late_fee_bp: int = 0
    no_show_fee_bp: int = 0

    @property
    def late_bp(self) -> int:
        """What cancelling late costs in basis points: never more than not coming (books §3)."""
        return min(self.late_fee_bp, self.no_show_fee_bp)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The defaults with ``stored`` laid over. Raises Invalid for an unknown term or a value out of range."""
        limits = {"free_hours": MOST_FREE_HOURS, "late_fee_bp": WHOLE_BP, "no_show_fee_bp": MOST_NO_SHOW_BP}
        for name, value in stored.items():
            if name not in limits:
                raise Invalid(fields=((f"cancellation_terms.{name}", "unknown_field", ""),))
            if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= limits[name]:
                raise Invalid(fields=((f"cancellation_terms.{name}", "out_of_range", ""),))
        return cls(**stored)

    def as_json(self) -> dict[str, int]:
        """What the agreement stores."""
        return asdict(self)

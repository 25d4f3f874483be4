"""Somebody of the rota is away: what nobody is on duty for then, and until when it must be filled (chain §2). Pure.

``on_duty`` goes on calling whoever is entered: at night one who is away is more than nobody. Here they count as nobody.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referrals.emergency.rules.on_duty import Shift, Span, gaps

FILLED_BEFORE: Final = timedelta(days=21)
"""So long before it begins a vacation is filled, to its end."""


@dataclass(frozen=True, slots=True)
class Away:
    """``who`` is away during ``[starts_at, ends_at)`` UTC; ``key``: of its row."""

    who: UUID
    starts_at: datetime
    ends_at: datetime
    key: UUID | None = None

    def must_be_filled(self, moment: datetime) -> bool:
        """Whether its holes are red at ``moment``; before they are only shown."""
        return moment >= self.starts_at - FILLED_BEFORE


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A vacation with the parts of it in which nobody would be called first, in order."""

    away: Away
    holes: Sequence[Span]


def without(shifts: Iterable[Shift], away: Iterable[Away]) -> list[Shift]:
    """The shifts less the times at which who holds them is away; one may be cut in two."""
    absent = list(away)
    left: list[Shift] = []
    for shift in shifts:
        parts = [shift]
        for one in absent:
            if one.who == shift.who:
                parts = [piece for part in parts for piece in _cut(part, one)]
        left += parts
    return left


def _cut(shift: Shift, away: Away) -> list[Shift]:
    if away.ends_at <= shift.starts_at or shift.ends_at <= away.starts_at:
        return [shift]
    found = []
    if shift.starts_at < away.starts_at:
        found.append(replace(shift, ends_at=away.starts_at))
    if away.ends_at < shift.ends_at:
        found.append(replace(shift, starts_at=away.ends_at))
    return found


def unfilled(shifts: Iterable[Shift], away: Iterable[Away], moment: datetime) -> list[Unfilled]:
    """Every vacation that is not over and not filled to its end, in order; ``shifts`` reach to the last of those ends."""
    absent = sorted((one for one in away if one.ends_at > moment), key=lambda one: (one.starts_at, one.ends_at))
    there = without(shifts, absent)
    found = [Unfilled(one, gaps(there, max(one.starts_at, moment), one.ends_at)) for one in absent]
    return [one for one in found if one.holes]

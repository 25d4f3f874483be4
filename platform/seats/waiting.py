"""The rule of waiting lists (books §4). Pure: who waits and what is free in, who is offered and until when out.

Strict order. A smaller size may pass whoever stands first at most ``MOST_PASSES`` times and only while the day is far off;
then seats gather until that one fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_PASSES: Final = 3
GATHER_BEFORE: Final = timedelta(hours=48)
"""From then on nobody passes any more."""
LONGEST_OFFER: Final = timedelta(hours=24)
SHORTEST_OFFER: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry, in the order of joining: ``size`` seats; ``passed`` how often a smaller one was let by."""

    key: str
    size: int
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """Whom to offer ``size`` seats now; ``passes`` are the keys in front that were let by for it."""

    key: str
    size: int
    passes: tuple[str, ...] = ()


def next_offer(waiting: Sequence[Waiting], free: int, starts_at: datetime, now: datetime) -> Step | None:
    """Who is offered seats now; None while they gather, or when nobody waits.

    ``free``: seats that are neither taken nor offered. ValueError for a size below one.
    """
    if any(entry.size < 1 for entry in waiting):
        raise ValueError("nobody waits for no seat")
    if not waiting or free < 1 or now >= starts_at:
        return None
    may_pass = starts_at - now > GATHER_BEFORE
    passes: list[str] = []
    for entry in waiting:
        if entry.size <= free:
            return Step(entry.key, entry.size, tuple(passes))
        if not may_pass or entry.passed >= MOST_PASSES:
            return None
        passes.append(entry.key)
    return None


def offer_until(starts_at: datetime, now: datetime) -> datetime:
    """Until when an offer made ``now`` may be taken: a quarter of the time left, between half an hour and a day.

    Never beyond the beginning itself.
    """
    length = min(LONGEST_OFFER, (starts_at - now) / 4)
    return min(now + max(length, SHORTEST_OFFER), starts_at)

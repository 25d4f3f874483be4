"""How long each leg of a drill took, against the clocks of the plan (14.10). Pure: moments in, minutes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Stop = tuple[datetime, datetime]
"""While something real was open the drill stood still: from, to."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One line of the report. ``took`` None: it did not come to it; ``allowed`` None: the plan has no clock for it."""

    took: timedelta | None
    allowed: timedelta | None

    @property
    def is_late(self) -> bool:
        """Whether it took longer than the plan allows; what never came is late where there is a clock."""
        if self.allowed is None:
            return False
        return self.took is None or self.took > self.allowed


def net(since: datetime, until: datetime, stops: Iterable[Stop]) -> timedelta:
    """From ``since`` to ``until`` without what lies in ``stops``; never less than nothing."""
    stood = sum(
        (max(timedelta(), min(until, end) - max(since, start)) for start, end in stops),
        timedelta(),
    )
    return max(timedelta(), until - since - stood)


def first_after(moments: Sequence[datetime], since: datetime | None) -> datetime | None:
    """The earliest of ``moments`` that is not before ``since``; None where there is none, or nothing to count from."""
    return min((at for at in moments if since is not None and at >= since), default=None)


def timing(
    since: datetime | None, moments: Sequence[datetime], allowed: timedelta | None, stops: Sequence[Stop]
) -> Timing | None:
    """How long it took from ``since`` to the first of ``moments``; None where it never began, so that nothing is measured."""
    if since is None:
        return None
    at = first_after(moments, since)
    return Timing(net(since, at, stops) if at is not None else None, allowed)

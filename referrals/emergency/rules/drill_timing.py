"""How long each leg of a drill took, against the clocks of the plan (14.10). Pure: moments in, minutes out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

Stop = tuple[datetime, datetime]
"""While something real was open the drill stood still: from, to."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One line of the report. ``took`` None: it did not come to it; ``allowed`` None: the plan has no clock for it.

    ``waited``: how long it had been waited for when the drill ended; None while it runs.
    """

    took: timedelta | None
    allowed: timedelta | None
    waited: timedelta | None = None

    @property
    def is_late(self) -> bool:
        """Whether it took longer than the plan allows; what never came is late once its clock had run out before the end."""
        spent = self.waited if self.took is None else self.took
        return self.allowed is not None and spent is not None and spent > self.allowed

    @property
    def is_open(self) -> bool:
        """Whether the drill ended before it came and before its clock ran out: that says nothing of the plan."""
        return self.took is None and not self.is_late


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
    since: datetime | None,
    moments: Sequence[datetime],
    allowed: timedelta | None,
    stops: Sequence[Stop],
    *,
    ended: datetime | None = None,
) -> Timing | None:
    """How long it took from ``since`` to the first of ``moments``; None where it never began, so that nothing is measured.

    ``ended``: when the drill did.
    """
    if since is None:
        return None
    at = first_after(moments, since)
    waited = net(since, ended, stops) if ended is not None else None
    return Timing(net(since, at, stops) if at is not None else None, allowed, waited)

"""Totals that never move by one person: what may be shown to those who may not see single lines (docs/privacy.md §Totals)."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

FLOOR: Final = 5
"""No school may show a total that fewer people moved."""


@dataclass(frozen=True, slots=True)
class Move:
    """One movement of a total: when (UTC), whose request it follows from, by how much, in the total's unit."""

    at: datetime
    who: Hashable
    amount: int


@dataclass(frozen=True, slots=True)
class Point:
    """A total as it stood at ``at`` (UTC, everything before it counts)."""

    at: datetime
    total: int


def points(moves: Iterable[Move], ends: Sequence[datetime], fewest: int = FLOOR) -> list[Point]:
    """At which of the ``ends`` (ascending, UTC) the total may be shown, the oldest first. Empty: not at all so far.

    Between any two points, and between the beginning and any point, either nobody's part has changed or the parts of at
    least ``fewest`` people have: whoever looks twice, at whatever times, never learns one person's amount. What takes back
    what it moved within the same stretch does not count. Later movements change no earlier point.

    Whatever ``fewest``, the points are among those for ``FLOOR``, so that a school that changes it and changes it back
    gives nothing away either. ValueError for less than ``FLOOR``.
    """
    if fewest < FLOOR:
        raise ValueError(f"a total over fewer than {FLOOR} people is not shown")
    rows = sorted(moves, key=lambda move: move.at)
    found = _points(rows, ends, FLOOR)
    return found if fewest == FLOOR else _points(rows, [point.at for point in found], fewest)


def _points(rows: Sequence[Move], ends: Sequence[datetime], fewest: int) -> list[Point]:
    since: list[dict[Hashable, int]] = [{}]
    """For the beginning and each point: whose part has changed since, and by how much."""
    found: list[Point] = []
    total = place = 0
    for end in ends:
        while place < len(rows) and rows[place].at < end:
            total += rows[place].amount
            for changed in since:
                _add(changed, rows[place])
            place += 1
        if since[-1] and all(not changed or len(changed) >= fewest for changed in since):
            found.append(Point(end, total))
            since.append({})
    return found


def _add(changed: dict[Hashable, int], move: Move) -> None:
    part = changed.get(move.who, 0) + move.amount
    if part:
        changed[move.who] = part
    else:
        changed.pop(move.who, None)

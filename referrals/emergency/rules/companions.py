"""Who stays with a person in danger, round the clock: moves of one shift, and where nobody is planned (chain §3, §9, §10). Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from kernel.errors import IllegalMove


class CompanionState(StrEnum):
    """How one shift stands."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    HERE = "here"
    OVER = "over"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class CompanionEvent(StrEnum):
    """What can happen to it. ``relieved``: the next one is there; ``must_go``: they leave and nobody is there yet."""

    ACCEPT = "accept"
    DECLINE = "decline"
    REPORT = "report"
    RELIEVED = "relieved"
    MUST_GO = "must_go"
    CANCEL = "cancel"


_S, _E = CompanionState, CompanionEvent
OPEN: Final = frozenset({_S.ASKED, _S.ACCEPTED, _S.HERE})
MOVES: Final[Mapping[tuple[CompanionState, CompanionEvent], CompanionState]] = MappingProxyType(
    {
        (_S.ASKED, _E.ACCEPT): _S.ACCEPTED,
        (_S.ASKED, _E.DECLINE): _S.DECLINED,
        (_S.ACCEPTED, _E.DECLINE): _S.DECLINED,
        (_S.ACCEPTED, _E.REPORT): _S.HERE,
        (_S.HERE, _E.RELIEVED): _S.OVER,
        (_S.HERE, _E.MUST_GO): _S.OVER,
        (_S.ASKED, _E.CANCEL): _S.CANCELLED,
        (_S.ACCEPTED, _E.CANCEL): _S.CANCELLED,
        (_S.HERE, _E.CANCEL): _S.OVER,
    }
)
"""All of them; what stands in no row cannot be."""

GRACE: Final = timedelta(minutes=5)
"""After the beginning: not there by then, whoever has the incident is called; after the end: nobody has come."""
AGAIN: Final = timedelta(minutes=10)
"""So often they are called again while nobody is there."""
EARLY: Final = timedelta(minutes=30)
"""So long before the beginning somebody may say that they are there."""
LONGEST: Final = timedelta(hours=12)
AHEAD: Final = timedelta(days=14)
LOOKED_AHEAD: Final = timedelta(hours=24)
"""So far a hole in the plan is shown."""
SOON: Final = timedelta(hours=2)
"""A no to what begins within this calls whoever has the incident; to what is later they get a message."""


def move(state: CompanionState, event: CompanionEvent) -> CompanionState:
    """What ``event`` makes of ``state``. IllegalMove where the table has no row."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove(state=str(state), event=str(event)) from None


def time_fault(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    """The code of what is wrong with a shift that is planned at ``now``; ``""`` for nothing."""
    if starts_at < now - GRACE:
        return "companion_past"
    if starts_at > now + AHEAD:
        return "companion_far"
    if not timedelta() < ends_at - starts_at <= LONGEST:
        return "companion_long"
    return ""


class Hole(NamedTuple):
    """Nobody is planned during ``[start, end)``."""

    start: datetime
    end: datetime


def holes(shifts: Iterable[tuple[datetime, datetime]], start: datetime, end: datetime) -> list[Hole]:
    """Where none of the shifts ``[starts_at, ends_at)``, in whatever order, covers ``[start, end)``."""
    found, covered = [], start
    for begins, ends in sorted(shifts):
        if begins >= end:
            break
        if begins > covered:
            found.append(Hole(covered, begins))
        covered = max(covered, ends)
    if covered < end:
        found.append(Hole(covered, end))
    return found

"""Moves of an incident and its own clock (chain §1, §3, §9 last line): grade, first contact, assessment, watch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.errors import IllegalMove


class IncidentState(StrEnum):
    """How an incident stands; legs say how each party does."""

    REPORTED = "reported"
    OPEN = "open"
    WATCH = "watch"
    CLOSED = "closed"
    MERGED = "merged"
    FALSE_ALARM = "false_alarm"
    FROZEN = "frozen"
    """A drill while something real happens: nothing of it moves but its leader's word and its own end."""


_GOES_ON: Final = frozenset({IncidentState.REPORTED, IncidentState.OPEN, IncidentState.WATCH})
LIVE: Final = _GOES_ON | {IncidentState.FROZEN}
"""With a clock of their own; at most one real one for a person."""


class IncidentEvent(StrEnum):
    """What can happen to it; those that end in ``due`` are fired by the engine."""

    GRADE = "grade"
    CONTACTED = "contacted"
    ASSESSED = "assessed"
    WATCHED = "watched"
    CLOSE = "close"
    MERGE = "merge"
    FALSE_ALARM = "false_alarm"
    REOPEN = "reopen"
    SUGGESTION_DUE = "suggestion_due"
    GRADE_DUE = "grade_due"
    CONTACT_DUE = "contact_due"
    ASSESSMENT_DUE = "assessment_due"
    WATCH_DUE = "watch_due"
    # drills alone
    REAL_INCIDENT = "real_incident"
    RESUME = "resume"
    RESUME_UNGRADED = "resume_ungraded"
    ABORT = "abort"
    FREEZE_DUE = "freeze_due"


DRILL_EVENTS: Final = frozenset(
    {
        IncidentEvent.REAL_INCIDENT,
        IncidentEvent.RESUME,
        IncidentEvent.RESUME_UNGRADED,
        IncidentEvent.ABORT,
        IncidentEvent.FREEZE_DUE,
    }
)
"""Never of a real incident."""


class IncidentClock(StrEnum):
    """Which clock stands afterwards."""

    NONE = "none"
    SUGGESTION = "suggestion"
    """An extreme suggestion with danger now counts as graded when nobody has acknowledged."""
    GRADE = "grade"
    CONTACT = "contact"
    CONTACT_AGAIN = "contact_again"
    ASSESSMENT = "assessment"
    ASSESSMENT_AGAIN = "assessment_again"
    WATCH = "watch"
    FROZEN = "frozen"


LENGTH: Final[Mapping[IncidentClock, timedelta]] = {
    IncidentClock.SUGGESTION: timedelta(minutes=5),
    IncidentClock.GRADE: timedelta(minutes=15),
    IncidentClock.CONTACT: timedelta(hours=2),
    IncidentClock.CONTACT_AGAIN: timedelta(minutes=30),
    IncidentClock.ASSESSMENT: timedelta(hours=24),
    IncidentClock.ASSESSMENT_AGAIN: timedelta(hours=2),
    IncidentClock.WATCH: timedelta(hours=24),
    IncidentClock.FROZEN: timedelta(hours=24),
}

"""Those of ``SUGGESTION`` and ``GRADE`` are the usual ones: a school may have its own (⚙, ``workflow.own_times``)."""

FIRES: Final[Mapping[IncidentClock, IncidentEvent]] = {
    IncidentClock.SUGGESTION: IncidentEvent.SUGGESTION_DUE,
    IncidentClock.GRADE: IncidentEvent.GRADE_DUE,
    IncidentClock.CONTACT: IncidentEvent.CONTACT_DUE,
    IncidentClock.CONTACT_AGAIN: IncidentEvent.CONTACT_DUE,
    IncidentClock.ASSESSMENT: IncidentEvent.ASSESSMENT_DUE,
    IncidentClock.ASSESSMENT_AGAIN: IncidentEvent.ASSESSMENT_DUE,
    IncidentClock.WATCH: IncidentEvent.WATCH_DUE,
    IncidentClock.FROZEN: IncidentEvent.FREEZE_DUE,
}

REOPENED_WITHIN: Final = timedelta(days=30)
"""Later a new incident is opened that is linked to the old one."""


@dataclass(frozen=True, slots=True)
class IncidentMove:
    """Where it leads and which clock stands afterwards."""

    to: IncidentState
    clock: IncidentClock


E, S, C = IncidentEvent, IncidentState, IncidentClock

MOVES: Final[Mapping[tuple[IncidentState, IncidentEvent], IncidentMove]] = MappingProxyType(
    {
        (S.REPORTED, E.GRADE): IncidentMove(S.OPEN, C.CONTACT),
        (S.REPORTED, E.SUGGESTION_DUE): IncidentMove(S.OPEN, C.CONTACT),
        (S.REPORTED, E.GRADE_DUE): IncidentMove(S.REPORTED, C.GRADE),
        (S.OPEN, E.GRADE): IncidentMove(S.OPEN, C.CONTACT),
        (S.OPEN, E.CONTACTED): IncidentMove(S.OPEN, C.ASSESSMENT),
        (S.OPEN, E.CONTACT_DUE): IncidentMove(S.OPEN, C.CONTACT_AGAIN),
        (S.OPEN, E.ASSESSED): IncidentMove(S.WATCH, C.WATCH),
        (S.OPEN, E.ASSESSMENT_DUE): IncidentMove(S.OPEN, C.ASSESSMENT_AGAIN),
        (S.WATCH, E.GRADE): IncidentMove(S.OPEN, C.CONTACT),
        (S.WATCH, E.WATCHED): IncidentMove(S.WATCH, C.WATCH),
        (S.WATCH, E.WATCH_DUE): IncidentMove(S.WATCH, C.ASSESSMENT_AGAIN),
        (S.WATCH, E.ASSESSMENT_DUE): IncidentMove(S.WATCH, C.ASSESSMENT_AGAIN),
        **{
            (state, event): IncidentMove(end, C.NONE)
            for state in _GOES_ON
            for event, end in ((E.CLOSE, S.CLOSED), (E.MERGE, S.MERGED), (E.FALSE_ALARM, S.FALSE_ALARM))
        },
        **{(state, E.REAL_INCIDENT): IncidentMove(S.FROZEN, C.FROZEN) for state in _GOES_ON},
        (S.FROZEN, E.RESUME): IncidentMove(S.OPEN, C.CONTACT),
        (S.FROZEN, E.RESUME_UNGRADED): IncidentMove(S.REPORTED, C.GRADE),
        (S.FROZEN, E.FREEZE_DUE): IncidentMove(S.CLOSED, C.NONE),
        **{(state, E.ABORT): IncidentMove(S.CLOSED, C.NONE) for state in LIVE},
        **{(state, E.REOPEN): IncidentMove(S.OPEN, C.CONTACT) for state in (S.CLOSED, S.FALSE_ALARM)},
    }
)


def move(state: IncidentState, event: IncidentEvent, *, is_drill: bool = False) -> IncidentMove:
    """The row for ``event`` in ``state``; IllegalMove when there is none, or it is one of drills only."""
    found = MOVES.get((state, event))
    if found is None or (event in DRILL_EVENTS and not is_drill):
        raise IllegalMove(state=state.value, event=event.value)
    return found

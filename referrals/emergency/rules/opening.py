"""How each leg stands when an incident is opened or graded, from the answers of the opening (chain §1, §2). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.clocks import Clock
from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.leg_states import TAKEN, LegEvent, LegState

REPORT_WITHIN: Final = timedelta(minutes=30)
"""In which a head reports what was noticed (chain §1). Later it is taken all the same, and said."""


def minutes_between(noticed: datetime, sent: datetime) -> int:
    """Whole minutes from noticing to sending, never below zero: a clock of the house may be ahead."""
    return max(int((sent - noticed) // timedelta(minutes=1)), 0)


class HomeAnswer(StrEnum):
    """Could somebody at home be the danger."""

    SAFE = "safe"
    DANGER = "danger"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answers:
    """What opening asks. ``is_graded`` False: a head's report, whose grade is a suggestion.

    ``needs_community``: a child or a frail person is with them. ``can_be_asked`` is asked for a medical one only.
    """

    kind: IncidentKind
    grade: Grade
    is_graded: bool
    has_person: bool = True
    home: HomeAnswer = HomeAnswer.UNKNOWN
    needs_community: bool = False
    can_be_asked: bool | None = None


@dataclass(frozen=True, slots=True)
class Start:
    """How a leg begins."""

    state: LegState
    clock: Clock
    is_required: bool


PAGING = Start(LegState.PAGING, Clock.NOW, True)
ARMED = Start(LegState.ARMED, Clock.REVIEW, False)
WAITING = Start(LegState.ARMED, Clock.HOME_UNKNOWN, True)
"""Armed, and started by the engine unless somebody holds or releases it first."""
HELD = Start(LegState.HELD, Clock.HOLD, True)
NOT_REQUIRED = Start(LegState.NOT_REQUIRED, Clock.NONE, False)


WHEN_KNOWN: Final[Mapping[Start, LegEvent | None]] = {
    PAGING: LegEvent.KNOWN_CALLS,
    ARMED: LegEvent.KNOWN_WAITS,
    WAITING: LegEvent.KNOWN_SOON,
    HELD: LegEvent.KNOWN_HOLDS,
    NOT_REQUIRED: None,
}
"""What makes of a leg that waited for a name what it would have begun as; None: it stays out (chain §1)."""

_GOES_ON: Final = frozenset({LegState.PAGING, LegState.EXHAUSTED, LegState.HELD, *TAKEN})


def when_raised(state: LegState, start: Start) -> LegEvent | None:
    """What the first or a higher grade does to a leg in ``state`` that would begin as ``start``; None: nothing.

    A held one stays held, a taken one stays taken, one that nobody answers is called anew. Where the home is a danger, what
    is not being called is held: a grade is no reason to call a family that people have not let go on (``lift``).
    """
    if state in _GOES_ON:
        return LegEvent.RAISE_GRADE
    if state not in (LegState.ARMED, LegState.NOT_REQUIRED):
        return None
    if start is WAITING:
        return LegEvent.START_SOON
    match start.state:
        case LegState.HELD:
            return LegEvent.RAISE_HOLDS
        case LegState.PAGING:
            return LegEvent.RAISE_GRADE
        case LegState.NOT_REQUIRED if state is LegState.ARMED:
            return LegEvent.LOWER_ENDS
    return None


FOR_A_PERSON: Final = frozenset({LegKind.FAMILY, LegKind.MEDICAL, LegKind.COMMUNITY})
"""Legs that begin only when it is known whom the incident is about."""


def starts(answers: Answers) -> Mapping[LegKind, Start]:
    """Every leg's beginning. Until a person is known only the school's side pages; until a grade is written too."""
    extreme = answers.grade is Grade.EXTREME
    return {
        LegKind.SCHOOL: PAGING,
        LegKind.TEAM: PAGING if extreme else NOT_REQUIRED,
        LegKind.FAMILY: _family(answers),
        LegKind.MEDICAL: _medical(answers),
        LegKind.COMMUNITY: _community(answers),
    }


def _family(answers: Answers) -> Start:
    if not answers.has_person:
        return NOT_REQUIRED
    if answers.home is HomeAnswer.DANGER:
        return HELD
    if not answers.is_graded or not _life_is_in_danger(answers):
        return ARMED
    return WAITING if answers.home is HomeAnswer.UNKNOWN else PAGING


def _medical(answers: Answers) -> Start:
    if not answers.has_person:
        return NOT_REQUIRED
    if not answers.is_graded:
        return ARMED
    if answers.grade is Grade.EXTREME or (answers.kind is IncidentKind.MEDICAL and answers.grade is Grade.MAJOR):
        return PAGING
    return ARMED if answers.grade is Grade.MAJOR or answers.kind is IncidentKind.MEDICAL else NOT_REQUIRED


def _community(answers: Answers) -> Start:
    if not answers.has_person:
        return NOT_REQUIRED
    if not answers.is_graded:
        return ARMED
    if answers.needs_community or answers.grade is Grade.EXTREME:
        return PAGING
    return ARMED if answers.grade is Grade.MAJOR else NOT_REQUIRED


def _life_is_in_danger(answers: Answers) -> bool:
    """When the family is called without the person's yes: extreme, or ill and not able to be asked."""
    return answers.grade is Grade.EXTREME or (answers.kind is IncidentKind.MEDICAL and answers.can_be_asked is False)

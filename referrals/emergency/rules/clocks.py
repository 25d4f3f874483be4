"""The clocks of a leg: how long each runs and what the engine does when it has run out (chain §3, §9, defaults)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.grades import STEP_WAIT, Grade
from referrals.emergency.rules.leg_states import LegEvent


class Clock(StrEnum):
    """Which clock stands after a move."""

    NONE = "none"
    SAME = "same"
    """The one that stands goes on: what happened is no reason to wait longer."""
    NOW = "now"
    """The next step is due at once."""
    STEP = "step"
    HOME_UNKNOWN = "home_unknown"
    REVIEW = "review"
    REVIEW_AGAIN = "review_again"
    TICK = "tick"
    ETA = "eta"
    ETA_END = "eta_end"
    TAKEN = "taken"
    LIFE = "life"
    LIFE_ANSWER = "life_answer"
    HAND_OVER = "hand_over"
    HANDED_BACK = "handed_back"
    """Whoever was asked to take over said no: the owner is asked at once."""
    PASSED_ON = "passed_on"
    HOLD = "hold"
    HOLD_AGAIN = "hold_again"
    FALSE_ALARM = "false_alarm"
    FROZEN = "frozen"


FIRES: Final[Mapping[Clock, LegEvent]] = {
    Clock.NOW: LegEvent.STEP_DUE,
    Clock.STEP: LegEvent.STEP_DUE,
    Clock.HOME_UNKNOWN: LegEvent.START_DUE,
    Clock.REVIEW: LegEvent.REVIEW_DUE,
    Clock.REVIEW_AGAIN: LegEvent.REVIEW_DUE,
    Clock.TICK: LegEvent.TICK,
    Clock.ETA: LegEvent.ENGAGE_ASK,
    Clock.ETA_END: LegEvent.ENGAGE_DUE,
    Clock.TAKEN: LegEvent.ENGAGE_ASK,
    Clock.LIFE: LegEvent.LIFE_DUE,
    Clock.LIFE_ANSWER: LegEvent.LIFE_UNANSWERED,
    Clock.HAND_OVER: LegEvent.HAND_OVER_DUE,
    Clock.HANDED_BACK: LegEvent.HAND_OVER_DUE,
    Clock.PASSED_ON: LegEvent.PASSED_DUE,
    Clock.HOLD: LegEvent.HOLD_DUE,
    Clock.HOLD_AGAIN: LegEvent.HOLD_DUE,
    Clock.FALSE_ALARM: LegEvent.FALSE_ALARM_LAPSED,
    Clock.FROZEN: LegEvent.FREEZE_DUE,
}
"""What the engine fires when the clock has run out."""

ETAS: Final = (15, 30, 60)
"""Minutes that somebody may name who takes it."""

ETA_GRACE: Final = timedelta(minutes=15)
ASKED_BEFORE: Final = timedelta(minutes=5)
"""How long before the end of the engagement clock its owner is asked."""

MOST_EXTENSIONS: Final = 2
"""After so many the team is told."""

TICK_EVERY: Final = timedelta(minutes=5)
"""How often team and operator are called while nobody has a leg."""

FALSE_ALARM_LASTS: Final = timedelta(minutes=10)
"""How long one person's word that it was a false alarm waits for a second one."""

HOME_UNKNOWN: Final = timedelta(minutes=5)
"""How much later the family is called where nobody knows whether the danger is at home, unless a school has another time (⚙)."""

_FIXED: Final[Mapping[Clock, timedelta]] = {
    Clock.NOW: timedelta(),
    Clock.REVIEW: timedelta(hours=2),
    Clock.REVIEW_AGAIN: timedelta(minutes=30),
    Clock.TICK: TICK_EVERY,
    Clock.ETA_END: ASKED_BEFORE,
    Clock.TAKEN: timedelta(minutes=15) - ASKED_BEFORE,
    Clock.LIFE_ANSWER: timedelta(minutes=10),
    Clock.HAND_OVER: timedelta(minutes=10),
    Clock.HANDED_BACK: timedelta(),
    Clock.PASSED_ON: timedelta(hours=24),
    Clock.HOLD_AGAIN: timedelta(minutes=30),
    Clock.FALSE_ALARM: FALSE_ALARM_LASTS,
    Clock.FROZEN: timedelta(hours=24),
}


@dataclass(frozen=True, slots=True)
class Pace:
    """What decides how long a clock runs: the grade that the waits follow, and what was named."""

    grade: Grade
    step_wait: timedelta | None = None
    """Of the step that was just fired; None for the grade's own."""
    eta_minutes: int = 30
    home_unknown: timedelta = HOME_UNKNOWN
    """Of the school, when such a clock begins."""


def length(clock: Clock, pace: Pace) -> timedelta:
    """How long ``clock`` runs. ValueError for one that does not run (``NONE``, ``SAME``)."""
    match clock:
        case Clock.STEP:
            return pace.step_wait if pace.step_wait is not None else STEP_WAIT[pace.grade]
        case Clock.ETA:
            return timedelta(minutes=pace.eta_minutes) + ETA_GRACE - ASKED_BEFORE
        case Clock.HOME_UNKNOWN:
            return pace.home_unknown
        case Clock.LIFE:
            return timedelta(minutes=60) if pace.grade is Grade.EXTREME else timedelta(hours=24)
        case Clock.HOLD:
            return timedelta(minutes=30) if pace.grade is Grade.EXTREME else timedelta(hours=4)
        case Clock.NONE | Clock.SAME:
            raise ValueError(f"the clock {clock} does not run")
    return _FIXED[clock]

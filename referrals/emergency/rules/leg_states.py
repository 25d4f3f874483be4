"""States of a leg, what can happen to it, and who may say so. Closed lists; the table that joins them is ``moves``."""

from enum import StrEnum
from typing import Final


class LegState(StrEnum):
    """How a leg stands."""

    ARMED = "armed"
    HELD = "held"
    PAGING = "paging"
    EXHAUSTED = "exhausted"
    ACKNOWLEDGED = "acknowledged"
    ENGAGED = "engaged"
    HANDED_OVER = "handed_over"
    FROZEN = "frozen"
    CLOSED = "closed"
    NOT_REQUIRED = "not_required"
    FALSE_ALARM = "false_alarm"


ENDED: Final = frozenset({LegState.CLOSED, LegState.NOT_REQUIRED, LegState.FALSE_ALARM})
OPEN: Final = frozenset(LegState) - ENDED
"""An open leg has exactly one next clock, whatever its state; an ended one has none (chain §3, E3)."""

PAGED: Final = frozenset({LegState.PAGING, LegState.EXHAUSTED})
"""People are being called. Who leaves these two lets the queue die: the epoch rises."""

TAKEN: Final = frozenset({LegState.ACKNOWLEDGED, LegState.ENGAGED, LegState.HANDED_OVER})
"""Somebody has it."""

WORST_FIRST: Final = (
    LegState.EXHAUSTED, LegState.PAGING, LegState.HELD, LegState.ARMED, LegState.FROZEN, LegState.ACKNOWLEDGED,
    LegState.ENGAGED, LegState.HANDED_OVER, LegState.CLOSED, LegState.FALSE_ALARM, LegState.NOT_REQUIRED,
)  # fmt: skip
"""The order in which the legs of a party decide how the party stands."""


class LegEvent(StrEnum):
    """What can happen to a leg. The second block is fired by the engine when a clock runs out."""

    START = "start"
    START_SOON = "start_soon"
    PERSON_AGREES = "person_agrees"
    PERSON_REFUSES = "person_refuses"
    RAISE_GRADE = "raise_grade"
    RAISE_HOLDS = "raise_holds"
    KNOWN_CALLS = "known_calls"
    KNOWN_SOON = "known_soon"
    KNOWN_WAITS = "known_waits"
    KNOWN_HOLDS = "known_holds"
    DECLINE = "decline"
    WRONG_NUMBER = "wrong_number"
    ACKNOWLEDGE = "acknowledge"
    ACKNOWLEDGE_IN_PART = "acknowledge_in_part"
    ENGAGE = "engage"
    EXTEND = "extend"
    RELEASE = "release"
    SIGN_OF_LIFE = "sign_of_life"
    HAND_OVER = "hand_over"
    HAND_OVER_ACCEPTED = "hand_over_accepted"
    HAND_OVER_DECLINED = "hand_over_declined"
    HAND_OVER_UNDONE = "hand_over_undone"
    PASS_ON = "pass_on"  # noqa: S105  a person, not a password
    REPORT_DONE = "report_done"
    RECEIVED = "received"
    BOUNCED = "bounced"
    TAKE = "take"
    HOLD = "hold"
    LIFT = "lift"
    REPLACE = "replace"
    LOWER_KEEPS = "lower_keeps"
    LOWER_ARMS = "lower_arms"
    LOWER_ENDS = "lower_ends"
    FALSE_ALARM_SAID = "false_alarm_said"
    FALSE_ALARM_CONFIRMED = "false_alarm_confirmed"
    CLOSE = "close"
    CLOSE_FOR_GOOD = "close_for_good"
    JOINED = "joined"
    REOPEN = "reopen"
    RESUME = "resume"
    RESUME_WAITS = "resume_waits"
    RESUME_SOON = "resume_soon"
    RESUME_HOLDS = "resume_holds"
    ABORT = "abort"
    LATE_ANSWER = "late_answer"

    START_DUE = "start_due"
    REVIEW_DUE = "review_due"
    STEP_DUE = "step_due"
    SPENT = "spent"
    POISONED = "poisoned"
    TICK = "tick"
    ENGAGE_ASK = "engage_ask"
    ENGAGE_DUE = "engage_due"
    LIFE_DUE = "life_due"
    LIFE_UNANSWERED = "life_unanswered"
    HAND_OVER_DUE = "hand_over_due"
    PASSED_DUE = "passed_due"
    HOLD_DUE = "hold_due"
    FALSE_ALARM_LAPSED = "false_alarm_lapsed"
    REAL_INCIDENT = "real_incident"
    FREEZE_DUE = "freeze_due"


class Who(StrEnum):
    """Who may fire an event, seen from the leg."""

    ENGINE = "engine"
    RECIPIENT = "recipient"
    """Somebody who was paged on this leg, by link, code, key or button."""
    OUTSIDE = "outside"
    """The outside party that has the leg."""
    ON_DUTY = "on_duty"
    """Who is on duty at this moment by the rota, called or not: of the school's own leg alone."""
    RECEIVER = "receiver"
    """To whom the person was passed on; the colleague who is asked to take the leg over."""
    OWNER = "owner"
    """The colleague who has the leg, or the school's leg for all others."""
    DUTY = "duty"
    CENTRE = "centre"
    CENTRE_HEAD = "centre_head"
    TEAM = "team"
    LEADER = "leader"
    """Who leads the drill."""
    ANYBODY = "anybody"
    """Whoever holds the link."""

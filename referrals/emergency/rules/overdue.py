"""A step that should have fired long ago: who hears first (chain §7). Pure.

After a night without a machine, or in a copy that was released, what a family would be called for may be over. So the head of the
centre and the operator are called first, and the family one wait later, unless somebody has held or answered the leg: age alone
holds nothing, and an outage of twenty minutes changes nothing.
"""

from datetime import timedelta
from typing import Final

from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import LegEvent
from referrals.emergency.rules.step_rules import SeatKind, StepRule, Target

LONG_AGO: Final = timedelta(hours=6)

_CALLS: Final = frozenset(
    {
        LegEvent.START_DUE,
        LegEvent.STEP_DUE,
        LegEvent.ENGAGE_DUE,
        LegEvent.LIFE_UNANSWERED,
        LegEvent.PASSED_DUE,
        LegEvent.FALSE_ALARM_LAPSED,
    }
)
"""Clocks of a leg after which its own people are called."""


def school_hears_first(kind: LegKind, event: LegEvent, late: timedelta) -> bool:
    """Whether what is ``late`` goes to the head of the centre and the operator before the people of the leg."""
    return kind is LegKind.FAMILY and event in _CALLS and late > LONG_AGO


def is_first(rule: StepRule) -> bool:
    """Whether a step of those that are asked about a leg, or hear its alarm, is one of the two."""
    return rule.target is Target.OPERATOR or (rule.target is Target.SEAT and rule.seat is SeatKind.CENTRE_HEAD)

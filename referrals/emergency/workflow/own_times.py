"""What a school sets of the chain itself (chain §1, §2, ⚙): read when a clock begins, so that one that runs stays as it was."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from referrals.emergency.rules import incident_moves
from referrals.emergency.rules.clocks import Clock, Pace
from referrals.emergency.rules.grades import Grade
from referrals.emergency.rules.incident_moves import IncidentClock
from referrals.emergency.workflow.holders import open_school
from tenancy.rules import TenantRules

_OWN: Final[Mapping[IncidentClock, Callable[[TenantRules], int]]] = {
    IncidentClock.SUGGESTION: lambda rules: rules.suggestion_minutes,
    IncidentClock.GRADE: lambda rules: rules.grade_minutes,
}
"""Minutes, by the school's setting."""


def incident_clock(clock: IncidentClock) -> timedelta:
    """How long a clock of an incident runs in the open school."""
    minutes = _OWN.get(clock)
    return incident_moves.LENGTH[clock] if minutes is None else timedelta(minutes=minutes(open_school().settings))


def pace(grade: Grade, clock: Clock, *, eta_minutes: int = 30) -> Pace:
    """What decides how long ``clock`` of a leg runs in the open school; the school is asked only where it has a say."""
    if clock is not Clock.HOME_UNKNOWN:
        return Pace(grade, eta_minutes=eta_minutes)
    return Pace(grade, eta_minutes=eta_minutes, home_unknown=home_unknown())


def home_unknown() -> timedelta:
    """How much later the family is called where nobody knows whether the danger is at home."""
    return timedelta(minutes=open_school().settings.home_unknown_minutes)

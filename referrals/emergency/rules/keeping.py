"""How long what is known of an incident is kept, and what ends when (chain §8). Pure; days are the school's."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

from kernel.clock import months_after
from referrals.emergency.rules.incident_moves import IncidentState

ADDRESSES_KEPT: Final = timedelta(days=30)
"""Numbers, codes, links and cards of those who were called, after the end; so long it can be opened again."""

FALSE_ALARM_MONTHS: Final = 6
DRILL_MONTHS: Final = 36
YEAR: Final = 12

STAYS: Final[Mapping[str, str]] = {
    "Incident": "number, kind, grade, outcome and times; nobody's name, no word",
    "Timeline": "what happened and when; its words are unreadable without the key",
    "FirstWord": "that two said it",
    "Leg": "how the party stood, and when",
    "AgreedPlan": "that there was one; unreadable without the key",
    "WatchTask": "",
    "DutyChange": "",
    "LeftOut": "",
    "Report": "",
    "CaseReview": "that there was one; unreadable without the key",
    "ReviewChange": "that something was changed, by whom; unreadable without the key",
    "CompanionShift": "when somebody stayed with them; unreadable without the key",
    "UnionGrant": "",
    "FollowUp": "that there were talks, how they went, and when; unreadable without the key",
    "Drill": "",
}
"""Model of the incident → what of its rows is left afterwards; ``""``: the rows go, because they lead to the person."""


def months_kept(state: str, *, is_drill: bool, years: int) -> int:
    """Months after the end. ``years``: the school's own setting, for whatever was real."""
    if is_drill:
        return DRILL_MONTHS
    return FALSE_ALARM_MONTHS if state == IncidentState.FALSE_ALARM else years * YEAR


def kept_until(ended_on: date, months: int) -> date:
    """The last day on which it can be read."""
    return months_after(ended_on, months)


def ended_before(today: date, months: int) -> date:
    """Whatever ended before this day is over today: never earlier than ``kept_until`` says, at most three days later."""
    return months_after(today, -months)

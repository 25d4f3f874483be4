"""The ⚙ settings of rules.md, with their defaults. A school stores only what it changed."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Final, Self

BOUNDS: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "self_referral_sessions": (0, 20),
        "free_cancel_hours": (0, 14 * 24),
        "partner_answer_days": (1, 5),
        "quote_minutes": (5, 4 * 60),
        "open_voucher_days": (7, 366),
        "leaver_days": (7, 90),
        "draft_days": (1, 60),
        "review_months": (3, 36),
        "fewest_people": (5, 50),
        "incident_years": (1, 30),
        "follow_up_months": (1, 3),
        "suggestion_minutes": (2, 15),
        "grade_minutes": (5, 30),
        "home_unknown_minutes": (1, 30),
        "team_answers": (1, 3),
        "voice_seconds": (0, 120),
        "closing_month": (1, 6),
        "tips_unread_months": (3, 24),
        "visitor_name_days": (1, 30),
        "mark_hours": (1, 48),
        "move_days": (7, 90),
        "pause_days": (1, 10),
    }
)
"""Least and most of the numbers that a school may change itself, both included."""
REMINDABLE_DAYS: Final = ("30", "14", "7", "3", "1")
"""The days before a voucher's last day on which a school may have its owner reminded, the earliest first."""


@dataclass(frozen=True, slots=True)
class TenantRules:
    """Whole numbers only: hours, days, months, sessions, basis points. Source: rules §1–§2.

    ``partner_answer_days`` are working days: the same clock time on the agency's next open day (``workdays.clock``).

    ``leaver_days``: so long after a person's last day what they had booked before may be used (rules §1).
    ``fewest_people``: no total is shown to who may not see single lines unless so many people moved it.
    ``incident_years``: so long after its end what is known of an incident is kept (chain §8).
    ``follow_up_months``: so long the weekly talks after an incident are planned (chain §3).
    ``suggestion_minutes``: so long an extreme report with life in danger waits for somebody before it counts as graded (chain §1).
    ``grade_minutes``: so long after somebody has it a report is graded (chain §1).
    ``home_unknown_minutes``: so much later the family is called where nobody knows whether the danger is at home (chain §2).
    ``team_answers``: so many of the emergency team answer, one of whom may decide (chain §2).
    ``voice_seconds``: so long after the silent channels a call follows (chain §5).
    ``closing_month``: from the last day of this month on the pools of the year before can be closed (books §1).
    ``tips_unread_months``: so long after the last visit a family gets tips by e-mail (books §6).
    ``visitor_name_days``: so long after an open day its visitors' forms of address are kept (books §6).
    ``mark_hours``: so long after a counter without network noted a voucher the note is taken like a scan (books §3).
    ``move_days``: so far an appointment may move at the price that was decided (books §2).
    ``pause_days``: working days in which an office decides what becomes of a request whose agency is paused (books §4).
    ``first_missed_paid``: the first missed appointment of a person's school year is paid by the pool (rules §1).
    ``asked_kinds``: kinds of service (``partners.kinds``) whose requests always wait for the office that decides them.
    ``reminder_days``: so many days before a voucher's last day its owner is reminded of it, of ``REMINDABLE_DAYS`` (rules §2).
    """

    self_referral_sessions: int = 3
    free_cancel_hours: int = 24
    partner_answer_days: int = 1
    quote_minutes: int = 30
    open_voucher_days: int = 90
    leaver_days: int = 30
    draft_days: int = 14
    review_months: int = 12
    fewest_people: int = 5
    incident_years: int = 3
    follow_up_months: int = 3
    suggestion_minutes: int = 5
    grade_minutes: int = 15
    home_unknown_minutes: int = 5
    team_answers: int = 2
    voice_seconds: int = 60
    closing_month: int = 3
    tips_unread_months: int = 12
    visitor_name_days: int = 7
    mark_hours: int = 24
    move_days: int = 30
    pause_days: int = 3
    first_missed_paid: bool = True
    automatic_approval: bool = True
    asked_kinds: tuple[str, ...] = ()
    reminder_days: tuple[str, ...] = ("30", "7", "1")

    def always_asks(self, kind: str) -> bool:
        """Whether every request of this kind waits for the office that decides it, however well it meets the rules."""
        return not self.automatic_approval or kind in self.asked_kinds

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The defaults with ``stored`` laid over. ValueError for an unknown name or a value of another type."""
        known = {field.name: field for field in fields(cls)}
        for name in stored:
            if name not in known:
                raise ValueError(f"unknown setting {name}")
        return cls(**{name: _read(name, value, known[name].default) for name, value in stored.items()})

    @classmethod
    def in_force(cls, stored: Mapping[str, Any]) -> Self:
        """The same of what a school has stored, without names that only newer code knows: while an update runs, old code
        beside it reads on. ValueError for a value of another type.
        """
        known = {field.name for field in fields(cls)}
        return cls.from_json({name: value for name, value in stored.items() if name in known})

    def to_json(self) -> dict[str, Any]:
        """What differs from the defaults, as it is stored."""
        differing = {
            field.name: value for field in fields(self) if (value := getattr(self, field.name)) != field.default
        }
        return {name: list(value) if isinstance(value, tuple) else value for name, value in differing.items()}


def _read(name: str, value: Any, default: Any) -> Any:
    if isinstance(default, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise ValueError(f"setting {name} takes a list of strings")
        return tuple(value)
    if type(value) is not type(default) or value < 0:
        raise ValueError(f"setting {name} takes a whole number ≥ 0")
    return value

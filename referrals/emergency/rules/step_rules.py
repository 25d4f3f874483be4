"""Whom a step calls: a rule that names posts, never a person (chain §2, §3). Pure; the default steps stand here too."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind


class Target(StrEnum):
    """What a step points at. The closed list; ``resolving`` has one function for each."""

    ON_DUTY = "on_duty"
    """Who is on duty in layer ``number`` when the step fires."""
    SEAT = "seat"
    """The holder of seat ``seat``; the deputy where the holder is left out or away."""
    DEPUTY = "deputy"
    CONTACT = "contact"
    """The person's contact of rank ``number``."""
    PARTNER = "partner"
    """The duty line of the institution ``ref``, while its agreement stands."""
    HOME_COMMUNITY = "home_community"
    LINE = "line"
    """The duty line ``ref`` outside the school."""
    TEAM = "team"
    """Every seat of the team; with ``number`` 2 the deputies as well."""
    OPERATOR = "operator"
    """The operator's line of this school's chain."""
    OWNER = "owner"
    """The colleague who has the leg, else who has the school's."""
    BY_HAND = "by_hand"
    """The owner of the school's leg is asked to dial ``dial`` and to say when."""


class SeatKind(StrEnum):
    """Offices of the chain."""

    CENTRE_HEAD = "centre_head"
    PRINCIPAL = "principal"
    MORAL = "moral"
    DOCTOR = "doctor"
    DISTRICT = "district"


TEAM: Final = (SeatKind.CENTRE_HEAD, SeatKind.PRINCIPAL, SeatKind.MORAL, SeatKind.DOCTOR)
"""Whom ``Target.TEAM`` calls."""

TEAM_DECIDES: Final = frozenset({SeatKind.CENTRE_HEAD, SeatKind.PRINCIPAL})
"""At least one of the team's answers comes from one of these."""


@dataclass(frozen=True, slots=True)
class StepRule:
    """One rule. ``number``: layer or rank; ``ref``: key of a partner or line; ``dial``: a service number, by hand only."""

    target: Target
    number: int | None = None
    seat: SeatKind | None = None
    ref: str = ""
    dial: str = ""

    def to_json(self) -> dict[str, Any]:
        """As a leg's step keeps it: what is set, nothing else."""
        rows = {"target": self.target, "number": self.number, "seat": self.seat, "ref": self.ref, "dial": self.dial}
        return {name: str(value) if isinstance(value, StrEnum) else value for name, value in rows.items() if value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """ValueError for a target or seat that nobody knows."""
        return cls(
            target=Target(stored["target"]),
            number=stored.get("number"),
            seat=SeatKind(stored["seat"]) if stored.get("seat") else None,
            ref=stored.get("ref", ""),
            dial=stored.get("dial", ""),
        )

    @property
    def role(self) -> str:
        """As what somebody is paged by it (``on_duty:1``): shown in words, kept in the recipient's row."""
        detail = self.seat or self.number or self.dial
        return f"{self.target}:{detail}" if detail else str(self.target)


def known_rule(stored: Mapping[str, Any]) -> StepRule | None:
    """The rule that is stored; None for one that only newer code can read, which stands beside this one while it is updated."""
    try:
        return StepRule.from_json(stored)
    except ValueError:
        return None


def on_duty(layer: int) -> StepRule:
    """Who is on duty in a layer."""
    return StepRule(Target.ON_DUTY, number=layer)


def seat(kind: SeatKind) -> StepRule:
    """Who holds a seat."""
    return StepRule(Target.SEAT, seat=kind)


def contact(rank: int) -> StepRule:
    """A contact of the person."""
    return StepRule(Target.CONTACT, number=rank)


_CALM: Final = (on_duty(1), on_duty(2), seat(SeatKind.CENTRE_HEAD))
_ILL: Final = (StepRule(Target.BY_HAND, dial="120"), seat(SeatKind.DOCTOR), on_duty(1), seat(SeatKind.PRINCIPAL))


def default_steps(kind: IncidentKind, grade: Grade) -> Mapping[LegKind, tuple[StepRule, ...]]:
    """The steps of chain §3 where a school has no plan of its own in use. The medical leg needs an agreement: none here."""
    school = _ILL if kind is IncidentKind.MEDICAL else _CALM
    if grade is Grade.EXTREME and kind is IncidentKind.PSYCHOLOGICAL:
        school = (*school, seat(SeatKind.PRINCIPAL))
    return {
        LegKind.SCHOOL: school,
        LegKind.TEAM: (StepRule(Target.TEAM),),
        LegKind.FAMILY: (contact(1), contact(2)),
        LegKind.MEDICAL: (StepRule(Target.BY_HAND, dial="120"),),
        LegKind.COMMUNITY: (StepRule(Target.HOME_COMMUNITY),),
    }


POLICE: Final = StepRule(Target.BY_HAND, dial="110")
"""Asked for before every other step of the school's leg where the person cannot be found or is elsewhere (chain §1)."""

WITH_DEPUTIES: Final = 2
"""``StepRule.number`` of a team that is called with all who stand in for it."""

ALARM: Final = (StepRule(Target.TEAM), StepRule(Target.OPERATOR))
"""Who is called when nobody of a leg answers, and when it cannot be worked."""


def alarm_of(leg: LegKind) -> tuple[StepRule, ...]:
    """The same for one leg: where the team itself has not answered in three rounds, its deputies are called too (chain §2)."""
    return (StepRule(Target.TEAM, number=WITH_DEPUTIES), *ALARM[1:]) if leg is LegKind.TEAM else ALARM


WATCH: Final = (StepRule(Target.OWNER), seat(SeatKind.CENTRE_HEAD))
"""Who is asked about a leg that waits: armed, held, or about to be late."""

"""A step of a plan, what it may point at on which leg, and the steps a plan begins with (chain §3). Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from types import MappingProxyType
from typing import Final

from referrals.emergency.rules.grades import Grade, IncidentKind, LegKind
from referrals.emergency.rules.leg_states import LegState
from referrals.emergency.rules.opening import Answers, HomeAnswer, starts
from referrals.emergency.rules.step_rules import StepRule, Target, default_steps

REACHING: Final = ("wecom", "sms", "voice", "gateway")
"""Channels that reach somebody who is not looking. In-app and e-mail never count (chain §2)."""

QUIET: Final = ("in_app", "email")

LEGS: Final = tuple(LegKind)

LEAST_WAIT: Final = 1
MOST_WAIT: Final[Mapping[Grade, int]] = MappingProxyType({Grade.EXTREME: 5, Grade.MAJOR: 15, Grade.GENERAL: 30})
"""Minutes that a step may wait for an answer."""

MOST_STEPS: Final = 8
"""Steps of one leg."""

_COLLEAGUES: Final = ("in_app", "wecom", "sms", "voice")
_BY_TELEPHONE: Final = ("sms", "voice")
CHANNELS: Final[Mapping[LegKind, Sequence[str]]] = MappingProxyType(
    {
        LegKind.SCHOOL: _COLLEAGUES,
        LegKind.TEAM: _COLLEAGUES,
        LegKind.FAMILY: _BY_TELEPHONE,
        LegKind.MEDICAL: _BY_TELEPHONE,
        LegKind.COMMUNITY: _BY_TELEPHONE,
    }
)
"""How a leg pages unless the plan says otherwise; who takes no texts is called."""

TARGETS: Final[Mapping[LegKind, Sequence[Target]]] = MappingProxyType(
    {
        LegKind.SCHOOL: (Target.ON_DUTY, Target.SEAT, Target.DEPUTY, Target.LINE, Target.BY_HAND),
        LegKind.TEAM: (Target.TEAM, Target.SEAT, Target.DEPUTY, Target.LINE),
        LegKind.FAMILY: (Target.CONTACT,),
        LegKind.MEDICAL: (Target.PARTNER, Target.LINE, Target.BY_HAND),
        LegKind.COMMUNITY: (Target.HOME_COMMUNITY, Target.PARTNER, Target.LINE, Target.BY_HAND),
    }
)
"""What a step of a leg may point at: another would tell one party what is another's."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan. ``wait_minutes`` None: as long as the grade waits."""

    leg: LegKind
    position: int
    rule: StepRule
    channels: Sequence[str]
    wait_minutes: int | None = None

    @property
    def is_by_hand(self) -> bool:
        """A person dials; machines only ask for it."""
        return self.rule.target is Target.BY_HAND


def text_of(leg: LegKind, rule: StepRule) -> str:
    """The id of the text that a step sends. Ids are never deleted (chain §7)."""
    return f"call.{rule.dial}" if rule.target is Target.BY_HAND else f"page.{leg}"


def needed_legs(kind: IncidentKind, grade: Grade) -> frozenset[LegKind]:
    """The legs that an incident of this kind and grade can need, whatever the opening's questions are answered."""
    answers = (
        Answers(kind, grade, True, home=home, needs_community=community, can_be_asked=asked)
        for home, community, asked in product(HomeAnswer, (True, False), (True, False, None))
    )
    return frozenset(
        leg for given in answers for leg, start in starts(given).items() if start.state is not LegState.NOT_REQUIRED
    )


def drafted(kind: IncidentKind, grade: Grade, partners: Iterable[str]) -> list[Step]:
    """The steps of chain §3 with which a school begins: ``partners`` are the agreed institutions of its medical leg, in
    the order in which they are called; after them 120 by hand.
    """
    found: list[Step] = []
    for leg, rules in default_steps(kind, grade).items():
        if leg not in needed_legs(kind, grade):
            continue
        if leg is LegKind.MEDICAL:
            rules = (*rules, *(StepRule(Target.PARTNER, ref=ref) for ref in partners))
        found += (Step(leg, position, rule, CHANNELS[leg]) for position, rule in enumerate(rules))
    return found

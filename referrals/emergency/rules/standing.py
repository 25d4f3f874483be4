"""How a party stands, from its legs; and which leg is the most urgent."""

from collections.abc import Iterable
from typing import NamedTuple

from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.leg_states import WORST_FIRST, LegState


class Standing(NamedTuple):
    """One leg as a party counts it."""

    kind: LegKind
    state: LegState
    is_required: bool


def party_state(legs: Iterable[Standing]) -> LegState:
    """The worst state of the required legs; the team never worsens the school's. Without a required leg: not required."""
    counted = [leg.state for leg in legs if leg.is_required and leg.kind is not LegKind.TEAM]
    return min(counted, key=WORST_FIRST.index, default=LegState.NOT_REQUIRED)

"""Every move of a plan, and of a school's chain between off, rehearsal and live (chain §2 Going live). Pure."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move


class PlanState(StrEnum):
    """One is in use per kind and grade; what was used once never changes."""

    DRAFT = "draft"
    IN_USE = "in_use"
    RETIRED = "retired"


class PlanEvent(StrEnum):
    """What can happen to a plan."""

    PUT_IN_USE = "put_in_use"
    RETIRE = "retire"


class ChainState(StrEnum):
    """``rehearsal``: drills only."""

    OFF = "off"
    REHEARSAL = "rehearsal"
    LIVE = "live"


class ChainEvent(StrEnum):
    """What can happen to a school's chain."""

    REHEARSE = "rehearse"
    GO_LIVE = "go_live"
    SWITCH_OFF = "switch_off"


PLAN_MOVES: Final[Mapping[tuple[PlanState, PlanEvent], PlanState]] = MappingProxyType(
    {
        (PlanState.DRAFT, PlanEvent.PUT_IN_USE): PlanState.IN_USE,
        (PlanState.IN_USE, PlanEvent.RETIRE): PlanState.RETIRED,
    }
)

CHAIN_MOVES: Final[Mapping[tuple[ChainState, ChainEvent], ChainState]] = MappingProxyType(
    {
        (ChainState.OFF, ChainEvent.REHEARSE): ChainState.REHEARSAL,
        (ChainState.REHEARSAL, ChainEvent.GO_LIVE): ChainState.LIVE,
        (ChainState.REHEARSAL, ChainEvent.SWITCH_OFF): ChainState.OFF,
        (ChainState.LIVE, ChainEvent.SWITCH_OFF): ChainState.OFF,
    }
)

BY_TWO: Final = frozenset({(ChainState.REHEARSAL, ChainEvent.GO_LIVE), (ChainState.LIVE, ChainEvent.SWITCH_OFF)})
"""Moves that centre head and principal make together: nobody alone lets a school rely on the chain, or takes it away."""


def plan_step(state: PlanState, event: PlanEvent) -> PlanState:
    """The state after ``event``; IllegalMove when there is none."""
    return move(PLAN_MOVES, state, event)


def chain_step(state: ChainState, event: ChainEvent) -> ChainState:
    """The state after ``event``; IllegalMove when there is none."""
    return move(CHAIN_MOVES, state, event)

"""A drill: its states and moves, who plays what, which faults can be set, and what its clocks fire (chain §7, 14.10). Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final, Self

from kernel.moves import move
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.rules.step_rules import Target


class DrillState(StrEnum):
    """``frozen``: something real has happened. ``aborted``: ended before its time, or never begun."""

    PLANNED = "planned"
    RUNNING = "running"
    FROZEN = "frozen"
    ENDED = "ended"
    ABORTED = "aborted"


class DrillEvent(StrEnum):
    """What can happen to a drill; the last two are fired by the engine."""

    BEGIN = "begin"
    CALL_OFF = "call_off"
    REAL_INCIDENT = "real_incident"
    RESUME = "resume"
    END = "end"
    ABORT = "abort"
    INJECT_DUE = "inject_due"
    LAPSE_DUE = "lapse_due"


S, E = DrillState, DrillEvent

DRILL_MOVES: Final[Mapping[tuple[DrillState, DrillEvent], DrillState]] = MappingProxyType(
    {
        (S.PLANNED, E.BEGIN): S.RUNNING,
        (S.PLANNED, E.CALL_OFF): S.ABORTED,
        (S.RUNNING, E.INJECT_DUE): S.RUNNING,
        (S.RUNNING, E.REAL_INCIDENT): S.FROZEN,
        (S.FROZEN, E.RESUME): S.RUNNING,
        (S.RUNNING, E.END): S.ENDED,
        **{(state, event): S.ABORTED for state in (S.RUNNING, S.FROZEN) for event in (E.ABORT, E.LAPSE_DUE)},
    }
)

ON: Final = (S.RUNNING, S.FROZEN)
"""It has a clock: a drill that nobody ends is over after ``LASTS``. At most one of a school."""

LASTS: Final = timedelta(hours=24)
"""How long one runs, or stands still, before the engine ends it."""


def drill_step(state: DrillState | str, event: DrillEvent) -> DrillState:
    """The state after ``event``; IllegalMove when there is none."""
    return move(DRILL_MOVES, DrillState(state), event)


class Part(StrEnum):
    """What a colleague plays. Whoever plays themself answers for their own post; everybody outside the house is played."""

    SELF = "self"
    FIRST_CONTACT = "contact:1"
    SECOND_CONTACT = "contact:2"
    HOSPITAL = "partner"
    COMMUNITY = "home_community"
    LINE = "line"
    OPERATOR = "operator"


PLAYED: Final = frozenset(Part) - {Part.SELF}

_OF_TARGET: Final[Mapping[Target, Part]] = {
    Target.PARTNER: Part.HOSPITAL,
    Target.HOME_COMMUNITY: Part.COMMUNITY,
    Target.LINE: Part.LINE,
    Target.OPERATOR: Part.OPERATOR,
}


def part_of(leg: LegKind | str, target: Target, number: int | None) -> Part | None:
    """The played party that a step's rule leads to; None where it leads to a colleague."""
    if target is Target.CONTACT:
        return Part.SECOND_CONTACT if number == 2 else Part.FIRST_CONTACT
    if target is Target.PARTNER and leg == LegKind.COMMUNITY:
        return Part.COMMUNITY
    return _OF_TARGET.get(target)


def is_played(role: str) -> bool:
    """Whether somebody who was called as ``role`` in a drill plays a party that is not of the house."""
    return role.partition(":")[0] in {Target.CONTACT, *_OF_TARGET}


class Fault(StrEnum):
    """What goes wrong with a step, from the next time that it is taken."""

    NO_ANSWER = "no_answer"
    """It rings and nobody hears it: called, told nothing, waited for."""
    DEAD_NUMBER = "dead_number"
    """The step reaches nobody and passes at once."""
    REFUSAL = "refusal"
    """Called, and at once not now: the next is called."""


@dataclass(frozen=True, slots=True)
class Inject:
    """What players are told ``minute`` minutes after the beginning, stops left out."""

    minute: int
    text: str

    def to_json(self) -> dict[str, Any]:
        """As a drill keeps it."""
        return {"minute": self.minute, "text": self.text}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """KeyError for what is none."""
        return cls(int(stored["minute"]), str(stored["text"]))


def next_clock(
    injects: Sequence[Inject], told: int, *, begun_at: datetime, stopped: timedelta, lapses_at: datetime
) -> tuple[DrillEvent, datetime]:
    """What the engine does next to a running drill. ``told``: how many messages were given; ``stopped``: how long it stood."""
    if told < len(injects):
        due = begun_at + stopped + timedelta(minutes=injects[told].minute)
        if due < lapses_at:
            return E.INJECT_DUE, due
    return E.LAPSE_DUE, lapses_at


def is_abort_word(said: str, word: str) -> bool:
    """Whether what was typed is the word: blanks, width and case do not count, for it is typed in a hurry."""
    return bool(word) and "".join(said.split()).casefold() == "".join(word.split()).casefold()


def semester_of(day: date) -> tuple[date, date]:
    """First and last day of the half-year of school that ``day`` lies in: from 1 August, from 1 February."""
    if date(day.year, 2, 1) <= day < date(day.year, 8, 1):
        return date(day.year, 2, 1), date(day.year, 7, 31)
    year = day.year if day.month >= 8 else day.year - 1
    return date(year, 8, 1), date(year + 1, 1, 31)

"""Every move of a leg, once (chain §9): from, event, to, who may, which clock stands afterwards.

Buttons, interface and engine ask this table; what is not in it cannot happen. Where an event has two ends, the rule that
chooses fires another event: ``acknowledge_in_part`` while the team is too few, ``lower_keeps``, ``lower_arms`` and
``lower_ends`` for what a lower grade leaves of a leg, ``raise_holds`` for a home that is a danger, ``known_…`` for what a
leg becomes that waited for a name, ``resume_…`` for what a leg of a drill was before it was stopped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from kernel.errors import IllegalMove
from referrals.emergency.rules.clocks import Clock
from referrals.emergency.rules.leg_states import ENDED, OPEN, PAGED, TAKEN, LegEvent, LegState, Who

E, S = LegEvent, LegState
_PEOPLE: Final = (Who.RECIPIENT, Who.OWNER)


@dataclass(frozen=True, slots=True)
class Move:
    """Where it leads. ``people``: how many different ones must have said so. ``drill_only``: never in a real incident."""

    to: LegState
    by: frozenset[Who]
    clock: Clock
    people: int = 1
    drill_only: bool = False


Table = Mapping[tuple[LegState, LegEvent], Move]


def _rows(
    states: Iterable[LegState],
    events: Iterable[LegEvent],
    to: LegState | None,
    by: Iterable[Who],
    clock: Clock,
    *,
    people: int = 1,
    drill_only: bool = False,
) -> dict[tuple[LegState, LegEvent], Move]:
    """One line of the table; ``to`` None: the state stays."""
    return {
        (state, event): Move(to or state, frozenset(by), clock, people, drill_only)
        for state in states
        for event in events
    }


_UNFROZEN: Final = OPEN - {S.FROZEN}
_LINES: Final = (
    _rows([S.ARMED], [E.START, E.PERSON_AGREES], S.PAGING, [Who.OWNER, Who.DUTY], Clock.NOW),
    _rows([S.ARMED, S.NOT_REQUIRED], [E.START_SOON], S.ARMED, [Who.CENTRE, Who.DUTY], Clock.HOME_UNKNOWN),
    _rows([S.ARMED], [E.START_DUE], S.PAGING, [Who.ENGINE], Clock.NOW),
    _rows([S.ARMED], [E.PERSON_REFUSES], S.NOT_REQUIRED, [Who.OWNER], Clock.NONE),
    _rows([S.ARMED], [E.REVIEW_DUE], None, [Who.ENGINE], Clock.REVIEW_AGAIN),
    _rows([S.ARMED, S.NOT_REQUIRED, S.EXHAUSTED], [E.RAISE_GRADE], S.PAGING, [Who.CENTRE, Who.DUTY], Clock.NOW),
    _rows(_UNFROZEN - {S.ARMED, S.EXHAUSTED}, [E.RAISE_GRADE], None, [Who.CENTRE, Who.DUTY], Clock.SAME),
    # Danger at home: a graver grade is no reason to call the family; two people are (``lift``).
    _rows([S.ARMED, S.NOT_REQUIRED], [E.RAISE_HOLDS], S.HELD, [Who.CENTRE, Who.DUTY], Clock.HOLD),
    _rows([S.NOT_REQUIRED], [E.KNOWN_CALLS], S.PAGING, [Who.CENTRE, Who.DUTY], Clock.NOW),
    _rows([S.NOT_REQUIRED], [E.KNOWN_SOON], S.ARMED, [Who.CENTRE, Who.DUTY], Clock.HOME_UNKNOWN),
    _rows([S.NOT_REQUIRED], [E.KNOWN_WAITS], S.ARMED, [Who.CENTRE, Who.DUTY], Clock.REVIEW),
    _rows([S.NOT_REQUIRED], [E.KNOWN_HOLDS], S.HELD, [Who.CENTRE, Who.DUTY], Clock.HOLD),
    _rows([S.PAGING], [E.STEP_DUE], None, [Who.ENGINE], Clock.STEP),
    _rows([S.PAGING], [E.DECLINE, E.WRONG_NUMBER], None, [Who.RECIPIENT], Clock.NOW),
    _rows([S.EXHAUSTED], [E.DECLINE, E.WRONG_NUMBER], None, [Who.RECIPIENT], Clock.SAME),
    _rows([S.PAGING], [E.SPENT], S.EXHAUSTED, [Who.ENGINE], Clock.TICK),
    _rows(
        [S.PAGING, S.ACKNOWLEDGED, S.ENGAGED, S.HANDED_OVER, S.EXHAUSTED],
        [E.POISONED], S.EXHAUSTED, [Who.ENGINE], Clock.TICK,
    ),
    _rows([S.ARMED], [E.POISONED], None, [Who.ENGINE], Clock.REVIEW_AGAIN),
    _rows([S.HELD], [E.POISONED], None, [Who.ENGINE], Clock.HOLD_AGAIN),
    _rows(PAGED, [E.ACKNOWLEDGE_IN_PART], None, [Who.TEAM], Clock.SAME),
    _rows(PAGED, [E.ACKNOWLEDGE], S.ACKNOWLEDGED, [*_PEOPLE, Who.ON_DUTY], Clock.ETA),
    _rows([S.HELD], [E.ACKNOWLEDGE], None, _PEOPLE, Clock.SAME),
    _rows([*PAGED, S.ACKNOWLEDGED], [E.ENGAGE], S.ENGAGED, _PEOPLE, Clock.LIFE),
    _rows([S.ACKNOWLEDGED], [E.ENGAGE_ASK], None, [Who.ENGINE], Clock.ETA_END),
    _rows([S.ACKNOWLEDGED], [E.ENGAGE_DUE], S.PAGING, [Who.ENGINE], Clock.NOW),
    _rows([S.ACKNOWLEDGED, S.ENGAGED], [E.EXTEND], None, [Who.OWNER, Who.OUTSIDE], Clock.ETA),
    _rows([S.ACKNOWLEDGED, S.ENGAGED], [E.RELEASE], S.PAGING, [Who.OWNER, Who.OUTSIDE], Clock.NOW),
    _rows([S.ENGAGED], [E.SIGN_OF_LIFE], None, [Who.OWNER, Who.OUTSIDE], Clock.LIFE),
    _rows([S.ENGAGED], [E.ENGAGE_ASK, E.LIFE_DUE, E.HAND_OVER_DUE], None, [Who.ENGINE], Clock.LIFE_ANSWER),
    _rows([S.ENGAGED], [E.LIFE_UNANSWERED], S.PAGING, [Who.ENGINE], Clock.NOW),
    _rows([S.ENGAGED], [E.HAND_OVER], None, [Who.OWNER], Clock.HAND_OVER),
    _rows([S.ENGAGED], [E.HAND_OVER_ACCEPTED], None, [Who.RECEIVER], Clock.LIFE),
    # A no wakes the old owner at once: whoever asked meant to go.
    _rows([S.ENGAGED], [E.HAND_OVER_DECLINED], None, [Who.RECEIVER], Clock.HANDED_BACK),
    _rows([S.ENGAGED], [E.HAND_OVER_UNDONE], None, [Who.OWNER], Clock.LIFE),
    _rows([S.ENGAGED], [E.PASS_ON], S.HANDED_OVER, [Who.OWNER], Clock.PASSED_ON),
    _rows([S.ENGAGED], [E.REPORT_DONE], S.HANDED_OVER, [Who.OUTSIDE, Who.OWNER], Clock.PASSED_ON),
    _rows([S.HANDED_OVER], [E.RECEIVED], None, [Who.RECEIVER, Who.CENTRE], Clock.PASSED_ON),
    _rows([S.HANDED_OVER], [E.BOUNCED], S.PAGING, [Who.RECEIVER, Who.CENTRE], Clock.NOW),
    _rows([S.HANDED_OVER], [E.PASSED_DUE], S.PAGING, [Who.ENGINE], Clock.NOW),
    _rows([S.EXHAUSTED], [E.TICK], None, [Who.ENGINE], Clock.TICK),
    _rows([S.EXHAUSTED], [E.TAKE], S.ACKNOWLEDGED, [Who.TEAM, Who.CENTRE], Clock.TAKEN),
    _rows(_UNFROZEN, [E.HOLD], S.HELD, [Who.DUTY, Who.CENTRE_HEAD], Clock.HOLD),
    _rows([S.HELD], [E.LIFT], S.PAGING, [Who.DUTY, Who.CENTRE, Who.CENTRE_HEAD], Clock.NOW, people=2),
    _rows([S.HELD], [E.REPLACE], S.PAGING, [Who.DUTY], Clock.NOW),
    _rows([S.HELD], [E.HOLD_DUE], None, [Who.ENGINE], Clock.HOLD_AGAIN),
    _rows(_UNFROZEN, [E.LOWER_KEEPS], None, [Who.CENTRE], Clock.SAME),
    _rows([S.ARMED, S.PAGING, S.EXHAUSTED, S.HELD], [E.LOWER_ARMS], S.ARMED, [Who.CENTRE], Clock.REVIEW),
    _rows([S.ARMED, S.PAGING, S.EXHAUSTED, S.HELD], [E.LOWER_ENDS], S.NOT_REQUIRED, [Who.CENTRE], Clock.NONE),
    # What is not being called stays as it is: it must not begin to be when no second word comes.
    _rows([S.ARMED, S.HELD], [E.FALSE_ALARM_SAID], None, [Who.CENTRE, Who.DUTY], Clock.SAME),
    _rows([*PAGED, *TAKEN], [E.FALSE_ALARM_SAID], S.HELD, [Who.CENTRE, Who.DUTY], Clock.FALSE_ALARM),
    _rows(_UNFROZEN, [E.FALSE_ALARM_CONFIRMED], S.FALSE_ALARM, [Who.CENTRE, Who.DUTY], Clock.NONE, people=2),
    _rows([S.HELD], [E.FALSE_ALARM_LAPSED], S.PAGING, [Who.ENGINE], Clock.NOW),
    _rows([S.ACKNOWLEDGED, S.ENGAGED, S.HANDED_OVER], [E.CLOSE], S.CLOSED, [Who.CENTRE], Clock.NONE),
    _rows(_UNFROZEN, [E.CLOSE_FOR_GOOD], S.CLOSED, [Who.CENTRE], Clock.NONE, people=2),
    # One person says so, as at the opening: the other incident goes on, and takes over all that was said.
    _rows(_UNFROZEN, [E.JOINED], S.CLOSED, [Who.CENTRE, Who.DUTY], Clock.NONE),
    _rows(ENDED, [E.REOPEN], S.PAGING, [Who.CENTRE], Clock.NOW),
    _rows(_UNFROZEN, [E.REAL_INCIDENT], S.FROZEN, [Who.ENGINE], Clock.FROZEN, drill_only=True),
    _rows([S.FROZEN], [E.RESUME], S.PAGING, [Who.LEADER], Clock.NOW, drill_only=True),
    # What stood by, or was held, when it was stopped stands so again: going on is no reason to call anybody.
    _rows([S.FROZEN], [E.RESUME_WAITS], S.ARMED, [Who.LEADER], Clock.REVIEW, drill_only=True),
    _rows([S.FROZEN], [E.RESUME_SOON], S.ARMED, [Who.LEADER], Clock.HOME_UNKNOWN, drill_only=True),
    _rows([S.FROZEN], [E.RESUME_HOLDS], S.HELD, [Who.LEADER], Clock.HOLD, drill_only=True),
    _rows(OPEN, [E.ABORT], S.CLOSED, [Who.LEADER, Who.ENGINE], Clock.NONE, drill_only=True),
    _rows([S.FROZEN], [E.FREEZE_DUE], S.CLOSED, [Who.ENGINE], Clock.NONE, drill_only=True),
    _rows(S, [E.LATE_ANSWER], None, [Who.ANYBODY], Clock.SAME),
)  # fmt: skip


def _joined() -> Table:
    whole: dict[tuple[LegState, LegEvent], Move] = {}
    for line in _LINES:
        if twice := whole.keys() & line.keys():
            raise ValueError(f"two moves for {sorted(twice)}")
        whole |= line
    return MappingProxyType(whole)


MOVES: Final[Table] = _joined()


def move(state: LegState, event: LegEvent, *, is_drill: bool = False) -> Move:
    """The row for ``event`` in ``state``. IllegalMove when there is none, or it is one of drills only."""
    found = MOVES.get((state, event))
    if found is None or (found.drill_only and not is_drill):
        raise IllegalMove(state=state.value, event=event.value)
    return found


def may(state: LegState, event: LegEvent, who: Iterable[Who], *, is_drill: bool = False) -> bool:
    """Whether somebody who is ``who`` may fire ``event`` now: what decides if a button is drawn."""
    found = MOVES.get((state, event))
    return found is not None and bool(found.by & frozenset(who)) and (is_drill or not found.drill_only)


def when_resumed(before: LegState | str, next_event: LegEvent | str) -> LegEvent:
    """How a leg of a drill goes on that was in ``before``, with ``next_event`` due, when it was stopped."""
    if before == S.HELD:
        return E.RESUME_HOLDS
    if before == S.ARMED:
        return E.RESUME_SOON if next_event == E.START_DUE else E.RESUME_WAITS
    return E.RESUME


def stops_paging(before: LegState, after: LegState) -> bool:
    """Whether the queue dies with this move: the epoch rises (chain §10: with an answer, a hold, an end, not with a step)."""
    return before in PAGED and after not in PAGED


STAND_DOWN: Final[Mapping[LegEvent, str]] = {
    E.ACKNOWLEDGE: "emergency_stood_down",
    E.ENGAGE: "emergency_stood_down",
    E.TAKE: "emergency_stood_down",
    E.LOWER_ARMS: "emergency_not_needed",
    E.LOWER_ENDS: "emergency_not_needed",
    E.FALSE_ALARM_CONFIRMED: "emergency_false_alarm",
    E.CLOSE_FOR_GOOD: "emergency_not_needed",
    E.JOINED: "emergency_joined",
}
"""What those are told who were paged, when nobody needs to come any more. A hold tells nothing: it may be lifted again. That a
drill stops or ends is told to all who play in it, once each, by ``drilling``."""

TELLS_ALL: Final = frozenset(STAND_DOWN) - {E.ACKNOWLEDGE, E.ENGAGE, E.TAKE}
"""Also whoever has said that they come; else only those who have not answered."""

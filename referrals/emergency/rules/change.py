"""What a move makes of a leg: state, clock, epoch. Pure; the workflow writes it for people, the engine for clocks."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from referrals.emergency.rules.clocks import FIRES, Clock, Pace, length
from referrals.emergency.rules.leg_states import PAGED, LegEvent, LegState
from referrals.emergency.rules.moves import move, stops_paging


@dataclass(frozen=True, slots=True)
class Standing:
    """What of a leg a move looks at and changes. Moments are the chain's (UTC)."""

    state: LegState
    epoch: int
    next_event: LegEvent | None
    next_at: datetime | None
    is_drill: bool = False


def is_one_wait(before: LegState, after: LegState) -> bool:
    """Whether what has lasted goes on by a move: the state stays, or nobody has the leg before and after it. How long nobody
    answers is counted from the first call, also when all were called and team and operator are.
    """
    return before is after or {before, after} <= PAGED


def clock_from(clock: Clock, moment: datetime, pace: Pace) -> tuple[LegEvent | None, datetime | None]:
    """The event and the moment that a new clock stands for; none for ``NONE``. ValueError for ``SAME``."""
    if clock is Clock.NONE:
        return None, None
    return FIRES[clock], moment + length(clock, pace)


def changed(
    before: Standing, event: LegEvent, moment: datetime, pace: Pace, *, at_latest: datetime | None = None
) -> Standing:
    """``before`` after ``event`` at ``moment``. IllegalMove when the table has no such move.

    ``at_latest``: the clock does not run past it, such as the end of its owner's shift; what is over already is due in a
    minute, so that nobody is asked in a circle.
    """
    found = move(before.state, event, is_drill=before.is_drill)
    begins_anew = stops_paging(before.state, found.to) or event is LegEvent.REOPEN
    after = replace(before, state=found.to, epoch=before.epoch + begins_anew)
    if found.clock is Clock.SAME:
        return after
    next_event, next_at = clock_from(found.clock, moment, pace)
    if at_latest is not None and next_at is not None:
        next_at = min(next_at, max(at_latest, moment + timedelta(minutes=1)))
    return replace(after, next_event=next_event, next_at=next_at)

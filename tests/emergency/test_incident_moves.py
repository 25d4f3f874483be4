"""The incident's own clock (chain §9, last line): while it lives something is due, and nothing that is due is unknown."""

from collections import deque
from datetime import timedelta

import pytest

from kernel.errors import IllegalMove
from referrals.emergency.rules.incident_moves import (
    DRILL_EVENTS,
    FIRES,
    LENGTH,
    LIVE,
    MOVES,
    IncidentClock,
    IncidentEvent,
    IncidentState,
    move,
)

BIRTHS = {
    (IncidentState.REPORTED, IncidentClock.GRADE),
    (IncidentState.REPORTED, IncidentClock.SUGGESTION),
    (IncidentState.OPEN, IncidentClock.CONTACT),
}


def reachable() -> set[tuple[IncidentState, IncidentClock]]:
    seen, waiting = set(BIRTHS), deque(BIRTHS)
    while waiting:
        state, _clock = waiting.popleft()
        for (before, _event), found in MOVES.items():
            if before is state and (found.to, found.clock) not in seen:
                seen.add((found.to, found.clock))
                waiting.append((found.to, found.clock))
    return seen


def test_a_live_incident_has_a_clock_that_can_be_fired_and_an_ended_one_has_none() -> None:
    for state, clock in reachable():
        assert (clock is IncidentClock.NONE) is (state not in LIVE)
        if state in LIVE - {IncidentState.FROZEN}:
            assert move(state, FIRES[clock]).to in LIVE, "no clock ends an incident"


def test_what_only_drills_do_nothing_real_ever_does() -> None:
    for (state, event), found in MOVES.items():
        if IncidentState.FROZEN in (state, found.to):
            assert event in DRILL_EVENTS, (state, event)
        if event in DRILL_EVENTS:
            with pytest.raises(IllegalMove):
                move(state, event)
            assert move(state, event, is_drill=True) is found


def test_everything_is_reached() -> None:
    assert {state for state, _clock in reachable()} == set(IncidentState)
    assert {event for _state, event in MOVES} == set(IncidentEvent)
    assert {clock for _state, clock in reachable()} == {*LENGTH, IncidentClock.NONE}


def test_the_clocks_of_the_page() -> None:
    assert LENGTH[IncidentClock.SUGGESTION] == timedelta(minutes=5)
    assert LENGTH[IncidentClock.GRADE] == timedelta(minutes=15)
    assert LENGTH[IncidentClock.CONTACT] == timedelta(hours=2)
    assert LENGTH[IncidentClock.ASSESSMENT] == LENGTH[IncidentClock.WATCH] == timedelta(hours=24)


@pytest.mark.parametrize("state", [IncidentState.MERGED, IncidentState.CLOSED])
def test_an_ended_one_takes_no_grade(state: IncidentState) -> None:
    with pytest.raises(IllegalMove):
        move(state, IncidentEvent.GRADE)

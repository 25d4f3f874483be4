"""The table of a leg's moves (chain §9): total, never quiet, and nothing in it that it must not say (E3)."""

import random
from collections import deque
from collections.abc import Iterator

import pytest

from kernel.errors import IllegalMove
from referrals.emergency.rules.clocks import FIRES, Clock, Pace, length
from referrals.emergency.rules.grades import Grade
from referrals.emergency.rules.leg_states import ENDED, OPEN, PAGED, TAKEN, LegEvent, LegState, Who
from referrals.emergency.rules.moves import MOVES, may, move, stops_paging

E, S = LegEvent, LegState
BIRTHS = (
    (S.PAGING, Clock.NOW),
    (S.ARMED, Clock.REVIEW),
    (S.ARMED, Clock.HOME_UNKNOWN),
    (S.HELD, Clock.HOLD),
    (S.NOT_REQUIRED, Clock.NONE),
)
RUNS, STEPS = 5_000, 40


def after(clock: Clock, new: Clock) -> Clock:
    return clock if new is Clock.SAME else new


def reachable() -> set[tuple[S, Clock]]:
    """Every state with every clock that can stand in it."""
    seen, waiting = set(BIRTHS), deque(BIRTHS)
    while waiting:
        state, clock = waiting.popleft()
        for (before, _event), found in MOVES.items():
            following = (found.to, after(clock, found.clock))
            if before is state and following not in seen:
                seen.add(following)
                waiting.append(following)
    return seen


def test_an_open_leg_has_a_clock_that_the_engine_can_fire_and_an_ended_one_has_none() -> None:
    for state, clock in reachable():
        if state in ENDED:
            assert clock is Clock.NONE, (state, clock)
        else:
            assert clock not in (Clock.NONE, Clock.SAME), (state, clock)
            assert Who.ENGINE in move(state, FIRES[clock], is_drill=True).by, (state, clock)


def test_every_state_is_reached_and_every_event_can_happen() -> None:
    assert {state for state, _clock in reachable()} == set(S)
    assert {event for _state, event in MOVES} == set(E)
    assert {clock for _state, clock in reachable()} == set(FIRES) | {Clock.NONE}


def test_a_poisoned_leg_can_always_be_parked() -> None:
    """Chain §3: a leg that cannot be worked pages team and operator; what must not call anybody yet goes on waiting."""
    for state in OPEN - {S.FROZEN}:
        found = move(state, E.POISONED)
        assert found.to is (state if state in (S.ARMED, S.HELD) else S.EXHAUSTED)


def test_the_engine_alone_ends_nothing_that_is_real() -> None:
    """A drill that nobody ends it ends after a day; nothing else."""
    for (state, event), found in MOVES.items():
        if Who.ENGINE in found.by and found.to in ENDED:
            assert found.drill_only, (state, event)


def test_the_engine_never_begins_to_call_what_a_person_holds_back() -> None:
    """Danger at home: only a person lifts a hold, and an armed leg starts by itself only while home is unknown."""
    begins = {
        (state, event)
        for (state, event), found in MOVES.items()
        if Who.ENGINE in found.by and state in (S.HELD, S.ARMED) and found.to in PAGED
    }
    assert begins == {(S.ARMED, E.START_DUE), (S.HELD, E.FALSE_ALARM_LAPSED)}
    ways = {
        state
        for (state, event), found in MOVES.items()
        if found.clock is Clock.FALSE_ALARM and event is E.FALSE_ALARM_SAID
    }
    assert ways == {*PAGED, *TAKEN}, "a leg that was held or armed before must not be called when the word lapses"


def test_what_was_held_for_the_danger_at_home_stays_held_when_somebody_says_false_alarm() -> None:
    found = move(S.HELD, E.FALSE_ALARM_SAID)
    assert (found.to, found.clock) == (S.HELD, Clock.SAME)


def test_an_answer_on_a_held_leg_changes_nothing_but_is_taken() -> None:
    found = move(S.HELD, E.ACKNOWLEDGE)
    assert (found.to, found.clock) == (S.HELD, Clock.SAME)


def test_drills_freeze_and_real_incidents_do_not() -> None:
    for state in OPEN - {S.FROZEN}:
        assert move(state, E.REAL_INCIDENT, is_drill=True).to is S.FROZEN
        with pytest.raises(IllegalMove):
            move(state, E.REAL_INCIDENT)
        assert not may(state, E.REAL_INCIDENT, [Who.ENGINE])
        with pytest.raises(IllegalMove):
            move(state, E.ABORT)


def test_closing_needs_somebody_who_has_it_or_two_people() -> None:
    for state in OPEN - {S.FROZEN}:
        assert ((state, E.CLOSE) in MOVES) is (state in TAKEN)
        assert move(state, E.CLOSE_FOR_GOOD).people == 2


@pytest.mark.parametrize(
    ("event", "people"), [(E.LIFT, 2), (E.FALSE_ALARM_CONFIRMED, 2), (E.CLOSE_FOR_GOOD, 2), (E.CLOSE, 1)]
)
def test_how_many_people_it_takes(event: LegEvent, people: int) -> None:
    assert {found.people for (_state, other), found in MOVES.items() if other is event} == {people}


def test_who_may_fire_what() -> None:
    """The table's second column, in the words of the page."""
    by = {event: frozenset().union(*(m.by for (_s, e), m in MOVES.items() if e is event)) for event in E}
    assert by[E.START] == {Who.OWNER, Who.DUTY}
    assert by[E.PERSON_REFUSES] == {Who.OWNER}
    assert by[E.RAISE_GRADE] == {Who.CENTRE, Who.DUTY}
    assert by[E.ACKNOWLEDGE] == {Who.RECIPIENT, Who.OWNER, Who.ON_DUTY}
    assert by[E.ENGAGE] == {Who.RECIPIENT, Who.OWNER}
    assert by[E.ACKNOWLEDGE_IN_PART] == {Who.TEAM}
    assert by[E.TAKE] == {Who.TEAM, Who.CENTRE}
    assert by[E.HOLD] == {Who.DUTY, Who.CENTRE_HEAD}
    assert by[E.REPLACE] == {Who.DUTY}
    assert by[E.CLOSE] == by[E.CLOSE_FOR_GOOD] == by[E.REOPEN] == {Who.CENTRE}
    assert by[E.LATE_ANSWER] == {Who.ANYBODY}
    fired_by_clocks = {*FIRES.values(), E.SPENT, E.POISONED, E.REAL_INCIDENT}
    for event in fired_by_clocks:
        assert by[event] == {Who.ENGINE}, event


def test_the_queue_dies_when_paging_stops_and_with_no_step() -> None:
    dying = {(state, event) for (state, event), found in MOVES.items() if stops_paging(state, found.to)}
    assert {state for state, _event in dying} == set(PAGED)
    assert {event for _state, event in dying} == {
        E.ACKNOWLEDGE, E.ENGAGE, E.TAKE, E.HOLD, E.LOWER_ARMS, E.LOWER_ENDS, E.FALSE_ALARM_SAID,
        E.FALSE_ALARM_CONFIRMED, E.CLOSE_FOR_GOOD, E.JOINED, E.REAL_INCIDENT, E.ABORT,
    }  # fmt: skip


def walk(seed: int) -> Iterator[tuple[S, E, S, Clock]]:
    """One leg through random events, legal or not, and clocks that run out."""
    chance = random.Random(seed)
    is_drill = chance.random() < 0.2
    state, clock = chance.choice(BIRTHS)
    for _ in range(STEPS):
        due = state in OPEN and chance.random() < 0.4
        known = [event for place, event in MOVES if place is state]
        event = FIRES[clock] if due else chance.choice(known if chance.random() < 0.7 else list(E))
        if event in (E.FREEZE_DUE, *FIRES.values()) and not due:
            continue  # the engine fires what is due and nothing else
        try:
            found = move(state, event, is_drill=is_drill)
        except IllegalMove:
            assert not due, f"nothing follows when {clock} runs out in {state}"
            continue
        before, state, clock = state, found.to, after(clock, found.clock)
        yield before, event, state, clock


def test_five_thousand_walks_never_go_quiet() -> None:
    pace = Pace(Grade.EXTREME)
    visited = set()
    for seed in range(RUNS):
        for before, event, state, clock in walk(seed):
            visited.add((before, event))
            assert (state in OPEN) is (clock is not Clock.NONE)
            if state in OPEN:
                assert length(clock, pace).total_seconds() <= 24 * 3600
    assert visited >= {key for key in MOVES if key[1] is not E.LATE_ANSWER} - {
        key for key, found in MOVES.items() if found.drill_only
    }, "the walks go through the whole table"

"""The table of a job's moves."""

import pytest

from jobs.registry import handler_of, register
from jobs.states import MOVES, OPEN, Event, State, step
from kernel.errors import IllegalMove


def test_a_job_that_is_over_never_moves() -> None:
    for state in set(State) - set(OPEN):
        for event in Event:
            with pytest.raises(IllegalMove):
                step(state, event)


def test_every_open_state_can_be_claimed_failed_and_cancelled() -> None:
    for state in OPEN:
        assert {event for (before, event) in MOVES if before is state} >= {Event.CLAIM, Event.FAIL, Event.CANCEL}


def test_a_kind_is_taken_once() -> None:
    register("unit-kind")(len)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="taken"):
        register("unit-kind")(max)  # type: ignore[arg-type]
    assert handler_of("unit-kind") is len

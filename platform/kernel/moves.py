"""Looks up a move in a table of states; IllegalMove when there is none (house §style 4)."""

from collections.abc import Mapping
from enum import StrEnum

from kernel.errors import AlreadyDone, IllegalMove


def move[S: StrEnum, E: StrEnum](table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state after ``event``. Raises IllegalMove when the table has no such move; AlreadyDone, which is one, when
    ``event`` leads to the very state that is there.
    """
    try:
        return table[state, event]
    except KeyError:
        is_done = any(then == state for (_before, done), then in table.items() if done == event)
        refusal = AlreadyDone if is_done else IllegalMove
        raise refusal(state=state.value, event=event.value) from None

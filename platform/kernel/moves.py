"""Looks up a move in a table of states; IllegalMove when there is none (house §style 4)."""

from collections.abc import Mapping
from enum import StrEnum

from kernel.errors import IllegalMove


def move[S: StrEnum, E: StrEnum](table: Mapping[tuple[S, E], S], state: S, event: E) -> S:
    """The state after ``event``. Raises IllegalMove when the table has no such move."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalMove(state=state.value, event=event.value) from None

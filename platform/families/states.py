"""All moves of a consent (rules §5). Pure."""

from enum import StrEnum
from typing import Final

from kernel.errors import IllegalMove


class ConsentState(StrEnum):
    """What somebody said to one purpose."""

    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ConsentEvent(StrEnum):
    """What can happen to it."""

    AGREE = "agree"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


MOVES: Final = {
    (ConsentState.ASKED, ConsentEvent.AGREE): ConsentState.GIVEN,
    (ConsentState.ASKED, ConsentEvent.REFUSE): ConsentState.REFUSED,
    (ConsentState.ASKED, ConsentEvent.WITHDRAW): ConsentState.WITHDRAWN,
    (ConsentState.GIVEN, ConsentEvent.WITHDRAW): ConsentState.WITHDRAWN,
}

OPEN: Final = (ConsentState.ASKED, ConsentState.GIVEN)
"""At most one of these per person asked and purpose; an ended one stays as history and a new one may be asked."""


def step(state: ConsentState, event: ConsentEvent) -> ConsentState:
    """The state after ``event``; IllegalMove when the table has no such move."""
    try:
        return MOVES[state, event]
    except KeyError:
        raise IllegalMove("consent_settled") from None

"""Who may be a contact, and when they are asked again (chain §2). Pure."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

ADULT_FROM: Final = 18
MOST_CONTACTS: Final = 2
ASK_AGAIN: Final = timedelta(days=7)
"""How long the school leaves a person alone after it asked them to name somebody."""


class Readiness(StrEnum):
    """Whether a contact would be called today, and if not, why. Worst first."""

    WRONG = "wrong"
    BOUNCED = "bounced"
    BARRED = "barred"
    REFUSED = "refused"
    ENDED = "ended"
    NOT_ASKED = "not_asked"
    LAPSED = "lapsed"
    ASKED = "asked"
    BY_HAND = "by_hand"
    READY = "ready"

    @property
    def is_reached(self) -> bool:
        """Agreed, and somebody can reach them: by machine, or by hand."""
        return self in (Readiness.READY, Readiness.BY_HAND)


def is_adult(born: date, day: date) -> bool:
    """Whether somebody born on ``born`` is 18 on ``day``; who was born on 29 February turns on 1 March in other years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) >= ADULT_FROM


def ask_again_on(confirmed_on: date) -> date:
    """A year after the person last said that a contact is still right; 1 March after a 29 February."""
    try:
        return confirmed_on.replace(year=confirmed_on.year + 1)
    except ValueError:
        return date(confirmed_on.year + 1, 3, 1)


def is_due(confirmed_on: date, today: date) -> bool:
    """Whether "still right?" is to be asked."""
    return today >= ask_again_on(confirmed_on)

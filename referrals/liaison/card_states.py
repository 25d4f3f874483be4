"""Every legal move of a card with which the school hands somebody on (6.3, 16.8), and what each may hold. Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move

THINKING: Final = timedelta(days=14)
"""How long a card waits for the person's yes."""
GOOD_FOR: Final = timedelta(days=60)
"""How long after the yes an institution may open the card and answer on it."""
STAYS: Final = timedelta(days=30)
"""How long after its answer the institution may still read the card."""
KEPT: Final = timedelta(days=3652)
"""How long the centre keeps what was handed on and what came back: as long as its notes (rules §5)."""


class CardState(StrEnum):
    """How one card stands."""

    SHOWN = "shown"
    SENT = "sent"
    READ = "read"
    ANSWERED = "answered"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REVOKED = "revoked"
    LAPSED = "lapsed"


class CardEvent(StrEnum):
    """What can happen to it."""

    CONSENT = "consent"  # the person ticks what goes along, and it goes
    REFUSE = "refuse"
    WITHDRAW = "withdraw"  # the centre, before the person's yes
    READ = "read"  # the institution opens it
    REPORT = "report"  # the institution answers on it
    REVOKE = "revoke"  # the person, before it was opened
    LAPSE = "lapse"


class CardPurpose(StrEnum):
    """What the institution is asked for."""

    ASSESSMENT = "assessment"
    MEDICINE = "medicine"
    ADMISSION = "admission"
    TALKS = "talks"
    SUPPORT = "support"


class CardField(StrEnum):
    """One thing that a card can hold. The order is that of the page."""

    ASK = "ask"
    NAME = "name"
    PHONE = "phone"
    SITUATION = "situation"
    TRIED = "tried"
    MEDICINES = "medicines"
    REACH = "reach"


class ReportOutcome(StrEnum):
    """What became of it, as the institution says."""

    SEEN = "seen"
    ELSEWHERE = "elsewhere"
    NOT_COME = "not_come"


class ReportNext(StrEnum):
    """Who goes on."""

    NOTHING = "nothing"
    THERE = "there"
    SCHOOL = "school"
    BOTH = "both"


ALWAYS: Final = frozenset({CardField.ASK})
"""Without what is asked there is no card: who does not want it sent refuses the whole."""
WORDS: Final = (CardField.ASK, CardField.SITUATION, CardField.TRIED, CardField.MEDICINES, CardField.REACH)
"""Fields that the centre writes; name and telephone are as the school has them on the day of the yes."""
MEDICAL: Final = frozenset({CardPurpose.ASSESSMENT, CardPurpose.MEDICINE, CardPurpose.ADMISSION})
"""Only a medical institution diagnoses or treats (rules §3)."""

_S, _E = CardState, CardEvent
CARD_MOVES: Final[Mapping[tuple[CardState, CardEvent], CardState]] = MappingProxyType(
    {
        (_S.SHOWN, _E.CONSENT): _S.SENT,
        (_S.SHOWN, _E.REFUSE): _S.REFUSED,
        (_S.SHOWN, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.SHOWN, _E.LAPSE): _S.LAPSED,
        (_S.SENT, _E.READ): _S.READ,
        (_S.SENT, _E.REVOKE): _S.REVOKED,
        (_S.SENT, _E.LAPSE): _S.LAPSED,
        (_S.READ, _E.REPORT): _S.ANSWERED,
        (_S.READ, _E.LAPSE): _S.LAPSED,
    }
)
CLOCKED: Final = (_S.SHOWN, _S.SENT, _S.READ)
"""States that end by themselves at ``until``."""
UNDER_WAY: Final = (_S.SENT, _S.READ)
"""States in which the card is good at the institution's door."""


def step(state: str, event: CardEvent) -> CardState:
    """The state after ``event``; IllegalMove where there is no such move."""
    return move(CARD_MOVES, CardState(state), event)


def stands_as(state: str, until: datetime | None, moment: datetime) -> CardState:
    """How it stands at ``moment``: the dates decide, whether or not a sweep has been."""
    if state in CLOCKED and until is not None and moment >= until:
        return CardState.LAPSED
    return CardState(state)

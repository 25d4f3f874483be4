"""Every legal move of a family mediation: the school's psychologist first, then, with both sides' yes, the room outside (16.6). Pure."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from kernel.moves import move

THINKING: Final = timedelta(days=30)
"""How long a suggestion of the psychologist waits for the person."""
GOOD_FOR: Final = timedelta(days=90)
"""How long after both sides' yes a mediator outside may be asked."""


class MediationState(StrEnum):
    """How one person's mediation stands."""

    ASKED = "asked"
    INVITED = "invited"
    SUGGESTED = "suggested"
    AGREED = "agreed"
    LINKED = "linked"
    SETTLED = "settled"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


class MediationEvent(StrEnum):
    """What can happen to it."""

    INVITE = "invite"  # the psychologist names a time; again for another one
    SETTLE = "settle"  # they have talked, and nothing more is wanted
    SUGGEST = "suggest"  # they have talked, and a mediator outside would help
    AGREE = "agree"  # the person says yes, and that the other side comes of their own will
    STAY = "stay"  # the person wants nobody from outside
    LINK = "link"  # the request to a mediation room is sent
    CLOSE = "close"  # the psychologist ends it with a reason
    WITHDRAW = "withdraw"
    LAPSE = "lapse"  # nobody answered, or no room was asked, in time


class CloseReason(StrEnum):
    """Why the psychologist ends the first step."""

    NOT_SAFE = "not_safe"
    OTHER_HELP = "other_help"
    NOT_MET = "not_met"


class Sides(StrEnum):
    """Who came to the first talk."""

    ONE = "one"
    BOTH = "both"


class TalkPlace(StrEnum):
    """Where the first talk is."""

    CENTRE = "centre"
    PHONE = "phone"


_S, _E = MediationState, MediationEvent
MEDIATION_MOVES: Final[Mapping[tuple[MediationState, MediationEvent], MediationState]] = MappingProxyType(
    {
        (_S.ASKED, _E.INVITE): _S.INVITED,
        (_S.ASKED, _E.CLOSE): _S.CLOSED,
        (_S.ASKED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.INVITED, _E.INVITE): _S.INVITED,
        (_S.INVITED, _E.SETTLE): _S.SETTLED,
        (_S.INVITED, _E.SUGGEST): _S.SUGGESTED,
        (_S.INVITED, _E.CLOSE): _S.CLOSED,
        (_S.INVITED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.SUGGESTED, _E.AGREE): _S.AGREED,
        (_S.SUGGESTED, _E.STAY): _S.SETTLED,
        (_S.SUGGESTED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.SUGGESTED, _E.LAPSE): _S.LAPSED,
        (_S.AGREED, _E.LINK): _S.LINKED,
        (_S.AGREED, _E.WITHDRAW): _S.WITHDRAWN,
        (_S.AGREED, _E.LAPSE): _S.LAPSED,
        (_S.LINKED, _E.LINK): _S.LINKED,
    }
)
OPEN: Final = (_S.ASKED, _S.INVITED, _S.SUGGESTED, _S.AGREED)
"""States of one that is under way: one of a person at a time."""
CLOCKED: Final = (_S.SUGGESTED, _S.AGREED)
"""States that end by themselves at ``until``."""


def step(state: str, event: MediationEvent) -> MediationState:
    """The state after ``event``; IllegalMove where there is no such move."""
    return move(MEDIATION_MOVES, MediationState(state), event)


def stands_as(state: str, until: datetime | None, moment: datetime) -> MediationState:
    """How it stands at ``moment``: the dates decide, whether or not a sweep has been."""
    if state in CLOCKED and until is not None and moment >= until:
        return MediationState.LAPSED
    return MediationState(state)


def opens_the_second(state: str, until: datetime | None, moment: datetime, *, is_ended: bool) -> bool:
    """Whether a mediator outside may be asked at ``moment``: both sides have said yes, and nobody is asked already.

    ``is_ended``: the request that was sent came to nothing; within the same days another room may be asked.
    """
    if until is None or moment >= until:
        return False
    return state == MediationState.AGREED or (state == MediationState.LINKED and is_ended)

"""What is told already by the message that has just left, and is not sent again on that channel (chain §5). Pure.

One incident calls on several legs, asks about each, and finds nobody on each: one person's telephone would ring for every
one of them within the same minute, and carriers would drop what is over their limits, the graver ones among it. Two that
lead to the same page of the same incident are one. What asks something of this person alone, what they have not been
told yet, and what carries a code to answer with, is never folded.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from referrals.emergency.rules.sending import (
    ASK_COMPANION,
    ASK_TO_TAKE_OVER,
    ASKS,
    ASKS_OF_INCIDENT,
    CARD_CODE,
    PUT_OFF,
)

WITHIN: Final = timedelta(minutes=1)
"""How long one message stands for those that come behind it (chain §5: one a minute)."""

TOLD_LASTS: Final = timedelta(minutes=30)
"""So long somebody counts as told the same thing of the same leg; later it is new to them."""


class Wants(StrEnum):
    """What a text wants of whoever reads it. ``alone``: something that only this text says, or that is asked of one person."""

    COME = "come"
    LOOK = "look"
    ALONE = "alone"
    OVER = "over"


WANTS: Final[Mapping[str, Wants]] = {
    **dict.fromkeys(("emergency_page_school", "emergency_page_team", "emergency_alarm"), Wants.COME),
    **dict.fromkeys((*ASKS.values(), *ASKS_OF_INCIDENT.values(), ASK_COMPANION, PUT_OFF), Wants.LOOK),
    **dict.fromkeys(
        (
            "emergency_page_family", "emergency_page_medical", "emergency_page_community", "emergency_dial",
            "emergency_report_joined", "emergency_report_new", ASK_TO_TAKE_OVER, CARD_CODE,
        ),
        Wants.ALONE,
    ),
    **dict.fromkeys(
        (
            "emergency_stood_down", "emergency_not_needed", "emergency_joined", "emergency_false_alarm",
        ),
        Wants.OVER,
    ),
}  # fmt: skip
"""Every text that a delivery of the chain may bear; one that stands in no row is never folded."""

_TO_THE_LIST: Final = frozenset({"sms", "voice"})
"""Channels that carry no address of their own: their words lead to the list of messages, the same one for every incident."""

_BY_KEY: Final = "emergency_page_"
"""A call with such a text is answered by a pressed key, for its own leg."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message to one person on one channel.

    ``has_code``: it goes to somebody outside and carries the code or the digits of one leg's page. ``is_first``: of its leg this person was not
    told the same within ``TOLD_LASTS``. ``holds``: its leg still asks, and this person has not answered it.
    """

    page: UUID
    text: str
    incident: UUID
    has_code: bool = False
    is_first: bool = True
    holds: bool = True


def wants_of(text: str) -> Wants:
    """A page is never lost for want of a row."""
    return WANTS.get(text, Wants.ALONE)


def may_fold(text: str, *, has_code: bool) -> bool:
    """Whether a message with ``text`` can ever be folded into another: else nobody has to look for one."""
    return not has_code and wants_of(text) is not Wants.ALONE


def folds(new: Said, into: Said, channel: str) -> bool:
    """Whether ``new`` is told by ``into``, which left to the same person on ``channel`` within ``WITHIN``.

    - The end of something is told by the same end of the same incident, by nothing else, and tells nothing itself.
    - Of one incident: the same text of any leg; what was told of its leg before, by anything that asks as much. To look is
      told by a call to come, never the other way round.
    - Of two incidents: only what was told before, by the same text, where both lead to the list of messages and neither is
      answered by a key.
    - A call whose leg asks no longer, or which this person has answered, tells nothing any more: they have put it away.
    """
    if not may_fold(new.text, has_code=new.has_code) or into.has_code:
        return False
    wants, given = wants_of(new.text), wants_of(into.text)
    is_same_text, is_same_incident = new.text == into.text, new.incident == into.incident
    if Wants.OVER in (wants, given):
        return is_same_text and is_same_incident
    if not into.holds:
        return False
    if not is_same_incident:
        is_by_key = channel == "voice" and new.text.startswith(_BY_KEY)
        return is_same_text and not new.is_first and channel in _TO_THE_LIST and not is_by_key
    if is_same_text:
        return True
    return not new.is_first and (given is not Wants.LOOK or wants is Wants.LOOK)


def carrier(new: Said, lately: Iterable[Said], channel: str) -> Said | None:
    """By which of ``lately``, the newest first, ``new`` is told. An end is not told by one before the last call."""
    for said in lately:
        if folds(new, said, channel):
            return said
        is_call = wants_of(said.text) is not Wants.OVER
        if wants_of(new.text) is Wants.OVER and is_call and said.incident == new.incident:
            return None
    return None

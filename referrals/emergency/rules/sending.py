"""In which order pages leave, and on which channels a step tries first (chain §5). Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from referrals.emergency.rules.incident_moves import IncidentEvent
from referrals.emergency.rules.leg_states import LegEvent


class DeliveryState(StrEnum):
    """``dropped`` was never sent: its leg was answered, held or ended first. ``folded``: told with another message that left
    or is leaving (``rules.folding``); it goes by itself as soon as that one does not arrive."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    FOLDED = "folded"


REACHED: Final = (DeliveryState.SENT, DeliveryState.CLAIMED, DeliveryState.FOLDED)
"""Whoever has such a page was called, or is being called; what is folded is told by one that left or is leaving."""

WAITS: Final = (DeliveryState.QUEUED, DeliveryState.FOLDED)
"""What may still go by itself, and dies when nobody is to be called by it."""


NO_EPOCH: Final = 0
"""Of a page that a sender holds while it is dropped: it may still leave this once, and no retry of it is ever claimed."""


class Rank(StrEnum):
    """Why something is sent; the order of ``RANKS`` is the order in which pages leave."""

    FIRST_PAGE = "first_page"
    ALARM = "alarm"
    OTHER_CHANNEL = "other_channel"
    LATER_STEP = "later_step"
    NOTICE = "notice"


RANKS: Final[Mapping[Rank, int]] = {rank: number for number, rank in enumerate(Rank)}

LEASE: Final = timedelta(seconds=15)
"""How long a sender holds a page: three times as long as a send may take."""

VOICE_AFTER: Final = timedelta(seconds=60)
"""A call follows the silent channels, unless the family is called (SMS and voice together). A school may have its own time (⚙)."""

VOICE_AGAIN: Final = timedelta(minutes=2)
VOICE_WITHIN: Final = timedelta(minutes=3)
"""The same call once more, after two minutes and within three of the page: it gets through a telephone that is set to silent."""

SILENT_FIRST: Final = ("in_app", "wecom", "sms", "gateway", "email")
"""Leave together at once; ``voice`` after them."""


@dataclass(frozen=True, slots=True)
class Send:
    """One delivery to write: on which channel, how long after the step, how urgent, which try."""

    channel: str
    after: timedelta
    rank: Rank
    number: int = 1


def sends(
    reachable: Collection[str],
    *,
    allowed: Collection[str] = (),
    is_family: bool,
    is_first: bool,
    is_drill: bool,
    voice_after: timedelta = VOICE_AFTER,
) -> list[Send]:
    """What a step writes for one recipient: silent channels together, a call after them and once more (chain §5).

    ``reachable``: channels with an address; ``allowed``: those the step names, empty for all. A drill stays in the house.
    ``is_first``: the first step of its leg, whose first page goes before everything else.
    """
    if is_drill:
        return [Send("in_app", timedelta(), Rank.LATER_STEP)] if "in_app" in reachable else []
    open_ways = [channel for channel in SILENT_FIRST if channel in reachable and (not allowed or channel in allowed)]
    calls = "voice" in reachable and (not allowed or "voice" in allowed)
    first, other = (Rank.FIRST_PAGE, Rank.OTHER_CHANNEL) if is_first else (Rank.LATER_STEP, Rank.LATER_STEP)
    planned = [Send(channel, timedelta(), other if number else first) for number, channel in enumerate(open_ways)]
    if calls:
        wait = timedelta() if is_family or not open_ways else voice_after
        planned.append(Send("voice", wait, first if not open_ways else other))
        planned.append(Send("voice", min(wait + VOICE_AGAIN, VOICE_WITHIN), other, 2))
    return planned


ASKS: Final[Mapping[str, str]] = {
    LegEvent.REVIEW_DUE: "emergency_ask_review",
    LegEvent.ENGAGE_ASK: "emergency_ask_arrived",
    LegEvent.LIFE_DUE: "emergency_ask_still_there",
    LegEvent.HAND_OVER_DUE: "emergency_ask_handed_over",
    LegEvent.HOLD_DUE: "emergency_ask_hold",
}
"""Clocks of a leg that ask somebody and let the leg stand. What is asked is over as soon as another clock stands: a call
that still waits then asks for nothing."""

ASKS_OF_INCIDENT: Final[Mapping[str, str]] = {
    IncidentEvent.GRADE_DUE: "emergency_ask_grade",
    IncidentEvent.CONTACT_DUE: "emergency_ask_contact",
    IncidentEvent.ASSESSMENT_DUE: "emergency_ask_assessment",
    IncidentEvent.WATCH_DUE: "emergency_ask_watch",
}
"""The same of an incident's own clock, asked on the school's leg."""

ASK_COMPANION: Final = "emergency_ask_companion"
"""Somebody may be alone: whoever has the incident looks now. Over as soon as a companion says that they are there."""

PUT_OFF: Final = "emergency_put_off"
"""To the team: whoever has a leg has named another time twice (chain §9)."""

ALARM: Final = "emergency_alarm"
"""What team and operator hear while nobody has a leg."""

CARD_CODE: Final = "emergency_card_code"
"""The call that reads out a code by which a card is opened, to the number that was called and to no other."""
MOST_CARD_CODES: Final = 3
"""So often one recipient may ask for it."""
CARD_CODE_LASTS: Final = timedelta(minutes=10)
CARD_CODE_AGAIN: Final = timedelta(minutes=1)
"""Asked again within this it is the same call."""

ASK_TO_TAKE_OVER: Final = "emergency_ask_take_over"

MOST_CLAIMS: Final = 3
"""How often a page is tried on one channel before the next way is taken: with a pause of three seconds between two, each
five seconds long when the provider hangs, the next way comes within 30 s."""

PUT_BACK_LASTS: Final = timedelta(minutes=5)
"""A page that no account may take now waits so long at most, counted from when it was written; then it has failed."""

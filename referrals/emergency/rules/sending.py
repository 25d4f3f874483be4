"""In which order pages leave, and on which channels a step tries first (chain §5). Pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final


class DeliveryState(StrEnum):
    """``dropped`` was never sent: its leg was answered, held or ended first."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Rank(StrEnum):
    """Why something is sent; the order of ``RANKS`` is the order in which pages leave."""

    FIRST_PAGE = "first_page"
    ALARM = "alarm"
    OTHER_CHANNEL = "other_channel"
    LATER_STEP = "later_step"
    NOTICE = "notice"


RANKS: Final[Mapping[Rank, int]] = {rank: number for number, rank in enumerate(Rank)}

SEND_SECONDS: Final = 5
LEASE: Final = timedelta(seconds=15)
"""How long a sender holds a page: three times as long as a send may take."""

VOICE_AFTER: Final = timedelta(seconds=60)
"""A call follows the silent channels, unless the family is called (SMS and voice together)."""

VOICE_AGAIN: Final = timedelta(minutes=2)
"""The same call once more within three minutes: it gets through a telephone that is set to silent."""

SILENT_FIRST: Final = ("in_app", "wecom", "sms", "gateway", "email")
"""Leave together at once; ``voice`` after them."""

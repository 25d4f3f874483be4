"""One page on its way out: which account is asked next, and how the last one answered (chain §5). Touches no database."""

import logging
import time
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from notifications.providers import mark
from notifications.providers.loop import Post
from notifications.providers.ports import SECONDS, Failed, Outcome, Page, Sent, Trouble
from referrals.emergency.engine.choosing import Chosen
from referrals.emergency.engine.circuits import Circuits
from referrals.emergency.engine.queue import PutBack, Tried
from referrals.emergency.engine.ways import Way

logger = logging.getLogger(__name__)

IN_ALL_SECONDS: Final = 2 * SECONDS
"""A claim may ask a second account when the first fails; its lease is half as long again."""
CIRCUIT_WAIT: Final = timedelta(seconds=10)
_LEAST_SECONDS: Final = 1.0


class Asking(NamedTuple):
    """One account that may be asked now, with what, and for how long."""

    way: Way
    page: Page
    seconds: float


class Attempt:
    """Asks accounts in turn until one takes the page, within ``IN_ALL_SECONDS``; ``tried`` is how it stands.

    An account that is left alone is not asked; when all are, the page is put back and the next channel comes at once.
    """

    __slots__ = ("_asked", "_at", "_circuits", "_ends", "_now", "_page", "_ways", "tried")

    def __init__(self, page: Page, chosen: Chosen, at: datetime, circuits: Circuits) -> None:
        self._page, self._ways, self._at, self._circuits = page, iter(chosen.ways), at, circuits
        self._ends = time.monotonic() + IN_ALL_SECONDS
        self._asked = 0
        self._now: tuple[Way, str] | None = None
        self.tried = Tried(PutBack("circuit_open", CIRCUIT_WAIT))

    def next(self) -> Asking | None:
        """Whom to ask now; None when it is over. Each that is given must be told of by ``heard``."""
        for way, template in self._ways:
            left = self._ends - time.monotonic()
            if left < _LEAST_SECONDS:
                return None
            if not self._circuits.may(way.key):
                continue
            self._asked += 1
            self._now = way, template
            page = replace(self._page, template_id=template) if template else self._page
            return Asking(way, page, min(SECONDS, left))
        return None

    def heard(self, outcome: Outcome) -> None:
        """How the account that was asked last answered."""
        if self._now is None:
            raise RuntimeError("nobody was asked")
        way, template = self._now
        self._circuits.tell(way.key, is_well=isinstance(outcome, Sent) or not outcome.is_of_provider)
        self.tried = Tried(outcome, way.name, template, self._asked, way.member(self._page.to))
        if isinstance(outcome, Sent) or outcome.code == Trouble.NUMBER:
            self._ways = iter(())

    def post(self, asking: Asking) -> Post | Failed | None:
        """What is to be said to that account without waiting for it; None where only ``wait`` asks it. Never raises."""
        try:
            with mark.as_known():
                return asking.way.post(asking.page, at=self._at)
        except Exception as error:  # noqa: BLE001  a defect in one account must not take the channel with it
            return _defect(asking.way, error)

    def wait(self, asking: Asking | None) -> Tried:
        """Ask, and every further one, and wait for each; how it ended. Never raises."""
        with mark.as_known():
            while asking is not None:
                try:
                    outcome = asking.way.send(asking.page, at=self._at, seconds=asking.seconds)
                except Exception as error:  # noqa: BLE001  as above
                    outcome = _defect(asking.way, error)
                self.heard(outcome)
                asking = self.next()
        return self.tried


def _defect(way: Way, error: Exception) -> Failed:
    logger.error("an account of %s failed: %s", way.name, type(error).__name__)
    return Failed(type(error).__name__)

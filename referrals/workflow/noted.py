"""What the counter noted while it had no network, and whether it can still be taken as if it had been scanned then (books §3)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from referrals.missed import Said
from referrals.rules import Refusal, RefusalReason, is_over
from referrals.workflow.looking import Looked

ALLOWED: Final = timedelta(minutes=2)
"""So far ahead of the server's clock may a note lie once its device's offset is taken off: the way there and back of one answer."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One note. ``client_id``: the device's own name of it. ``at``: when it was made, UTC, by the server's clock: the device's
    time and what its clock was off at the last contact. ``offset``: that difference, server minus device.
    """

    client_id: UUID
    at: datetime
    offset: timedelta

    def refusal(self, seen: Looked) -> Refusal | None:
        """What stands against it beside the counter's rule, with everything under lock.

        A person who has said meanwhile that it did not take place is not overruled, and what the dates have ended is over,
        whether or not the sweep has been.
        """
        if seen.moment - self.at > timedelta(hours=seen.tenant.settings.mark_hours):
            return _expired(seen)
        booking, today = seen.booking, seen.tenant.day_of(seen.moment)
        if booking is not None and booking.person_says == Said.NO:
            return _expired(seen)
        if is_over(seen.facts.valid_until, today) and not seen.standing:
            return _expired(seen)
        return None

    def facts(self) -> dict[str, object]:
        """As the record keeps it."""
        return {"client": self.client_id, "noted_at": self.at, "clock_off_ms": self.offset // timedelta(milliseconds=1)}


def _expired(seen: Looked) -> Refusal:
    return Refusal(RefusalReason.EXPIRED, {"valid_until": seen.facts.valid_until.isoformat()})

"""One's own other appointments at a time that is being chosen: said, never forbidden."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from accounts.actor import Actor
from referrals.models import Booking
from referrals.states import BookingState

_STANDING = (BookingState.PENDING, BookingState.CONFIRMED)


def clashes(
    actor: Actor, spans: Sequence[tuple[datetime, datetime]], *, apart_from: UUID | None = None
) -> list[Booking | None]:
    """For each span the actor's first other appointment that overlaps it, None for none. One query, none for no span.

    ``apart_from``: the request whose own appointment does not count.
    """
    if not spans:
        return []
    rows = Booking.objects.select_related("service").filter(
        referral__person_id=actor.membership_id,
        state__in=_STANDING,
        ends_at__gt=min(start for start, _end in spans),
        starts_at__lt=max(end for _start, end in spans),
    )
    if apart_from is not None:
        rows = rows.exclude(referral_id=apart_from)
    standing = list(rows.order_by("starts_at"))
    return [
        next((row for row in standing if row.starts_at < end and start < row.ends_at), None) for start, end in spans
    ]

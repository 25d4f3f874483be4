"""A child has one place at a time, whichever of its guardians asks and at whichever agency (books §4)."""

from datetime import datetime
from typing import Final
from uuid import UUID

from kernel.errors import Conflict
from referrals.models import Booking
from referrals.states import STANDING
from tenancy.messages import Part, send

_LOCK: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


def lock_child(child_id: UUID | None) -> None:
    """Which appointment of a child comes first is decided by one act at a time. After the request, before slot and accounts."""
    if child_id is not None:
        send(Part(_LOCK, (f"child/{child_id}",)))


def require_free_child(child_id: UUID | None, start: datetime, end: datetime, *, besides: UUID | None = None) -> None:
    """Conflict ``child_busy`` when another appointment of the child stands in ``[start, end)``; ``besides`` is left out.

    The refusal says neither where, nor what for, nor who asked. Takes ``lock_child``, so that it holds until the end of the
    transaction; outside of one it is a look before the click. Nothing is asked where no child is named.
    """
    if child_id is None:
        return
    lock_child(child_id)
    others = Booking.objects.filter(
        referral__child_id=child_id, state__in=STANDING, starts_at__lt=end, ends_at__gt=start
    )
    if others.exclude(pk=besides).exists():
        raise Conflict("child_busy")

"""One's own other appointments at a time that is being chosen: said, never forbidden."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.actor import Actor
from accounts.same_person import places_of_person
from partners.calendars.choosing import Picker
from referrals.models import Booking
from referrals.states import BookingState

_STANDING = (BookingState.PENDING, BookingState.CONFIRMED)


def clashes(
    actor: Actor, spans: Sequence[tuple[datetime, datetime]], *, apart_from: UUID | None = None
) -> list[Booking | None]:
    """For each span the actor's first other appointment that overlaps it, None for none, whichever of their accounts has it. Two
    queries, none for no span.

    ``apart_from``: the request whose own appointment does not count.
    """
    if not spans or actor.membership_id is None:
        return [None for _span in spans]
    rows = Booking.objects.select_related("service").filter(
        referral__person__in=places_of_person(actor.membership_id),
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


def with_clashes(actor: Actor, shown: Picker, length: timedelta, *, apart_from: UUID | None = None) -> Picker:
    """The starts at which the person has something else already say so; they can be chosen all the same."""
    keys = [slot.key for _part, row in shown.parts for slot in row]
    spans = [(start, start + length) for start in map(datetime.fromisoformat, keys)]
    own = dict(zip(keys, clashes(actor, spans, apart_from=apart_from), strict=True))
    parts = [
        (
            part,
            [
                replace(slot, note=_("you have another")) if own[slot.key] and not slot.is_taken else slot
                for slot in row
            ],
        )
        for part, row in shown.parts
    ]
    return replace(shown, parts=parts)

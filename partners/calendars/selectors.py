"""The opening of an institution, read from its rows. Both tables are global, so any scope may read them."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from kernel.clock import now
from partners.calendars.models import Closure, OpeningHours
from partners.calendars.opening import Hours, Opening, Stretch

_KEPT: Final = timedelta(days=2)
"""Closures of yesterday still matter: a stretch may have begun before midnight."""


def opening_of(institution_id: UUID) -> Opening:
    """Its weekly hours, and the closures that are not long over. Two queries."""
    hours = OpeningHours.objects.filter(institution_id=institution_id).order_by("weekday", "opens")
    closures = Closure.objects.filter(institution_id=institution_id, during__endswith__gt=now() - _KEPT)
    return Opening(
        hours=tuple(Hours(*row) for row in hours.values_list("weekday", "opens", "closes")),
        closures=tuple(Stretch(during.lower, during.upper) for during in closures.values_list("during", flat=True)),
    )

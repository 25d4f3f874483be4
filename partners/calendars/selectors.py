"""The opening of an institution, read from its rows. Both tables are global, so any scope may read them."""

from collections import defaultdict
from collections.abc import Collection
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
    return openings_of({institution_id})[institution_id]


def openings_of(institution_ids: Collection[UUID]) -> dict[UUID, Opening]:
    """Those of several institutions, each of them in the answer. Two queries."""
    hours: dict[UUID, list[Hours]] = defaultdict(list)
    for row in OpeningHours.objects.filter(institution_id__in=institution_ids).order_by("weekday", "opens"):
        hours[row.institution_id].append(Hours(row.weekday, row.opens, row.closes))
    closures: dict[UUID, list[Stretch]] = defaultdict(list)
    for closure in Closure.objects.filter(institution_id__in=institution_ids, during__endswith__gt=now() - _KEPT):
        closures[closure.institution_id].append(Stretch(closure.during.lower, closure.during.upper))
    return {key: Opening(hours=tuple(hours[key]), closures=tuple(closures[key])) for key in institution_ids}

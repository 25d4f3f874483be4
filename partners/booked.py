"""Open appointments of an institution. They live in an app above this one, so the reader is named in a setting."""

from datetime import date
from functools import cache
from typing import NamedTuple, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from partners.kinds import NEEDED_LICENCES, ServiceKind
from partners.models import Licence


class OpenBooking(NamedTuple):
    """One open appointment: of which service, on which day in its school's zone. No school, no person."""

    service_id: UUID
    service_kind: str
    day: date


class OpenBookings(Protocol):
    """The hook's shape (``settings.OPEN_BOOKINGS``): every school's open appointments with one institution."""

    def __call__(self, institution_id: UUID) -> list[OpenBooking]: ...


@cache
def _hook() -> OpenBookings:
    hook: OpenBookings = import_string(settings.OPEN_BOOKINGS)
    return hook


def booked_with(institution_id: UUID, *, service_id: UUID | None = None) -> list[OpenBooking]:
    """Open appointments with the institution in every school, by day; of one service when it is named."""
    found = _hook()(institution_id)
    return sorted((row for row in found if service_id in (None, row.service_id)), key=lambda row: row.day)


def left_without(licence: Licence, valid_from: date, valid_until: date | None) -> list[OpenBooking]:
    """Open appointments that no paper of this kind would cover if ``licence`` were valid ``[valid_from, valid_until)``."""
    changed = Licence(kind=licence.kind, valid_from=valid_from, valid_until=valid_until)
    others = Licence.objects.filter(institution_id=licence.institution_id, kind=licence.kind).exclude(pk=licence.pk)
    papers = [changed, *others]
    return [
        row
        for row in booked_with(licence.institution_id)
        if licence.kind in NEEDED_LICENCES[ServiceKind(row.service_kind)]
        and not any(paper.covers(row.day) for paper in papers)
    ]

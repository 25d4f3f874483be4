"""What several desks read: offers as the dates have them, and the hook ``settings.OPEN_BOOKINGS`` of the partners app."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from kernel.clock import local_day
from partners.booked import OpenBooking
from referrals.models import Booking
from referrals.states import BookingState, OfferState
from tenancy.scope import use_partner

_OPEN = (BookingState.PENDING, BookingState.CONFIRMED)


def open_bookings(institution_id: UUID) -> list[OpenBooking]:
    """Read through the institution's own wall: service and day of each, nothing of the person or the school."""
    with use_partner(institution_id):
        rows = Booking.objects.filter(partner_id=institution_id, state__in=_OPEN)
        return [
            OpenBooking(service_id, kind, local_day(starts_at, zone))
            for service_id, kind, starts_at, zone in rows.values_list(
                "service_id", "service__kind", "starts_at", "zone"
            )
        ]


def in_state(state: str, moment: datetime) -> Q:
    """Offers that are in ``state`` at ``moment`` as the dates have it: past its deadline none is open (``may_answer``)."""
    late = Q(state=OfferState.OPEN, deadline__lte=moment)
    if state == OfferState.EXPIRED:
        return Q(state=state) | late
    return Q(state=state) & ~late

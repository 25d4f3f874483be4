"""Open appointments of an institution in every school: the hook ``settings.OPEN_BOOKINGS`` of the partners app."""

from uuid import UUID

from kernel.clock import local_day
from partners.booked import OpenBooking
from referrals.models import Booking
from referrals.states import BookingState
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

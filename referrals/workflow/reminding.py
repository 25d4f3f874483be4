"""Reminds a person of an appointment, in neutral words; the dates decide, a late sweep reminds once (docs/bookings.md)."""

from uuid import UUID

from django.db import transaction

from kernel.clock import now
from referrals.models import Booking, Referral
from referrals.reminders import next_reminder
from referrals.states import BookingState
from referrals.workflow.notices import tell_person
from tenancy.models import Tenant


@transaction.atomic
def remind(*, booking_id: UUID) -> bool:
    """Write the reminder that is due, if the appointment still stands and is to come. False when none was due."""
    seen = Booking.objects.get(pk=booking_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    booking = Booking.objects.select_for_update(no_key=True).get(pk=booking_id)
    moment, due = now(), booking.remind_at
    if due is None or due > moment:
        return False
    stands = booking.state == BookingState.CONFIRMED and booking.starts_at > moment
    zone = Tenant.objects.get(pk=booking.tenant_id).time_zone
    booking.remind_at = next_reminder(booking.starts_at, moment, zone) if stands else None
    booking.save(update_fields=["remind_at"])
    if stands:
        suffix = f"/{booking.pk}/{booking.sequence}/{'first' if booking.remind_at else 'last'}"
        tell_person(referral, "booking_reminder", suffix=suffix)
    return stands

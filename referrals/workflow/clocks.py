"""The clocks of an appointment, set whenever its time is (books §3, docs/bookings.md)."""

from kernel.clock import end_of_day, now
from referrals.missed import last_day
from referrals.models import Booking
from referrals.reminders import next_reminder
from referrals.rules import days_of
from tenancy.models import Tenant


def set_clocks(tenant: Tenant, kind: str, booking: Booking) -> None:
    """When nobody can scan it any more and both are asked about it, and when the person is reminded. Saves nothing."""
    last = days_of(kind, last_day(booking.ends_at, tenant.time_zone), tenant.settings.open_voucher_days).last
    booking.due_at = end_of_day(last, tenant.time_zone)
    booking.remind_at = next_reminder(booking.starts_at, now(), tenant.time_zone)

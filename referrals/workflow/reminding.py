"""Reminds a person in neutral words of an appointment, and of a voucher's last day (docs/bookings.md).

The dates decide: a late sweep reminds once.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from kernel.clock import now
from referrals.kinds import KINDS
from referrals.models import Booking, Referral, Voucher
from referrals.reminders import days_due, is_night, next_of_last_day, next_reminder
from referrals.states import BookingState, PausedState
from referrals.workflow.ending import LIVE
from referrals.workflow.notices import tell_person
from referrals.workflow.paused import pause_of
from referrals.workflow.unit_holders import holding_of
from tenancy.models import Tenant
from tenancy.rules import REMINDABLE_DAYS

_LOOKED_AT: Final = tuple(int(days) for days in REMINDABLE_DAYS)
"""Each day that a school could want: what it wants is asked on the day itself, so that a change counts at once."""


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


def unplanned() -> QuerySet[Voucher]:
    """Vouchers that are new, or whose last day is another one than when their reminders were worked out."""
    return Voucher.objects.filter(~Q(remind_for=F("valid_until")), state__in=LIVE).order_by("pk")


def reminded_now() -> QuerySet[Voucher]:
    """Vouchers on whose reminders the round is to look, the longest due first."""
    return Voucher.objects.filter(remind_at__lte=now(), state__in=LIVE).order_by("remind_at", "pk")


@transaction.atomic
def remind_of_end(*, tenant: Tenant, voucher_id: UUID) -> bool:
    """Remind the owner of a voucher's last day, if one of the school's ``reminder_days`` fell due and something is left that
    nobody has booked (``waits_for_use``); work out when to look next. False when nobody was reminded.

    A last day that was put off or brought forward counts from now on. What falls due by night waits for the morning, and while
    an office decides what becomes of a request whose agency is paused, nobody is told to use it there.
    """
    seen = Voucher.objects.get(pk=voucher_id)
    referral = Referral.objects.select_for_update(no_key=True).get(pk=seen.referral_id)
    voucher = Voucher.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=voucher_id)
    if voucher.state not in LIVE:
        return False
    voucher.referral = referral
    moment, zone, last_day = now(), tenant.time_zone, voucher.valid_until
    if voucher.remind_for != last_day:
        since = voucher.issued_at if voucher.remind_for is None else moment
        _look_next(voucher, since, zone)
    since, due = voucher.remind_at, None
    if since is None or since > moment or is_night(moment, zone):
        return False
    due = days_due(last_day, [int(days) for days in tenant.settings.reminder_days], since, moment, zone)
    _look_next(voucher, moment, zone)
    if due is None or not waits_for_use(voucher) or not _is_open_there(tenant, referral):
        return False
    template = "voucher_ends_soon" if voucher.units_left == voucher.units else "voucher_rest_ends_soon"
    tell_person(referral, template, suffix=f"/{voucher.pk}/{last_day.isoformat()}/{due}")
    return True


def _look_next(voucher: Voucher, after: datetime, zone: str) -> None:
    voucher.remind_at = next_of_last_day(voucher.valid_until, _LOOKED_AT, after, zone)
    voucher.remind_for = voucher.valid_until
    voucher.save(update_fields=["remind_at", "remind_for"])


def waits_for_use(voucher: Voucher) -> bool:
    """Whether something of a voucher is left that no appointment holds: of what is spent on any visit within its days, all
    that is left. ``voucher.service`` is loaded.
    """
    if KINDS[voucher.service.kind].is_open:
        return voucher.units_left > 0
    return voucher.units_left > len(holding_of(voucher.referral))


def reminded_on(tenant: Tenant, voucher: Voucher) -> list[int]:
    """So many days before the last day the owner is still to be reminded of it, the earliest first; for the voucher's page.

    Nothing for a voucher that is over, or of which nothing waits to be used.
    """
    wanted, zone = [int(days) for days in tenant.settings.reminder_days], tenant.time_zone
    if voucher.state not in LIVE or not waits_for_use(voucher):
        return []
    moment = now()
    return [days for days in wanted if next_of_last_day(voucher.valid_until, [days], moment, zone) is not None]


def _is_open_there(tenant: Tenant, referral: Referral) -> bool:
    pause = pause_of(tenant, referral)
    return pause is None or pause.state == PausedState.KEPT

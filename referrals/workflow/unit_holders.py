"""Which appointments have a unit to themselves: those that stand, and those of which it is open what becomes of them (books §3)."""

from datetime import datetime

from django.db.models import QuerySet

from referrals.missed import holds_unit, is_asked_about
from referrals.models import Booking, Referral
from referrals.states import ASKED_ABOUT, STANDING


def holding_of(referral: Referral) -> list[Booking]:
    """Those whose units nothing else may take: that stand, or are asked about; as their rows say, in order of time."""
    return [row for row in holding_rows(referral) if holds_unit(row)]


def holding_rows(referral: Referral) -> QuerySet[Booking]:
    """What ``holding_of`` looks through, to be read together with others."""
    return Booking.objects.filter(referral=referral, state__in=(*STANDING, *ASKED_ABOUT)).order_by("starts_at", "id")


def asked_about(referral: Referral, moment: datetime) -> list[Booking]:
    """Its appointments of which it is open at ``moment`` what becomes of them, whether or not a sweep has been."""
    return [row for row in holding_of(referral) if is_asked_about(row, moment)]

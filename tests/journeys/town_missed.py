"""Appointments that were missed, or that nobody scanned, and a use of a voucher that is objected to."""

from datetime import timedelta

from kernel.clock import now
from partners.models import Agreement
from referrals.models import Booking, Redemption, Voucher
from referrals.workflow.objecting import dispute
from referrals.workflow.redeeming import redeem
from referrals.workflow.unscanned import pass_time, say_took_place
from tests.fixtures_journey import Journey
from tests.journeys.town_moves import confirmed

_TERMS = {"free_hours": 24, "late_fee_bp": 3_000, "no_show_fee_bp": 5_000}


def missed_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. Names the pages of appointments in each way of being missed."""
    Agreement.objects.filter(pk=journey.agreement.pk).update(cancellation_terms=_TERMS)
    late = confirmed(journey, by="staff2", days=0, hours=5)
    asked = _past(confirmed(journey, by="staff2", days=20))
    pass_time(booking_id=asked.pk)
    claimed = _past(confirmed(journey, by="staff2", days=21))
    _say(journey, claimed, "no_show")
    quarrel = _past(confirmed(journey, by="staff2", days=22))
    _say(journey, quarrel, "no_show")
    say_took_place(actor=journey.actors["staff2"], tenant=journey.tenant, booking_id=quarrel.pk, says="yes")
    fresh, disputed = used(journey, days=23), used(journey, days=24)
    dispute(actor=journey.actors["staff2"], tenant=journey.tenant, redemption_id=disputed.pk, reason="other_amount")
    return {
        "late_cancel": f"/my/referrals/{late.referral_id}/cancel/",
        "took_place": _asked(asked),
        "objection": _asked(claimed),
        "quarrel_request": f"/my/referrals/{quarrel.referral_id}/",
        "unscanned_request": f"/my/referrals/{asked.referral_id}/",
        "partner_took_place": f"/partner/unscanned/{asked.pk}/",
        "centre_quarrel": f"/centre/unscanned/{quarrel.pk}/",
        "use": f"/vouchers/uses/{fresh.pk}/",
        "use_dispute": f"/vouchers/uses/{fresh.pk}/dispute/",
        "use_disputed": f"/vouchers/uses/{disputed.pk}/",
        "centre_objection": f"/centre/disputes/{disputed.pk}/",
    }


def _asked(booking: Booking) -> str:
    return f"/my/referrals/{booking.referral_id}/appointments/{booking.pk}/took-place/"


def _past(booking: Booking) -> Booking:
    """As if it had been yesterday at noon: its day is over."""
    start = now() - timedelta(days=1, hours=2)
    Booking.objects.filter(pk=booking.pk).update(
        starts_at=start, ends_at=start + timedelta(minutes=50), due_at=now() - timedelta(hours=1), remind_at=None
    )
    booking.refresh_from_db()
    return booking


def _say(journey: Journey, booking: Booking, says: str) -> None:
    say_took_place(actor=journey.partner_office, tenant=journey.tenant, booking_id=booking.pk, says=says)


def used(journey: Journey, *, days: int) -> Redemption:
    """A session that was had today."""
    booking = confirmed(journey, by="staff2", days=days)
    today = journey.tenant.today()
    Booking.objects.filter(pk=booking.pk).update(starts_at=now(), ends_at=now() + timedelta(minutes=50))
    Voucher.objects.filter(booking=booking).update(valid_from=today, valid_until=today)
    [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get(booking=booking).code)
    return line

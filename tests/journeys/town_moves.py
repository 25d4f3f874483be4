"""Appointments that somebody would like to have at another time, asked for by either side."""

from datetime import timedelta

from kernel.clock import now
from referrals.models import Booking, Offer, Reschedule
from referrals.workflow.answering import confirm_offer
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import approve_referral, submit_referral
from tests.fixtures_journey import Journey


def move_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. Names the pages of three appointments: one that stands, two with a wish."""
    stands = confirmed(journey, by="centre", days=11)
    theirs = _asked(journey, confirmed(journey, by="centre", days=12), by="agency")
    mine = _asked(journey, confirmed(journey, by="centre", days=13), by="centre")
    move = f"/my/referrals/{stands.referral_id}/appointments/{stands.pk}/move/"
    start = (stands.starts_at + timedelta(days=1)).isoformat().replace("+", "%2B")
    return {
        "move": move,
        "move_check": f"{move}check/?start={start}",
        "moved_request": f"/my/referrals/{theirs.booking.referral_id}/",
        "wish_answer": f"/my/referrals/{theirs.booking.referral_id}/wishes/{theirs.pk}/",
        "wish_mine": f"/my/referrals/{mine.booking.referral_id}/wishes/{mine.pk}/",
        "partner_move": f"/partner/bookings/{stands.pk}/move/",
        "partner_move_check": f"/partner/bookings/{stands.pk}/move/check/?start={start}",
        "partner_wish_answer": f"/partner/wishes/{mine.pk}/",
        "partner_wish_ours": f"/partner/wishes/{theirs.pk}/",
    }


def confirmed(journey: Journey, *, by: str, days: int, hours: int = 0) -> Booking:
    """A confirmed appointment of counselling, so long from now."""
    start = (now() + timedelta(days=days, hours=hours)).replace(second=0, microsecond=0)
    referral = submit_referral(
        actor=journey.actors[by], tenant=journey.tenant, service_id=journey.counselling.pk, units=1,
        windows=[(start, start + timedelta(hours=3))], consent=["referral"],
    )  # fmt: skip
    if referral.state == "submitted":  # beyond the first sessions the centre has a word
        approve_referral(actor=journey.actors["centre"], tenant=journey.tenant, referral_id=referral.pk)
    return confirm_offer(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=referral).pk,
        starts_at=start, ends_at=start + timedelta(minutes=50),
    )  # fmt: skip


def _asked(journey: Journey, booking: Booking, *, by: str) -> Reschedule:
    start = booking.starts_at + timedelta(days=1, hours=2)
    return ask_reschedule(
        actor=journey.partner_office if by == "agency" else journey.actors[by], tenant=journey.tenant,
        booking_id=booking.pk, starts_at=start, ends_at=start + timedelta(minutes=50),
    )  # fmt: skip

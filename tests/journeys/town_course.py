"""A course of several sessions on its way, one whose appointment was let go, and a request that was declined."""

from datetime import timedelta

from kernel.clock import now
from referrals.models import Offer, Referral, Voucher
from referrals.workflow.answering import confirm_offer
from referrals.workflow.appointments import cancel_appointment
from referrals.workflow.submitting import decline_referral, submit_referral
from tests.fixtures_journey import Journey


def course_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. Names the pages of a course and of a second look."""
    going, _voucher = _course(journey, by="union", days=8)
    waiting, voucher = _course(journey, by="finance", days=9)
    cancel_appointment(actor=journey.actors["finance"], tenant=journey.tenant, referral_id=waiting.pk)
    declined = _ask(journey, by="finance2", days=10, units=4)
    decline_referral(actor=journey.actors["centre"], referral_id=declined.pk, reason="other_help_fits")
    return {
        "course": f"/my/referrals/{going.pk}/",
        "course_of_office": f"/centre/referrals/{going.pk}/",
        "course_cancel": f"/my/referrals/{going.pk}/appointment/cancel/",
        "course_next": f"/partner/vouchers/{voucher.pk}/appointment/",
        "declined": f"/my/referrals/{declined.pk}/",
        "again": f"/my/referrals/{declined.pk}/again/",
    }


def _ask(journey: Journey, *, by: str, days: int, units: int) -> Referral:
    start = (now() + timedelta(days=days)).replace(second=0, microsecond=0)
    return submit_referral(
        actor=journey.actors[by], tenant=journey.tenant, service_id=journey.counselling.pk, units=units,
        windows=[(start, start + timedelta(hours=3))], consent=["referral"],
    )  # fmt: skip


def _course(journey: Journey, *, by: str, days: int) -> tuple[Referral, Voucher]:
    referral = _ask(journey, by=by, days=days, units=3)
    offer = Offer.objects.get(referral=referral)
    start = referral.windows.get().starts_at
    booking = confirm_offer(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=offer.pk, starts_at=start,
        ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    return referral, Voucher.objects.get(booking=booking)

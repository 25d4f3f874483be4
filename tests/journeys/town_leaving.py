"""Somebody who left yesterday: an appointment of a course, one that the agency wants to move, one that is asked about."""

from datetime import timedelta

from accounts.models import Membership
from kernel.clock import now
from referrals.models import Booking, LeaverLink
from referrals.workflow.leaver_links import path_of
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.unscanned import pass_time
from tests.conftest import actor_of, make_person
from tests.fixtures_journey import Journey
from tests.journeys.town_moves import confirmed


def leaving_paths(journey: Journey) -> dict[str, str]:
    """Inside the school. The person's own pages by their link, and the office's page that sends another."""
    tenant = journey.tenant
    member = make_person(tenant, "staff", name="沈老师", title="沈老师")
    journey.actors["left"] = actor_of(member)
    stays, moves = confirmed(journey, by="left", days=9, hours=7), confirmed(journey, by="left", days=10, hours=7)
    asked = confirmed(journey, by="left", days=13, hours=7)
    past = now() - timedelta(hours=30)
    Booking.objects.filter(pk=asked.pk).update(
        starts_at=past, ends_at=past + timedelta(minutes=50), due_at=now() - timedelta(minutes=1)
    )
    pass_time(booking_id=asked.pk)
    wish = ask_reschedule(
        actor=journey.partner_office, tenant=tenant, booking_id=moves.pk,
        starts_at=moves.starts_at + timedelta(days=4), ends_at=moves.ends_at + timedelta(days=4),
    )  # fmt: skip
    Membership.objects.filter(pk=member.pk).update(left_on=tenant.today() - timedelta(days=1))
    member.refresh_from_db()
    left = path_of(LeaverLink.objects.create(membership=member, left_on=member.left_on))
    voucher = stays.referral.vouchers.get()
    return {
        "left": left,
        "left_voucher": f"{left}vouchers/{voucher.pk}/",
        "left_cancel": f"{left}requests/{stays.referral_id}/cancel/",
        "left_move": f"{left}bookings/{stays.pk}/move/",
        "left_wish": f"{left}wishes/{wish.pk}/",
        "left_took_place": f"{left}bookings/{asked.pk}/took-place/",
        "left_link": f"/school/left/{member.pk}/",
    }

"""Somebody who left yesterday: an appointment of a course, one that the agency wants to move, one that is asked about."""

from datetime import date, timedelta

from accounts.actor import system_in
from accounts.models import Membership
from families.workflow import register_child
from kernel.clock import as_of, now
from referrals.models import Booking, ChildPlace, LeaverLink, Offer, Voucher
from referrals.workflow.answering import confirm_offer
from referrals.workflow.leaver_links import path_of
from referrals.workflow.passing_on import ask_guardians
from referrals.workflow.redeeming import redeem
from referrals.workflow.rescheduling import ask_reschedule
from referrals.workflow.submitting import submit_referral
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
    used = confirmed(journey, by="left", days=7, hours=7)
    with as_of(used.starts_at):
        [line] = redeem(actor=journey.partner_counter, text=Voucher.objects.get(booking=used).code)
    wish = ask_reschedule(
        actor=journey.partner_office, tenant=tenant, booking_id=moves.pk,
        starts_at=moves.starts_at + timedelta(days=4), ends_at=moves.ends_at + timedelta(days=4),
    )  # fmt: skip
    Membership.objects.filter(pk=member.pk).update(left_on=tenant.today() - timedelta(days=1))
    member.refresh_from_db()
    left = path_of(LeaverLink.objects.create(membership=member, left_on=member.left_on))
    voucher = stays.referral.vouchers.get()
    return _place(journey) | {
        "left": left,
        "left_voucher": f"{left}vouchers/{voucher.pk}/",
        "left_cancel": f"{left}requests/{stays.referral_id}/cancel/",
        "left_move": f"{left}bookings/{stays.pk}/move/",
        "left_wish": f"{left}wishes/{wish.pk}/",
        "left_took_place": f"{left}bookings/{asked.pk}/took-place/",
        "left_use": f"{left}uses/{line.pk}/",
        "left_use_dispute": f"{left}uses/{line.pk}/dispute/",
        "left_answers": _answers(journey),
        "left_link": f"/school/left/{member.pk}/",
    }


def _answers(journey: Journey) -> str:
    """The page of somebody whose days are over, while one question runs."""
    tenant = journey.tenant
    member = make_person(tenant, "staff", name="卫老师", title="卫老师")
    journey.actors["gone"] = actor_of(member)
    asked = confirmed(journey, by="gone", days=12, hours=7)
    past = now() - timedelta(hours=30)
    Booking.objects.filter(pk=asked.pk).update(
        starts_at=past, ends_at=past + timedelta(minutes=50), due_at=now() - timedelta(minutes=1)
    )
    pass_time(booking_id=asked.pk)
    left_on = tenant.today() - timedelta(days=tenant.settings.leaver_days + 1)
    Membership.objects.filter(pk=member.pk).update(left_on=left_on)
    return path_of(LeaverLink.objects.create(membership=member, left_on=left_on))


def _place(journey: Journey) -> dict[str, str]:
    """A child's place whose guardian has left; the other one, ``staff2``, is asked."""
    parent = make_person(journey.tenant, "staff", name="韩老师", title="韩老师")
    actor = journey.actors["parent"] = actor_of(parent)
    child = register_child(actor=actor, name="小荷", born=date(now().year - 6, 5, 4))
    register_child(actor=journey.staff2, name="小荷", born=date(now().year - 6, 5, 4))
    start = (now() + timedelta(days=16, hours=7)).replace(second=0, microsecond=0)
    sent = submit_referral(
        actor=actor, tenant=journey.tenant, service_id=journey.childcare.pk, units=2, child_id=child.pk,
        windows=[(start, start + timedelta(hours=3))], consent=["referral", "childcare"],
    )  # fmt: skip
    confirm_offer(
        actor=journey.partner_office, tenant=journey.tenant, offer_id=Offer.objects.get(referral=sent).pk,
        starts_at=start, ends_at=start + timedelta(minutes=50),
    )  # fmt: skip
    Membership.objects.filter(pk=parent.pk).update(left_on=journey.tenant.today() - timedelta(days=1))
    ask_guardians(actor=system_in(journey.tenant.pk), tenant=journey.tenant, referral_id=sent.pk)
    place = ChildPlace.objects.get(referral=sent)
    over = ChildPlace.objects.create(referral=sent, guardian=journey.members["staff"], until=now())
    register_child(actor=journey.staff, name="小荷", born=date(now().year - 6, 5, 4))
    return {"left_place": f"/my/places/{place.pk}/", "left_place_over": f"/my/places/{over.pk}/"}

"""Expires unanswered offers and vouchers past their day, deletes drafts past theirs: found as system, done school by school."""

from datetime import timedelta
from typing import Final

from django.db.models import Q

from accounts.actor import system_in
from kernel.clock import local_day, now
from referrals.models import Booking, Offer, Redemption, Referral, ReferralDraft, Reschedule, Voucher, WaitingEntry
from referrals.states import BookingState, OfferState, ReferralState, RescheduleState
from referrals.waiting_states import OPEN, WaitingState
from referrals.workflow.answering import expire_offer
from referrals.workflow.drafting import delete_ended_draft
from referrals.workflow.ending import LIVE, expire_voucher
from referrals.workflow.instant import expire_pending
from referrals.workflow.objecting import pass_redemption
from referrals.workflow.reminding import remind
from referrals.workflow.rescheduling import expire_reschedule
from referrals.workflow.terminated import answer_for_ended, asked_of_ended, booked_at_ended, leave_ended
from referrals.workflow.unscanned import pass_time
from referrals.workflow.waiting_list import end_waiting, offer_seat, whom_to_offer
from tenancy.models import Tenant
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants, use_tenant

OFFERS: Final = "referrals.offers"
VOUCHERS: Final = "referrals.vouchers"
DRAFTS: Final = "referrals.drafts"
RESCHEDULES: Final = "referrals.reschedules"
UNSCANNED: Final = "referrals.unscanned"
PENDING: Final = "referrals.pending"
ENDED: Final = "referrals.ended"
REMINDERS: Final = "referrals.reminders"
REDEMPTIONS: Final = "referrals.redemptions"
WAITING: Final = "referrals.waiting"


def run_due(limit: int = 500) -> int:
    """Do what is due now, oldest first, at most ``limit`` of each kind; safe to run twice. Returns how much was done.

    It only writes down what the dates have decided: whoever acts before it has been gets the same answer. Each row stands
    for itself (``each_by_itself``).
    """
    with across_tenants("find offers, vouchers and drafts past their time"):
        late = Offer.objects.filter(state=OfferState.OPEN, deadline__lte=now()).order_by("deadline", "pk")
        offers = [Due(*row) for row in not_set_back(late, OFFERS).values_list("tenant_id", "pk")[:limit]]
        # One day later than any zone's today, and looked at again inside the school's own zone.
        before = local_day(now()) + timedelta(days=1)
        over = Voucher.objects.filter(state__in=LIVE, valid_until__lt=before).order_by("valid_until", "pk")
        vouchers = [Due(*row) for row in not_set_back(over, VOUCHERS).values_list("tenant_id", "pk")[:limit]]
        ended = ReferralDraft.objects.filter(expires_at__lte=now()).order_by("expires_at", "pk")
        drafts = [Due(*row) for row in not_set_back(ended, DRAFTS).values_list("tenant_id", "pk")[:limit]]
        asked = Reschedule.objects.filter(state=RescheduleState.OPEN, until__lte=now()).order_by("until", "pk")
        blocked = Referral.objects.filter(
            state=ReferralState.SUBMITTED, deadline__lte=now(), bookings__state=BookingState.PENDING
        ).order_by("deadline", "pk")
        undecided = [Due(*row) for row in not_set_back(blocked, PENDING).values_list("tenant_id", "pk")[:limit]]
        at_ended = not_set_back(booked_at_ended().order_by("pk"), ENDED)
        booked = [Due(*row) for row in at_ended.values_list("tenant_id", "pk")[:limit]]
        of_ended = not_set_back(asked_of_ended().order_by("pk"), ENDED)
        unanswered = [Due(*row) for row in of_ended.values_list("tenant_id", "pk")[:limit]]
        in_line = WaitingEntry.objects.filter(state__in=OPEN)
        past = in_line.filter(Q(until__lte=now()) | Q(starts_at__lte=now())).order_by("starts_at", "pk")
        gone = [Due(*row) for row in not_set_back(past, WAITING).values_list("tenant_id", "pk")[:limit]]
        wishes = [Due(*row) for row in not_set_back(asked, RESCHEDULES).values_list("tenant_id", "pk")[:limit]]
        unscanned = Booking.objects.filter(due_at__lte=now()).order_by("due_at", "pk")
        passed = [Due(*row) for row in not_set_back(unscanned, UNSCANNED).values_list("tenant_id", "pk")[:limit]]
        near = Booking.objects.filter(remind_at__lte=now()).order_by("remind_at", "pk")
        reminders = [Due(*row) for row in not_set_back(near, REMINDERS).values_list("tenant_id", "pk")[:limit]]
        silent = Redemption.objects.filter(due_at__lte=now()).order_by("due_at", "pk")
        agreed = [Due(*row) for row in not_set_back(silent, REDEMPTIONS).values_list("tenant_id", "pk")[:limit]]
    left = each_by_itself(booked, _leave_ended, loop=ENDED) + each_by_itself(unanswered, _answer_for_ended, loop=ENDED)
    done = left + each_by_itself(agreed, _pass_redemption, loop=REDEMPTIONS)
    done += each_by_itself(reminders, _remind, loop=REMINDERS)
    done += each_by_itself(wishes, _expire_reschedule, loop=RESCHEDULES)
    done += each_by_itself(passed, _pass_time, loop=UNSCANNED)
    done += each_by_itself(undecided, _expire_pending, loop=PENDING)
    done += each_by_itself(gone, _end_waiting, loop=WAITING) + _offer_seats(limit)
    done += each_by_itself(offers, _expire_offer, loop=OFFERS) + each_by_itself(
        vouchers, _expire_voucher, loop=VOUCHERS
    )
    return done + each_by_itself(drafts, _delete_draft, loop=DRAFTS)


def _expire_offer(row: Due) -> bool:
    return expire_offer(actor=system_in(row.tenant_id), offer_id=row.pk)


def _expire_reschedule(row: Due) -> bool:
    return expire_reschedule(reschedule_id=row.pk)


def _pass_redemption(row: Due) -> bool:
    return pass_redemption(redemption_id=row.pk)


def _remind(row: Due) -> bool:
    return remind(booking_id=row.pk)


def _pass_time(row: Due) -> bool:
    return pass_time(booking_id=row.pk)


def _offer_seats(limit: int) -> int:
    """Seats that are free now go to whoever has waited longest, in whichever school. Asked after what has ended was freed."""
    with across_tenants("find who waits longest for a seat"):
        standing = WaitingEntry.objects.filter(state=WaitingState.WAITING, starts_at__gt=now())
        waiting = list(not_set_back(standing, WAITING).order_by("starts_at", "joined_at", "pk")[:limit])
    if not waiting:
        return 0
    with use_tenant(waiting[0].tenant_id):
        turn = whom_to_offer(waiting, now())
    return each_by_itself(turn, _offer_seat, loop=WAITING)


def _offer_seat(row: WaitingEntry) -> bool:
    return offer_seat(entry_id=row.pk)


def _end_waiting(row: Due) -> bool:
    return end_waiting(entry_id=row.pk)


def _expire_pending(row: Due) -> bool:
    return expire_pending(actor=system_in(row.tenant_id), referral_id=row.pk)


def _expire_voucher(row: Due) -> bool:
    tenant = Tenant.objects.get(pk=row.tenant_id)
    return expire_voucher(actor=system_in(row.tenant_id), tenant=tenant, voucher_id=row.pk)


def _leave_ended(row: Due) -> bool:
    tenant = Tenant.objects.get(pk=row.tenant_id)
    return leave_ended(actor=system_in(row.tenant_id), tenant=tenant, referral_id=row.pk)


def _answer_for_ended(row: Due) -> bool:
    return answer_for_ended(actor=system_in(row.tenant_id), offer_id=row.pk)


def _delete_draft(row: Due) -> bool:
    return delete_ended_draft(actor=system_in(row.tenant_id), draft_id=row.pk)

"""What time decides of requests and what hangs on them: one row a loop, found as system, done school by school (books §7).

A loop only writes down what the dates have decided: whoever acts before it has been gets the same answer.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.actor import system_in
from kernel.clock import local_day, now
from referrals.models import Booking, Offer, Redemption, Referral, ReferralDraft, Reschedule, Voucher, WaitingEntry
from referrals.pauses import seat_is_open
from referrals.states import BookingState, OfferState, ReferralState, RescheduleState
from referrals.waiting_states import OPEN, WaitingState
from referrals.workflow.answering import expire_offer
from referrals.workflow.drafting import delete_ended_draft
from referrals.workflow.ending import LIVE, expire_voucher
from referrals.workflow.instant import expire_pending
from referrals.workflow.leaver_links import send_first_link, without_link
from referrals.workflow.leavers import leave_school, of_leavers
from referrals.workflow.objecting import pass_redemption
from referrals.workflow.passing_on import ask_guardians, unasked
from referrals.workflow.paused import pass_paused, tell_paused, undecided, untold
from referrals.workflow.reminding import remind, remind_of_end, reminded_now, unplanned
from referrals.workflow.rescheduling import expire_reschedule
from referrals.workflow.second_word import pass_word, unseconded
from referrals.workflow.solving import ask_if_solved, close_unanswered, over_and_unasked, over_and_unclosed
from referrals.workflow.terminated import answer_for_ended, asked_of_ended, booked_at_ended, leave_ended
from referrals.workflow.unscanned import pass_time
from referrals.workflow.waiting_list import (
    end_waiting,
    gather_seats,
    give_back_gathered,
    note_passed,
    offer_seat,
    whom_to_offer,
)
from tenancy.models import Tenant
from tenancy.rounds import Due, each_by_itself, not_set_back
from tenancy.scope import across_tenants, use_tenant

OFFERS: Final = "referrals.offers"
VOUCHERS: Final = "referrals.vouchers"
WAITING: Final = "referrals.waiting"


class Loop(NamedTuple):
    """``name`` counts what fails in it, ``due`` finds its rows across the schools, oldest first, ``act`` does one of them."""

    name: str
    due: Callable[[], QuerySet[Any]]
    act: Callable[[Due], object]


def _tenant(row: Due) -> Tenant:
    return Tenant.objects.get(pk=row.tenant_id)


def _over() -> QuerySet[Voucher]:
    # One day later than any zone's today, and looked at again inside the school's own zone. One whose appointment is still
    # asked about cannot end yet, and must not stand before those that can.
    before = local_day(now()) + timedelta(days=1)
    asked = Booking.objects.filter(
        Q(due_at__isnull=False) | Q(state=BookingState.DISPUTED), referral=OuterRef("referral")
    )
    over = Voucher.objects.filter(state__in=LIVE, valid_until__lt=before).exclude(Exists(asked))
    return over.order_by("valid_until", "pk")


def _undecided() -> QuerySet[Referral]:
    blocked = Referral.objects.filter(state=ReferralState.SUBMITTED, bookings__state=BookingState.PENDING)
    return blocked.filter(deadline__lte=now()).order_by("deadline", "pk")


def _waited() -> QuerySet[WaitingEntry]:
    past = Q(until__lte=now()) | Q(starts_at__lte=now())
    return WaitingEntry.objects.filter(past, state__in=OPEN).order_by("starts_at", "pk")


LOOPS: Final = (
    Loop(
        "referrals.ended",
        lambda: booked_at_ended().order_by("pk"),
        lambda row: leave_ended(actor=system_in(row.tenant_id), tenant=_tenant(row), referral_id=row.pk),
    ),
    Loop(
        "referrals.ended",
        lambda: asked_of_ended().order_by("pk"),
        lambda row: answer_for_ended(actor=system_in(row.tenant_id), offer_id=row.pk),
    ),
    Loop(
        "referrals.paused",
        untold,
        lambda row: tell_paused(actor=system_in(row.tenant_id), tenant=_tenant(row), referral_id=row.pk),
    ),
    Loop(
        "referrals.paused",
        undecided,
        lambda row: pass_paused(actor=system_in(row.tenant_id), tenant=_tenant(row), pause_id=row.pk),
    ),
    Loop(
        "referrals.places",
        unasked,
        lambda row: ask_guardians(actor=system_in(row.tenant_id), tenant=_tenant(row), referral_id=row.pk),
    ),
    Loop(
        "referrals.leavers",
        of_leavers,
        lambda row: leave_school(actor=system_in(row.tenant_id), tenant=_tenant(row), referral_id=row.pk),
    ),
    Loop(
        "referrals.leaver_links",
        without_link,
        lambda row: send_first_link(actor=system_in(row.tenant_id), tenant=_tenant(row), membership_id=row.pk),
    ),
    Loop(
        "referrals.relief",
        unseconded,
        lambda row: pass_word(actor=system_in(row.tenant_id), word_id=row.pk),
    ),
    Loop(
        "referrals.redemptions",
        lambda: Redemption.objects.filter(due_at__lte=now()).order_by("due_at", "pk"),
        lambda row: pass_redemption(redemption_id=row.pk),
    ),
    Loop(
        "referrals.reminders",
        lambda: Booking.objects.filter(remind_at__lte=now()).order_by("remind_at", "pk"),
        lambda row: remind(booking_id=row.pk),
    ),
    *(
        Loop("referrals.voucher_reminders", found, lambda row: remind_of_end(tenant=_tenant(row), voucher_id=row.pk))
        for found in (unplanned, reminded_now)
    ),
    Loop(
        "referrals.reschedules",
        lambda: Reschedule.objects.filter(state=RescheduleState.OPEN, until__lte=now()).order_by("until", "pk"),
        lambda row: expire_reschedule(reschedule_id=row.pk),
    ),
    Loop(
        "referrals.unscanned",
        lambda: Booking.objects.filter(due_at__lte=now()).order_by("due_at", "pk"),
        lambda row: pass_time(booking_id=row.pk),
    ),
    Loop(
        "referrals.pending",
        _undecided,
        lambda row: expire_pending(actor=system_in(row.tenant_id), referral_id=row.pk),
    ),
    Loop(WAITING, _waited, lambda row: end_waiting(entry_id=row.pk)),
    Loop(
        WAITING,
        lambda: WaitingEntry.objects.filter(~seat_is_open(), gathered__gt=0, state=WaitingState.WAITING).order_by("pk"),
        lambda row: give_back_gathered(entry_id=row.pk),
    ),
    Loop(
        OFFERS,
        lambda: Offer.objects.filter(state=OfferState.OPEN, deadline__lte=now()).order_by("deadline", "pk"),
        lambda row: expire_offer(actor=system_in(row.tenant_id), offer_id=row.pk),
    ),
    Loop(
        VOUCHERS,
        _over,
        lambda row: expire_voucher(actor=system_in(row.tenant_id), tenant=_tenant(row), voucher_id=row.pk),
    ),
    Loop(
        "referrals.solved",
        lambda: over_and_unasked().order_by("deadline", "pk"),
        lambda row: ask_if_solved(actor=system_in(row.tenant_id), referral_id=row.pk),
    ),
    Loop(
        "referrals.closed",
        lambda: over_and_unclosed().order_by("deadline", "pk"),
        lambda row: close_unanswered(actor=system_in(row.tenant_id), referral_id=row.pk),
    ),
    Loop(
        "referrals.drafts",
        lambda: ReferralDraft.objects.filter(expires_at__lte=now()).order_by("expires_at", "pk"),
        lambda row: delete_ended_draft(actor=system_in(row.tenant_id), draft_id=row.pk),
    ),
)


def run_due(limit: int = 500) -> int:
    """Do what is due now, at most ``limit`` rows a loop; safe to run twice. Returns how much was done.

    Each row stands for itself (``each_by_itself``). All rows are found before the first is done.
    """
    with across_tenants("find what is past its time"):
        found = [
            (loop, [Due(*row) for row in not_set_back(loop.due(), loop.name).values_list("tenant_id", "pk")[:limit]])
            for loop in LOOPS
        ]
    return sum(each_by_itself(rows, loop.act, loop=loop.name) for loop, rows in found) + _offer_seats(limit)


def _offer_seats(limit: int) -> int:
    """Seats that are free now go to whoever has waited longest, in whichever school. Asked after what has ended was freed."""
    with across_tenants("find who waits longest for a seat"):
        # A school whose agency is paused is passed by, and keeps its place: other schools' people need not wait for it.
        standing = WaitingEntry.objects.filter(seat_is_open(), state=WaitingState.WAITING, starts_at__gt=now())
        waiting = list(not_set_back(standing, WAITING).order_by("starts_at", "joined_at", "pk")[:limit])
    if not waiting:
        return 0
    with use_tenant(waiting[0].tenant_id):
        turns = {turn.entry.pk: turn for turn in whom_to_offer(waiting, now())}
    passed: list[WaitingEntry] = []

    def act(row: WaitingEntry) -> object:
        turn = turns[row.pk]
        if turn.gathers:
            return gather_seats(entry_id=row.pk, seats=turn.gathers)
        if offered := offer_seat(entry_id=row.pk):
            passed.extend(turn.passes)
        return offered

    done = each_by_itself([turn.entry for turn in turns.values()], act, loop=WAITING)
    each_by_itself(passed, lambda row: note_passed(entry_id=row.pk), loop=WAITING)
    return done

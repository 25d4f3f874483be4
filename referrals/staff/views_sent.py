"""``/apply/done/…/``: what was sent, what happens next and by when."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals import texts
from referrals.access import access_own_referral
from referrals.kinds import KINDS
from referrals.rules import Cancellation
from referrals.staff import selectors as mine
from referrals.states import BookingState
from referrals.workflow.cancelling import cancelling_means
from ui.names import named


@require_safe
@role_required("referral.own")
def done(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """The reference, what happens next and by when, how to cancel."""
    referral = access_own_referral(request.actor, referral_id)
    partner = named(referral.partner)
    parts = mine.parts_of(referral)
    booking = mine.next_of(parts.bookings)
    is_booked = booking is not None and booking.state == BookingState.CONFIRMED
    context = {
        "referral": referral,
        "partner": partner,
        "booking": booking if is_booked else None,
        "voucher": parts.voucher if is_booked else None,
        "asked_at_once": [(named(row.service.institution), row.self_fen) for row in mine.candidates_of(referral)],
        "is_late": is_booked and cancelling_means(referral, request.tenant).meaning is Cancellation.LATE,
        "next_text": texts.next_text(referral, partner),
        "is_talk": KINDS[referral.kind].is_talk,
        "free_hours": request.tenant.settings.free_cancel_hours,
        "quick_exit": True,
    }
    return render(request, "referrals/apply/done.html", context)

"""``/my/referrals/…/took-place/``: whether an appointment that nobody scanned took place, said by the person."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from kernel.errors import NotFound
from referrals.access import access_own_referral
from referrals.missed import Missed, Said, stands_as
from referrals.missed_texts import no_show_warning, said_text
from referrals.models import Booking
from referrals.states import BookingState
from referrals.workflow.course import live_voucher
from referrals.workflow.fees import fee_of
from referrals.workflow.unscanned import say_took_place
from ui.names import named
from ui.templatetags.ui import school_time


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def took_place(request: ActingRequest, referral_id: UUID, booking_id: UUID) -> HttpResponse:
    """What is asked and until when, what each answer means, then two buttons."""
    found = access_own_referral(request.actor, referral_id)
    booking = Booking.objects.select_related("service", "partner").filter(pk=booking_id, referral=found).first()
    if booking is None:
        raise NotFound
    if request.method == "POST":
        says = request.POST.get("says", "")
        say_took_place(actor=request.actor, tenant=request.tenant, booking_id=booking.pk, says=says)
        messages.success(request, _("Thank you, it is noted."))
        return redirect("staff_referral", referral_id=found.pk)
    state, until = stands_as(booking, now())
    if until is None or state not in (BookingState.UNRESOLVED, BookingState.NO_SHOW):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    is_objection, voucher = state is BookingState.NO_SHOW, live_voucher(found)
    warning = ""
    if is_objection and voucher is not None:
        warning = no_show_warning(found, fee_of(request.tenant, found, voucher, booking, Missed.NO_SHOW))
    context = {
        "referral": found,
        "is_objection": is_objection,
        "facts": [
            (_("Service"), named(booking.service)),
            (_("Agency"), named(booking.partner)),
            (_("Time"), school_time(booking.starts_at)),
            *([(_("You said"), said_text(booking.person_says))] if booking.person_says else []),
        ],
        "until": school_time(until),
        "warning": warning,
        "yes": Said.YES.value,
        "no": Said.NO.value,
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "referrals/my/took_place.html", context)

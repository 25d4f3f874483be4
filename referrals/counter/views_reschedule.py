"""``/partner/bookings/…/move/``: the agency asks for another time, or answers the person's wish."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from kernel.errors import Refused
from referrals.access import in_school_of, partner_reschedule
from referrals.counter.selectors import own_booking
from referrals.models import Booking, Referral, Reschedule
from referrals.new_time import NewTime, facts_of, facts_of_wish, is_asked_by, picker_of
from referrals.rules import may_answer_move
from referrals.states import BookingState, RescheduleSide
from referrals.workflow.rescheduling import (
    accept_reschedule,
    ask_reschedule,
    check_new_time,
    decline_reschedule,
    open_one,
    withdraw_reschedule,
)
from referrals.workflow.slots import busy_of
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_time


def _may_move(booking: Booking) -> bool:
    """Whether the agency may ask for another time of it now. Inside the school's scope."""
    moment = now()
    return booking.state == BookingState.CONFIRMED and booking.starts_at > moment and open_one(booking, moment) is None


@require_safe
@role_required("partner.answer")
def move(request: ActingRequest, booking_id: UUID) -> HttpResponse:
    """Choose another time; days and starts stand in the address, so Back and reload keep them."""
    booking = own_booking(request.actor, booking_id)
    moment = now()
    with in_school_of(booking) as tenant_id:  # the card is sealed with its school's key
        if not _may_move(booking):
            return redirect("partner_bookings")  # it says how it stands
        card, taken = booking.card, busy_of(booking, moment)
        days = Tenant.objects.get(pk=tenant_id).settings.move_days
    context = {
        "booking": booking,
        "service": named(booking.service),
        "partner": card,
        "other_label": _("For"),
        "picker": picker_of(booking, NewTime.of(request.GET), moment, taken, days=days),
        "check_url": reverse("partner_move_check", args=[booking.pk]),
    }
    return render(request, "referrals/partner/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def move_check(request: ActingRequest, booking_id: UUID) -> HttpResponse:
    """Old and new time side by side and what asking means, then the button."""
    booking = own_booking(request.actor, booking_id)
    asked = NewTime.of(request.POST if request.method == "POST" else request.GET)
    choose = reverse("partner_move", args=[booking.pk])
    if asked.start is None:
        if request.GET or request.POST:
            messages.info(request, _("Choose a time first."))
        return redirect(choose)
    with in_school_of(booking) as tenant_id:
        tenant = Tenant.objects.get(pk=tenant_id)
        if request.method == "POST":
            ask_reschedule(
                actor=request.actor,
                tenant=tenant,
                booking_id=booking.pk,
                starts_at=asked.start,
                ends_at=asked.end_of(booking),
            )
            messages.success(request, _("Asked. Until the person says yes, the old time stands."))
            return redirect("partner_bookings")
        if not _may_move(booking):
            return redirect("partner_bookings")
        referral = Referral.objects.get(pk=booking.referral_id)
        check_new_time(tenant, referral, booking, asked.start, asked.end_of(booking))
        card = booking.card
    context = {
        "title": _("Ask for this time instead?"),
        "facts": [(_("For"), card), *facts_of(booking, asked.start, asked.end_of(booking))],
        "lead": _(
            "The person answers within 24 hours. Until they say yes, the old time stands; voucher and price stay."
        ),
        "confirm_label": _("Ask for this time"),
        "hidden": [("start", asked.start.isoformat())],
        "back_url": f"{choose}?{asked.query()}",
    }
    return render(request, "ui/confirm.html", context)


@require_safe
@role_required("partner.answer")
def wish(request: ActingRequest, reschedule_id: UUID) -> HttpResponse:
    """A wish to move that waits: the agency answers the person's, or takes its own back."""
    asked = partner_reschedule(request.actor, reschedule_id)
    booking = own_booking(request.actor, asked.booking_id)
    if not may_answer_move(asked, booking, now()):
        return redirect("partner_bookings")  # it says how it ended
    with in_school_of(booking) as tenant_id:
        card, may_accept = booking.card, _may_accept(Tenant.objects.get(pk=tenant_id), booking, asked)
    context: dict[str, Any] = {
        "asked": asked,
        "facts": [(_("For"), card), *facts_of_wish(booking, asked)],
        "until": school_time(asked.until),
        "is_mine": is_asked_by(asked, RescheduleSide.AGENCY),
        "may_accept": may_accept,
        "back_url": reverse("partner_bookings"),
    }
    return render(request, "referrals/partner/wish.html", context)


def _may_accept(tenant: Tenant, booking: Booking, asked: Reschedule) -> bool:
    """Whether it could be accepted now; said before the click, not after it."""
    try:
        check_new_time(tenant, Referral.objects.get(pk=booking.referral_id), booking, asked.starts_at, asked.ends_at)
    except Refused:
        return False
    return True


@require_POST
@role_required("partner.answer")
def wish_accept(request: ActingRequest, reschedule_id: UUID) -> HttpResponse:
    """Takes the person's other time."""
    asked = partner_reschedule(request.actor, reschedule_id)
    with in_school_of(asked) as tenant_id:
        accept_reschedule(actor=request.actor, tenant=Tenant.objects.get(pk=tenant_id), reschedule_id=asked.pk)
    messages.success(request, _("Moved. The person is told; the voucher stays the same one."))
    return redirect("partner_bookings")


@require_POST
@role_required("partner.answer")
def wish_decline(request: ActingRequest, reschedule_id: UUID) -> HttpResponse:
    """Keeps the old time."""
    asked = partner_reschedule(request.actor, reschedule_id)
    with in_school_of(asked):
        decline_reschedule(actor=request.actor, reschedule_id=asked.pk)
    messages.success(request, _("The old time stands. The person is told."))
    return redirect("partner_bookings")


@require_POST
@role_required("partner.answer")
def wish_withdraw(request: ActingRequest, reschedule_id: UUID) -> HttpResponse:
    """Takes one's own wish back."""
    asked = partner_reschedule(request.actor, reschedule_id)
    with in_school_of(asked):
        withdraw_reschedule(actor=request.actor, reschedule_id=asked.pk)
    messages.success(request, _("Taken back. The old time stands."))
    return redirect("partner_bookings")

"""``/my/referrals/…/move/``: another time for one appointment, asked for or answered."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest, Actor
from kernel.clock import now
from kernel.errors import NotFound, Refused
from referrals.access import access_own_referral
from referrals.models import Booking, Referral, Reschedule
from referrals.new_time import NewTime, facts_of, facts_of_wish, is_asked_by, picker_of
from referrals.rules import may_answer_move
from referrals.staff.clashes import with_clashes
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
from ui.names import named
from ui.templatetags.ui import school_time


def _own(actor: Actor, referral_id: UUID, booking_id: UUID) -> tuple[Referral, Booking]:
    """One appointment of the person's own request, or NotFound."""
    found = access_own_referral(actor, referral_id)
    booking = Booking.objects.select_related("service", "partner").filter(pk=booking_id, referral=found).first()
    if booking is None:
        raise NotFound
    booking.referral = found
    return found, booking


def may_move(booking: Booking) -> bool:
    """Whether another time may be asked for: it stands and has not begun."""
    return booking.state == BookingState.CONFIRMED and booking.starts_at > now()


@require_safe
@role_required("referral.own")
def move(request: ActingRequest, referral_id: UUID, booking_id: UUID) -> HttpResponse:
    """Choose another time; days and starts stand in the address, so Back and reload keep them."""
    found, booking = _own(request.actor, referral_id, booking_id)
    moment = now()
    if not may_move(booking) or open_one(booking, moment) is not None:
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    days = request.tenant.settings.move_days
    shown = picker_of(booking, NewTime.of(request.GET), moment, busy_of(booking, moment), days=days)
    context = {
        "referral": found,
        "booking": booking,
        "service": named(booking.service),
        "partner": named(booking.partner),
        "picker": with_clashes(request.actor, shown, booking.ends_at - booking.starts_at, apart_from=found.pk),
        "check_url": reverse("staff_move_check", args=[found.pk, booking.pk]),
        "other_label": _("Agency"),
        "quick_exit": True,
    }
    return render(request, "referrals/my/move.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def move_check(request: ActingRequest, referral_id: UUID, booking_id: UUID) -> HttpResponse:
    """Old and new time side by side and what asking means, then the button."""
    found, booking = _own(request.actor, referral_id, booking_id)
    asked = NewTime.of(request.POST if request.method == "POST" else request.GET)
    choose = reverse("staff_move", args=[found.pk, booking.pk])
    if asked.start is None:
        if request.GET or request.POST:
            messages.info(request, _("Choose a time first."))
        return redirect(choose)
    if request.method == "POST":
        ask_reschedule(
            actor=request.actor,
            tenant=request.tenant,
            booking_id=booking.pk,
            starts_at=asked.start,
            ends_at=asked.end_of(booking),
        )
        messages.success(request, _("Asked. Until the agency says yes, the old time stands."))
        return redirect("staff_referral", referral_id=found.pk)
    if not may_move(booking) or open_one(booking, now()) is not None:
        return redirect("staff_referral", referral_id=found.pk)
    check_new_time(request.tenant, found, booking, asked.start, asked.end_of(booking))
    context = {
        "title": _("Ask for this time instead?"),
        "facts": [(_("Agency"), named(booking.partner)), *facts_of(booking, asked.start, asked.end_of(booking))],
        "lead": _(
            "The agency answers within 24 hours. Until it says yes, the old time stands; voucher and price stay."
        ),
        "confirm_label": _("Ask for this time"),
        "hidden": [("start", asked.start.isoformat())],
        "back_url": f"{choose}?{asked.query()}",
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_safe
@role_required("referral.own")
def wish(request: ActingRequest, referral_id: UUID, reschedule_id: UUID) -> HttpResponse:
    """A wish to move that waits: the person answers the agency's, or takes their own back."""
    found = access_own_referral(request.actor, referral_id)
    asked = Reschedule.objects.select_related("booking").filter(pk=reschedule_id, booking__referral=found).first()
    if asked is None:
        raise NotFound
    _found, booking = _own(request.actor, found.pk, asked.booking_id)
    if not may_answer_move(asked, booking, now()):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it ended
    context: dict[str, Any] = {
        "referral": found,
        "asked": asked,
        "facts": [(_("Agency"), named(booking.partner)), *facts_of_wish(booking, asked)],
        "until": school_time(asked.until),
        "is_mine": is_asked_by(asked, RescheduleSide.PERSON),
        "may_accept": _may_accept(request, found, booking, asked),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "referrals/my/wish.html", context)


def _may_accept(request: ActingRequest, found: Referral, booking: Booking, asked: Reschedule) -> bool:
    """Whether it could be accepted now; said before the click, not after it."""
    try:
        check_new_time(request.tenant, found, booking, asked.starts_at, asked.ends_at)
    except Refused:
        return False
    return True


@require_POST
@role_required("referral.own")
def wish_accept(request: ActingRequest, referral_id: UUID, reschedule_id: UUID) -> HttpResponse:
    """Takes the agency's other time."""
    access_own_referral(request.actor, referral_id)
    booking = accept_reschedule(actor=request.actor, tenant=request.tenant, reschedule_id=reschedule_id)
    messages.success(request, _("Moved. The voucher stays the same one."))
    return redirect("staff_referral", referral_id=booking.referral_id)


@require_POST
@role_required("referral.own")
def wish_decline(request: ActingRequest, referral_id: UUID, reschedule_id: UUID) -> HttpResponse:
    """Keeps the old time."""
    found = access_own_referral(request.actor, referral_id)
    decline_reschedule(actor=request.actor, reschedule_id=reschedule_id)
    messages.success(request, _("The old time stands. The agency is told."))
    return redirect("staff_referral", referral_id=found.pk)


@require_POST
@role_required("referral.own")
def wish_withdraw(request: ActingRequest, referral_id: UUID, reschedule_id: UUID) -> HttpResponse:
    """Takes one's own wish back."""
    found = access_own_referral(request.actor, referral_id)
    withdraw_reschedule(actor=request.actor, reschedule_id=reschedule_id)
    messages.success(request, _("Taken back. The old time stands."))
    return redirect("staff_referral", referral_id=found.pk)

"""``/partner/bookings/``: appointments by day and state, with the minimum card."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from kernel.errors import Invalid
from referrals.access import in_school_of
from referrals.counter.choosing import Looking, elsewhere, picker_for
from referrals.counter.forms import AppointmentForm, CancelForm
from referrals.counter.lists import BookingList
from referrals.counter.selectors import has_bookings, own_booking, voucher_without_appointment
from referrals.models import Voucher
from referrals.states import BOOKING_MOVES, BookingEvent
from referrals.texts import unit_text
from referrals.workflow.appointments import enter_appointment
from referrals.workflow.rerouting import cancel_by_agency
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_time

if TYPE_CHECKING:
    from referrals.counter.shown import ShownVoucher


@require_safe
@role_required("partner.read")
def bookings(request: ActingRequest) -> HttpResponse:
    """From today on, the next one first; ``?day=&state=&page=``."""
    context = {**BookingList(request).context(), "may_cancel": request.actor.may("partner.answer")}
    context["has_any"] = bool(context["page"].object_list) or has_bookings(request.actor)
    return render(request, "referrals/partner/bookings.html", context)


def shown_voucher(voucher: Voucher) -> "ShownVoucher":
    """The voucher with what a counter may read of it: the card, the service and what is left."""
    shown = cast("ShownVoucher", voucher)
    with in_school_of(voucher):  # the card is sealed with its school's key
        shown.card = voucher.booking.card if voucher.booking else ""
    shown.service_name = named(voucher.service)
    shown.left = unit_text(voucher.service.unit, voucher.units_left)
    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def appointment(request: ActingRequest, voucher_id: UUID) -> HttpResponse:
    """The next appointment of a course, as agreed with the person."""
    actor = request.actor
    voucher = voucher_without_appointment(actor, voucher_id)
    if (other_day := elsewhere(request)) is not None:
        return other_day
    minutes = voucher.service.minutes
    form = AppointmentForm(request.POST if request.method == "POST" else None, minutes=minutes)
    if request.method == "POST" and form.is_valid():
        ((start, end), *_others) = form.windows()
        try:
            with in_school_of(voucher) as tenant_id:
                tenant = Tenant.objects.get(pk=tenant_id)
                enter_appointment(
                    actor=actor,
                    tenant=tenant,
                    voucher_id=voucher.pk,
                    starts_at=start,
                    ends_at=end,
                )
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("The appointment stands. The person has been told."))
            return redirect("partner_home")
    looking = Looking.of(request.POST if request.method == "POST" else request.GET)
    context = {
        "voucher": shown_voucher(voucher),
        "form": form,
        "minutes": minutes,
        "picker": picker_for(actor, voucher.service, looking, now(), last_day=voucher.valid_until),
    }
    return render(request, "referrals/partner/appointment.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("partner.answer")
def booking_cancel(request: ActingRequest, booking_id: UUID) -> HttpResponse:
    """Letting an appointment go that the agency cannot keep: what that means, a reason, then the button."""
    booking = own_booking(request.actor, booking_id)
    form = CancelForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        with in_school_of(booking) as tenant_id:
            tenant = Tenant.objects.get(pk=tenant_id)
            reason = form.cleaned_data["reason"]
            cancel_by_agency(actor=request.actor, tenant=tenant, booking_id=booking.pk, reason=reason)
        messages.success(request, _("Cancelled. The person is told at once and pays nothing."))
        return redirect("partner_home")
    if request.method != "POST" and (booking.state, BookingEvent.CANCEL) not in BOOKING_MOVES:
        return redirect("partner_bookings")  # it says how it stands
    with in_school_of(booking):  # the card is sealed with its school's key
        card = booking.card
    context = {
        "title": _("Cancel this appointment?"),
        "lead": _("The person reads the reason, pays nothing and can ask another agency. It cannot be taken back."),
        "facts": [
            (_("Time"), school_time(booking.starts_at)),
            (_("Service"), named(booking.service)),
            (_("For"), card),
        ],
        "form": form,
        "danger": True,
        "confirm_label": _("Cancel the appointment"),
        "back_url": reverse("partner_bookings"),
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("partner.read")
def bookings_csv(request: ActingRequest) -> HttpResponse:
    """The same list without the card: a file travels further than a screen."""
    return BookingList(request).file()

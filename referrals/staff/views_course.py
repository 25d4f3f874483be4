"""``/my/referrals/…/appointment/``, ``…/stop/``: one appointment of a course let go, or the whole course stopped early."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from disclosure.sentences import spaced
from kernel.errors import NotFound, Refused
from referrals.access import access_own_referral, as_uuid
from referrals.ending_texts import with_freed, with_return
from referrals.missed_texts import late_warning
from referrals.rules import Cancellation
from referrals.staff import selectors as mine
from referrals.states import STANDING, BookingState
from referrals.texts import unit_text
from referrals.workflow.appointments import cancel_appointment
from referrals.workflow.cancelling import cancelling_means, meaning_for
from referrals.workflow.correcting import confirm_corrected_share
from referrals.workflow.course import may_stop
from referrals.workflow.own_share import confirm_own_share
from referrals.workflow.stopping import stop_course
from ui.names import named
from ui.templatetags.ui import school_time


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def cancel_one(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """Cancels one appointment of a course; in time its unit waits for another. ``?booking=``, else the next one."""
    actor, tenant = request.actor, request.tenant
    found = access_own_referral(actor, referral_id)
    wanted = request.GET.get("booking", "")
    if request.method == "POST":
        voucher = cancel_appointment(actor=actor, tenant=tenant, referral_id=found.pk, booking_id=wanted or None)
        done = _("Cancelled. The agency enters another appointment.") if voucher.units_left else _("Cancelled.")
        messages.success(request, done)
        return redirect("staff_referral", referral_id=found.pk)
    rows = list(mine.bookings_of(found))
    booking = next((row for row in rows if row.pk == as_uuid(wanted)), None) if wanted else mine.next_of(rows)
    if booking is None and wanted:
        raise NotFound
    if booking is None or booking.state != BookingState.CONFIRMED:
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    leaving = meaning_for(found, booking, tenant)
    if leaving.meaning is Cancellation.STARTED:
        raise Refused("cancel_started")
    is_kept = leaving.meaning is Cancellation.FREE or not leaving.fee.fee_fen
    context = {
        "title": _("Cancel this appointment?"),
        "facts": [
            (_("Number"), found.number),
            (_("Service"), named(found.service)),
            (_("Time"), school_time(booking.starts_at)),
        ],
        "lead": _("The voucher stays good and nothing is lost. Ring the agency to agree another time.")
        if is_kept
        else _(
            "This one counts as used up; the rest of the course stays as it is. The agency is told, without a reason."
        ),
        "warning": late_warning(found, leaving),
        "phone": found.partner.phone,
        "partner": named(found.partner),
        "confirm_label": _("Cancel the appointment"),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def stop(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """What stopping the course means, then the button. What was used stays."""
    actor, tenant = request.actor, request.tenant
    found = access_own_referral(actor, referral_id)
    if request.method == "POST":
        stop_course(actor=actor, tenant=tenant, referral_id=found.pk)
        messages.success(request, with_freed(found, _("The course is stopped.")))
        return redirect("staff_referral", referral_id=found.pk)
    voucher = mine.voucher_of(found)
    if voucher is None or not may_stop(found, voucher, tenant):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    leaving = cancelling_means(found, tenant)
    gone = _("The voucher is void then. This cannot be taken back; you can apply again at any time.")
    times = [school_time(row.starts_at) for row in mine.bookings_of(found) if row.state in STANDING]
    context = {
        "title": _("Stop the course here?"),
        "facts": [
            (_("Number"), found.number),
            (_("Service"), named(found.service)),
            (_("Units given up"), unit_text(found.service.unit, voucher.units_left)),
            *((_("Appointment that is off"), when) for when in times),
        ],
        "lead": _("What you have used stays. The agency is told, without a reason.")
        if leaving.fee.uses_unit
        else with_return(found, "", _("What you have used stays. The agency is told, without a reason.")),
        "warning": spaced([*filter(None, [late_warning(found, leaving)]), gone]),
        "danger": True,
        "confirm_label": _("Stop the course"),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@role_required("voucher.own")
def own_share(request: ActingRequest, redemption_id: UUID) -> HttpResponse:
    """The person has what they paid at the counter for a use that was taken back."""
    redemption = confirm_own_share(actor=request.actor, redemption_id=redemption_id)
    messages.success(request, _("Noted: you have it back."))
    return redirect("voucher", voucher_id=redemption.voucher_id)


@require_POST
@role_required("voucher.own")
def corrected_share(request: ActingRequest, correction_id: UUID) -> HttpResponse:
    """The person has what they paid too much for a use that was corrected."""
    row = confirm_corrected_share(actor=request.actor, correction_id=correction_id)
    messages.success(request, _("Noted: you have it back."))
    return redirect("voucher_use", redemption_id=row.redemption_id)

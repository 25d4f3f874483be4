"""``/my/places/<id>/``: a child's place whose guardian has left the school, asked of the other one (books §4)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from families.access import access_child
from kernel.errors import Conflict
from referrals import texts
from referrals.workflow.passing_on import access_place, decline_place, offered, take_over
from ui.names import named
from ui.templatetags.ui import school_time


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def place(request: ActingRequest, place_id: UUID) -> HttpResponse:
    """Child, agency, times and the new price; what yes means, then the button."""
    actor, tenant = request.actor, request.tenant
    asked = access_place(actor, place_id)
    if request.method == "POST":
        try:
            made = take_over(actor=actor, tenant=tenant, place_id=asked.pk, token=request.POST.get("quote", ""))
        except Conflict as changed:
            if changed.reason != "quote_changed":
                raise
            messages.warning(request, _("The price is a new one. Nothing was changed; please look at it once more."))
            return redirect("staff_place", place_id=asked.pk)
        messages.success(request, _("The place is yours now, with a voucher of your own."))
        return redirect("staff_referral", referral_id=made.pk)
    if asked.taken_as_id is not None:
        return redirect("staff_referral", referral_id=asked.taken_as_id)
    offer, referral = offered(actor, tenant, asked), asked.referral
    context = {
        "offer": offer,
        "child": access_child(actor, str(referral.child_id)).name,
        "facts": [
            (_("Service"), named(referral.service)),
            (_("Agency"), named(referral.partner)),
            *([(_("How much"), texts.unit_text(referral.service.unit, offer.units))] if offer else []),
            *((_("Time"), school_time(row.starts_at)) for row in (offer.bookings if offer else ())),
            (_("Answer by"), school_time(asked.until)),
        ],
        "see_rows": texts.see_rows(referral.kind, named(referral.partner), has_child=True, is_accepted=True),
        "decline_url": reverse("staff_place_decline", args=[asked.pk]),
        "back_url": reverse("staff_home"),
        "quick_exit": True,
    }
    return render(request, "referrals/my/place.html", context)


@require_POST
@role_required("referral.own")
def decline(request: ActingRequest, place_id: UUID) -> HttpResponse:
    """The place is not wanted."""
    decline_place(actor=request.actor, place_id=place_id)
    messages.success(request, _("Noted. Nothing was booked for you."))
    return redirect("staff_home")

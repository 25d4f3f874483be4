"""``/my/referrals/<id>/counsellor/``: somebody else at the next appointment. Nobody asks why."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.access import access_own_referral, as_uuid
from referrals.models import Referral
from referrals.staff.views_time import place_text
from referrals.workflow.counsellors import CHANGEABLE, choices_of, choose_counsellor, may_be_chosen
from referrals.workflow.ending import state_today
from ui.names import named


def may_choose(found: Referral, state: str) -> bool:
    """Whether there is anything to choose, and an appointment to come for which it counts; ``state`` as the dates have it."""
    return state in CHANGEABLE and may_be_chosen(found.service_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def counsellor(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """Who can be had, the present choice first marked; POST ``who`` (empty: anybody)."""
    found = access_own_referral(request.actor, referral_id)
    if request.method == "POST":
        sent = request.POST.get("who", "")
        choose_counsellor(
            actor=request.actor,
            tenant=request.tenant,
            referral_id=found.pk,
            counsellor_id=as_uuid(sent) if sent else None,
        )
        messages.success(request, _("Kept. It counts from the next appointment on."))
        return redirect("staff_referral", referral_id=found.pk)
    if not may_choose(found, state_today(found, request.tenant)):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    rows = [{"id": place.resource_id, "name": place.name, "text": place_text(place)} for place in choices_of(found)]
    context = {
        "referral": found,
        "rows": rows,
        "chosen": found.counsellor_id,
        "name": named(found.service),
        "partner": named(found.partner),
        "quick_exit": True,
    }
    return render(request, "referrals/my/counsellor.html", context)

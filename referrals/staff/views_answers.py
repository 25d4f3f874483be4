"""What a person answers to an agency: one of its times, none of them, or the same times to another agency."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.access import access_own_referral
from referrals.ending_texts import with_freed, with_return
from referrals.models import Offer, Referral
from referrals.states import OfferState, ReferralState
from referrals.workflow.answering import accept_proposal
from referrals.workflow.ending import state_today
from referrals.workflow.rerouting import ask_another, refuse_proposals
from tenancy.models import Tenant
from ui.names import named


@require_POST
@role_required("referral.own")
def accept(request: ActingRequest, referral_id: UUID, proposal_id: UUID) -> HttpResponse:
    """Take one of the proposed times; the voucher is there at once."""
    booking = accept_proposal(
        actor=request.actor,
        tenant=request.tenant,
        referral_id=referral_id,
        proposal_id=proposal_id,
    )
    messages.success(request, _("The time is confirmed. Your voucher is ready."))
    return redirect("staff_referral", referral_id=booking.referral_id)


def _has_choice(found: Referral, tenant: Tenant) -> bool:
    """Whether an agency's other times wait for the person."""
    if state_today(found, tenant) != ReferralState.OFFERED:
        return False
    return Offer.objects.filter(referral=found, state=OfferState.OPEN, proposals__isnull=False).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def none_fits(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """None of the proposed times suits: what that means, then the button."""
    found = access_own_referral(request.actor, referral_id)
    if request.method == "POST":
        refuse_proposals(actor=request.actor, tenant=request.tenant, referral_id=found.pk)
        messages.success(request, with_freed(found, _("The agency is told.")))
        return redirect("staff_referral", referral_id=found.pk)
    if not _has_choice(found, request.tenant):
        return redirect("staff_referral", referral_id=found.pk)  # it says how it stands
    context = {
        "title": _("None of these times?"),
        "facts": [(_("Number"), found.number), (_("Agency"), named(found.partner))],
        "lead": with_return(found, _("This request then ends."), _("You can ask another agency.")),
        "confirm_label": _("None of them suits me"),
        "back_url": reverse("staff_referral", args=[found.pk]),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context)


@require_POST
@role_required("referral.own")
def ask_instead(request: ActingRequest, referral_id: UUID, service_id: UUID) -> HttpResponse:
    """The same times to another agency at the price that was shown; pressed twice it is asked once."""
    made = ask_another(
        actor=request.actor,
        tenant=request.tenant,
        referral_id=referral_id,
        service_id=service_id,
        quote_token=request.POST.get("quote", "") or "missing",
    )
    messages.success(request, _("Sent to the other agency, with the same times."))
    if access_own_referral(request.actor, referral_id).note and not made.note:
        messages.info(request, _("What you had written did not go along: this time no office looks at it first."))
    return redirect("staff_referral", referral_id=made.pk)

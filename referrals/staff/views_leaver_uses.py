"""``/left/<token>/uses/…/``: was a use of a voucher right? Somebody who has left agrees, objects, or takes the objection back.

By the writers of everybody, and while the link opens, which outlives what is booked by the last term to object (ADR 0046).
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kernel.clock import now
from referrals.staff.leaver_page import Visit, by_link_to_answer
from referrals.staff.views_uses import DisputeForm, facts_of_use
from referrals.states import RedemptionState
from referrals.workflow.objecting import agree, dispute, may_object, withdraw_dispute
from ui.templatetags.ui import school_time


@require_safe
@by_link_to_answer
def use(request: HttpRequest, visit: Visit, redemption_id: UUID) -> HttpResponse:
    """One use with what the person can still say about it, and until when."""
    found = visit.use(redemption_id)
    context = {
        "use": found,
        "facts": facts_of_use(found),
        "may_object": may_object(found, now()),
        "until": school_time(found.due_at) if found.due_at else "",
        "is_disputed": found.state == RedemptionState.DISPUTED,
        "agree_url": visit.url("leaver_use_agree", found.pk),
        "dispute_url": visit.url("leaver_use_dispute", found.pk),
        "withdraw_url": visit.url("leaver_use_withdraw", found.pk),
        "back_url": visit.url("leaver"),
        "quick_exit": True,
    }
    return render(request, "referrals/left/use.html", context)


@require_POST
@by_link_to_answer
def use_agree(request: HttpRequest, visit: Visit, redemption_id: UUID) -> HttpResponse:
    """It was right."""
    agree(actor=visit.actor, redemption_id=redemption_id)
    messages.success(request, _("Thank you, it is noted."))
    return visit.done()


@require_http_methods(["GET", "HEAD", "POST"])
@by_link_to_answer
def use_dispute(request: HttpRequest, visit: Visit, redemption_id: UUID) -> HttpResponse:
    """What an objection means, the reason, then the button."""
    found = visit.use(redemption_id)
    form = DisputeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        dispute(actor=visit.actor, tenant=visit.tenant, redemption_id=found.pk, reason=reason)
        messages.success(request, _("Sent. The school looks at it and tells you."))
        return visit.done()
    if request.method != "POST" and not may_object(found, now()):
        return visit.done()  # it says how it stands
    context = {
        "title": _("Is something not right?"),
        "lead": _("The office that decides this kind of help asks both sides. You are told by e-mail."),
        "facts": facts_of_use(found),
        "form": form,
        "confirm_label": _("Send the objection"),
        "back_url": visit.url("leaver_use", found.pk),
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_POST
@by_link_to_answer
def use_withdraw(request: HttpRequest, visit: Visit, redemption_id: UUID) -> HttpResponse:
    """The objection is taken back."""
    withdraw_dispute(actor=visit.actor, redemption_id=redemption_id)
    messages.success(request, _("Taken back. The use counts."))
    return visit.done()

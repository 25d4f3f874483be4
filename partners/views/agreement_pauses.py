"""``…/agreements/<id>/suspend/``, ``resume/`` and ``terminate/``: what it means, asked once more, then done (ADR 0050)."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import Invalid
from partners.forms import ReasonForm
from partners.models import Agreement
from partners.states import AgreementEvent
from partners.views.agreements import access_agreement
from partners.workflow import can, resume_agreement, suspend_agreement, terminate_agreement
from ui.names import named
from ui.states import sign_of


@require_http_methods(["GET", "POST"])
@role_required("agreement.suspend")
def agreement_suspend(request: ActingRequest, office: str, agreement_id: UUID) -> HttpResponse:
    """With a reason; nothing new at the agency until it is lifted."""
    found = access_agreement(agreement_id)
    return _ask(
        request,
        office,
        found,
        may=can(found, AgreementEvent.SUSPEND),
        title=_("Suspend agreement %(number)s?"),
        warning=_(
            "Nobody at the school can book this agency until it is lifted. What is booked is decided one by one within"
            " %(days)s working days; its people are told that it is being looked at, not why. Other schools are not touched."
        )
        % {"days": request.tenant.settings.pause_days},
        button=_("Suspend"),
        write=lambda reason: suspend_agreement(actor=request.actor, agreement_id=found.pk, reason=reason),
    )


@require_http_methods(["GET", "POST"])
@role_required("agreement.approve")
def agreement_terminate(request: ActingRequest, agreement_id: UUID) -> HttpResponse:
    """With a reason; what was not served is void."""
    found = access_agreement(agreement_id)
    return _ask(
        request,
        "finance",
        found,
        may=can(found, AgreementEvent.END),
        title=_("Terminate agreement %(number)s?"),
        warning=_(
            "It ends now and cannot be put in force again. What was not served is void and free, without a fee; the people may"
            " ask another agency with the same times. What was done is settled and paid."
        ),
        button=_("Terminate"),
        write=lambda reason: terminate_agreement(actor=request.actor, agreement_id=found.pk, reason=reason),
    )


@require_http_methods(["GET", "POST"])
@role_required("agreement.approve")
def agreement_resume(request: ActingRequest, agreement_id: UUID) -> HttpResponse:
    """In force again from now on."""
    found = access_agreement(agreement_id)
    back = reverse("finance_agreement", args=[found.pk])
    if request.method == "POST":
        resume_agreement(actor=request.actor, agreement_id=found.pk)
        messages.success(request, _("In force again."))
        return redirect(back)
    if not can(found, AgreementEvent.RESUME):
        return redirect(back)
    context = {
        "title": _("Lift the suspension of agreement %(number)s?") % {"number": found.number},
        "facts": [*_facts(found), (_("Reason"), found.get_reason_display())],
        "warning": _("Its services can be booked again at once. What was moved or called off meanwhile stays so."),
        "confirm_label": _("Lift the suspension"),
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)


def _facts(found: Agreement) -> list[tuple[str, Any]]:
    return [
        (_("Institution"), named(found.partner)),
        (_("State now"), sign_of(found.state, "agreement").text),
        (_("First day no longer covered"), found.valid_until.isoformat()),
    ]


def _ask(
    request: ActingRequest,
    office: str,
    found: Agreement,
    *,
    may: bool,
    title: str,
    warning: str,
    button: str,
    write: Callable[[str], object],
) -> HttpResponse:
    back = reverse(f"{office}_agreement", args=[found.pk])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            write(form.cleaned_data["reason"])
        except Invalid as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect(back)
    if request.method != "POST" and not may:
        return redirect(back)  # it says how it stands
    context = {
        "title": title % {"number": found.number},
        "facts": _facts(found),
        "warning": warning,
        "confirm_label": button,
        "danger": True,
        "form": form,
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)

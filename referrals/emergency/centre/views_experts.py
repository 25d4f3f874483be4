"""``/centre/emergency/experts/``: who outside can be asked."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import DomainError, NotFound
from referrals.emergency.centre.expert_list import ExpertList
from referrals.emergency.centre.kit_forms import ExpertForm
from referrals.emergency.models import Expert
from referrals.emergency.over import already_done
from referrals.emergency.workflow.experts import add_expert, change_expert, end_expert
from ui.navigation import at_desk


@require_safe
@role_required("chain.sheet")
def experts(request: ActingRequest) -> HttpResponse:
    """All of them, by name."""
    context = at_desk(request, "emergency", may_keep=request.actor.may("chain.rota"), **ExpertList(request).context())
    return render(request, "emergency/experts.html", context)


@require_safe
@role_required("chain.sheet")
def experts_csv(request: ActingRequest) -> HttpResponse:
    """The same as a file."""
    return ExpertList(request).file()


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def expert_new(request: ActingRequest) -> HttpResponse:
    """Enter one."""
    form = ExpertForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            add_expert(actor=request.actor, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Entered."))
            return redirect("emergency_experts")
    context = at_desk(request, "emergency", form=form, expert=None)
    return render(request, "emergency/expert.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def expert(request: ActingRequest, expert_id: UUID) -> HttpResponse:
    """One, to change."""
    found = Expert.objects.filter(pk=expert_id, ended_at=None).first()
    if found is None:
        raise NotFound
    initial = {name: getattr(found, name) for name in ("name", "kind", "reach", "phone")} | {
        "partner": found.partner_id
    }
    form = ExpertForm(request.POST if request.method == "POST" else None, initial=initial)
    if form.is_valid():
        try:
            change_expert(actor=request.actor, expert_id=found.pk, **form.values())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, _("Saved."))
            return redirect("emergency_experts")
    context = at_desk(request, "emergency", form=form, expert=found)
    return render(request, "emergency/expert.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("chain.rota")
def expert_end(request: ActingRequest, expert_id: UUID) -> HttpResponse:
    """Is asked no more."""
    found = Expert.objects.filter(pk=expert_id).first()
    if found is None:
        raise NotFound
    if found.ended_at is not None:
        return already_done(request, "emergency_experts")
    if request.method == "POST":
        end_expert(actor=request.actor, expert_id=found.pk)
        messages.success(request, _("Taken out of the pool."))
        return redirect("emergency_experts")
    context = {
        "title": _("Take this expert out of the pool?"),
        "lead": _("The telephone number is thrown away."),
        "facts": [(_("Name"), found.name)],
        "confirm_label": _("Take out"),
        "danger": True,
        "back_url": reverse("emergency_expert", args=[found.pk]),
    }
    return render(request, "ui/confirm.html", context)

"""``/centre/emergency/<id>/companions/``: who stays with the person, round the clock, and where nobody is planned (chain §10)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.errors import DomainError, IllegalMove, NotFound
from referrals.emergency.centre.companions_forms import CompanionForm
from referrals.emergency.centre.companions_shown import companions_of
from referrals.emergency.centre.views_follow_up import known
from referrals.emergency.models import CompanionShift
from referrals.emergency.over import already_done
from referrals.emergency.workflow.companions import cancel_companion, plan_companion
from referrals.emergency.workflow.moving import chain_now
from ui.navigation import at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.grade")
def companions(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """All shifts, every hole of the next day, and one more."""
    one = known(request, incident_id)
    moment = chain_now()
    shown = companions_of(one, request.tenant, moment)
    first: dict[str, Any] = {"starts_at": shown.until or moment}
    form = CompanionForm(request.POST if request.method == "POST" else None, initial=first)
    if form.is_valid():
        try:
            plan_companion(actor=request.actor, incident_id=one.pk, **form.values(request.tenant))
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(
                request, _("Asked. Once they say that they come, they read whom, where and what to watch for.")
            )
            return redirect("emergency_companions", one.pk)
    record_read(actor=request.actor, action="incident.read", obj=one)
    may_plan = one.closed_at is None and one.person_id is not None and not one.is_drill
    context = at_desk(request, "emergency", incident=one, shown=shown, form=form, may_plan=may_plan, quick_exit=True)
    return render(request, "emergency/after/companions.html", context, status=422 if form.errors else 200)


@require_POST
@role_required("incident.grade")
def companion_cancel(request: ActingRequest, incident_id: UUID, shift_id: UUID) -> HttpResponse:
    """Somebody else, or nobody is needed: the companion is told."""
    known(request, incident_id)
    if not CompanionShift.objects.filter(pk=shift_id, incident_id=incident_id).exists():
        raise NotFound
    try:
        cancel_companion(actor=request.actor, shift_id=shift_id)
    except IllegalMove as error:
        remember(error)
        return already_done(request, "emergency_companions", incident_id)
    messages.success(request, _("Taken out. They are told."))
    return redirect("emergency_companions", incident_id)

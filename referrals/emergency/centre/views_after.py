"""After an incident: the agreed plan and its printed page, and who has looked (chain §3, §6)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.errors import Conflict, Invalid, NotFound
from referrals.emergency.centre.incident_forms import AgreedPlanForm
from referrals.emergency.looks import PAGE, looks_at, named
from referrals.emergency.models import Incident
from referrals.emergency.workflow import agreeing
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.standing import known_to
from ui.lists import page_of
from ui.navigation import at_desk
from ui.refusals import explain


def _known(request: ActingRequest, incident_id: UUID) -> Incident:
    found = known_to(request.actor.membership_id).filter(pk=incident_id).first()
    if found is None:
        raise NotFound
    return found


@require_safe
@role_required("incident.read")
def agreed(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """The plan as it counts, to read and to print; each look is a row of the record."""
    one = _known(request, incident_id)
    plan = agreeing.newest(one)
    if plan is None:
        return redirect("emergency_agreed_write", incident_id)
    record_read(actor=request.actor, action="incident.plan_read", obj=one)
    context = at_desk(
        request, "emergency", incident=one, plan=plan, words=agreeing.words_of(one, plan), quick_exit=True,
        may_write=request.actor.may("incident.grade") and agreeing.may_have_plan(one), school=request.tenant,
    )  # fmt: skip
    return render(request, "emergency/agreed.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.grade")
def agreed_write(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """The next version, which begins as a copy of the last."""
    one = _known(request, incident_id)
    here = reverse("emergency_incident", args=[incident_id])
    if not agreeing.may_have_plan(one):
        messages.info(request, _("There is nothing to agree on for this incident."))
        return redirect(here)
    plan = agreeing.newest(one)
    first: dict[str, Any] = {"agreed_on": request.tenant.day_of(chain_now()), "after": plan.version if plan else 0}
    if plan is not None:
        first |= agreeing.words_of(one, plan)
    form = AgreedPlanForm(request.POST if request.method == "POST" else None, initial=first)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            agreeing.write_plan(
                actor=request.actor,
                incident_id=incident_id,
                agreed_on=said["agreed_on"],
                words=said,
                after=said["after"],
            )
        except (Conflict, Invalid) as error:
            remember(error)
            told = explain(error.reason, error.params)
            field = error.fields[0][0] if error.fields else None
            form.add_error(field, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
        else:
            messages.success(request, _("Kept. Print it for the person and the family."))
            return redirect("emergency_agreed", incident_id)
    context = at_desk(request, "emergency", incident=one, form=form, is_new=plan is None, quick_exit=True)
    return render(request, "emergency/agreed_write.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("incident.looks")
def looks(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """谁看过: each look of a named colleague, the newest first."""
    one = _known(request, incident_id)
    page = page_of(looks_at(one), request.GET.get("page"), PAGE, named)
    context = at_desk(request, "emergency", incident=one, page=page, quick_exit=True)
    return render(request, "emergency/looks.html", context)

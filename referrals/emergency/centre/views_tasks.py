"""What is owed about an incident: done, put off by two; and a contact called by hand, with a reason (chain §2, §9)."""

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
from kernel.errors import Conflict, DomainError, Invalid, NotFound
from referrals.emergency.centre.incident_forms import ReasonForm
from referrals.emergency.centre.incident_reading import Read, read
from referrals.emergency.centre.incident_tasks import task_text
from referrals.emergency.models import WatchTask
from referrals.emergency.rules.tasks import BY_WRITING
from referrals.emergency.workflow import by_hand, tasks
from ui.navigation import at_desk
from ui.refusals import explain
from ui.templatetags.ui import school_time


def _task(found: Read, task_id: UUID) -> WatchTask:
    task = next((row for row in found.tasks if row.pk == task_id), None)
    if task is None:
        raise NotFound
    return task


@require_http_methods(["POST"])
@role_required("incident.read")
def task_done(request: ActingRequest, incident_id: UUID, task_id: UUID) -> HttpResponse:
    """One button. Whoever comes late is told so."""
    read(request.actor, request.tenant, incident_id)
    try:
        tasks.finish(actor=request.actor, task_id=task_id)
    except Conflict as error:
        remember(error)
        messages.info(request, _said(error))
    else:
        messages.success(request, _("Written down as done."))
    return redirect("emergency_incident", incident_id)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.read")
def task_later(request: ActingRequest, incident_id: UUID, task_id: UUID) -> HttpResponse:
    """Put off by two people, each with a reason."""
    found = read(request.actor, request.tenant, incident_id)
    here = reverse("emergency_incident", args=[incident_id])
    try:
        task = _task(found, task_id)
    except NotFound:
        if WatchTask.objects.filter(pk=task_id, incident_id=incident_id).exists():
            messages.info(request, _("Somebody has taken care of this already. Here is how it stands now."))
            return redirect(here)
        raise
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            done = tasks.put_off(actor=request.actor, task_id=task_id, reason=form.cleaned_data["reason"])
        except (Conflict, Invalid) as error:
            remember(error)
            messages.info(request, _said(error))
            return redirect(here)
        if done:
            messages.success(request, _("Put off by 72 hours. It stands on the board until then."))
        else:
            messages.info(request, _("Kept as the first of two words. A second person is asked to agree."))
        return redirect(here)
    is_written = task.kind in BY_WRITING
    label = _("Write it later") if is_written else _("Tell them later")
    lead = _("Only where telling them now would hurt somebody. Two people say so, each with a reason.")
    if is_written:
        lead = _("Only where writing it now would hurt somebody. Two people say so, each with a reason.")
    context = {
        "title": label,
        "lead": lead,
        "facts": [(_("Number"), found.incident.number), (task_text(task), school_time(task.due_at))],
        "form": form,
        "confirm_label": label,
        "back_url": here,
        "quick_exit": True,
    }
    return render(request, "ui/confirm.html", context, status=422 if form.errors else 200)


@require_safe
@role_required("incident.read")
def call_contact(request: ActingRequest, incident_id: UUID, contact_id: UUID) -> HttpResponse:
    """Name and number of a contact whom the engine must not call, for whoever has given a reason; 404 for everybody else."""
    found = by_hand.number_for(request.actor, incident_id, contact_id)
    if found is None:
        raise NotFound
    incident, contact = found
    context = at_desk(request, "emergency", incident=incident, contact=contact, quick_exit=True)
    return render(request, "emergency/call_contact.html", context)


def _said(error: DomainError) -> str:
    told = explain(error.reason, error.params)
    return _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step}

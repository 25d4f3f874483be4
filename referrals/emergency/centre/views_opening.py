"""``/centre/emergency/new/``: duty and centre open an incident and grade it in the same breath."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.errors import Invalid
from referrals.emergency.centre.incident_opening import (
    chosen,
    form_of,
    grades,
    is_danger_now,
    people,
    refuse,
    say_assumed,
)
from referrals.emergency.workflow.opening import open_incident
from referrals.emergency.workflow.standing import is_left_out
from ui.navigation import at_desk


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("incident.open")
def new(request: ActingRequest) -> HttpResponse:
    """One page: who, how grave, what was seen. Pressing calls; where one is open already, this joins it."""
    form, person = form_of(request), chosen(request)
    if request.method == "POST" and form.is_valid():
        try:
            opened = open_incident(actor=request.actor, opening=form.opening(person.pk if person else None))
        except Invalid as error:
            refuse(form, error)
        else:
            if is_left_out(opened.incident, request.actor.membership_id):
                # They wrote it, and may know of none: the same words whether one was open or not.
                messages.success(request, _("Received. The school's people are being called now."))
                say_assumed(request, form, can_join=person is not None)
                return redirect("emergency_board")
            if opened.is_new:
                messages.success(request, _("Opened. The first people are being called now."))
            else:
                messages.info(request, _("One is open for this person already. What you wrote was joined to it."))
            say_assumed(request, form, can_join=person is not None)
            return redirect("emergency_incident", opened.incident.pk)
    asked, found = people(request)
    context = at_desk(
        request,
        "emergency",
        form=form,
        person=person,
        asked=asked,
        found=found,
        is_danger=is_danger_now(request),
        grades=grades(form, is_graded=True),
        quick_exit=True,
    )
    return render(request, "emergency/opening.html", context, status=422 if form.errors else 200)

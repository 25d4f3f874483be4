"""``/my/report/``: a head of department tells that a colleague is in danger; afterwards only received, or in hand."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import signed_in
from accounts.actor import ActingRequest
from kernel.errors import Invalid, NotFound
from referrals.emergency.centre.incident_opening import (
    chosen,
    form_of,
    grades,
    is_danger_now,
    people,
    refuse,
    report_within,
    say_assumed,
)
from referrals.emergency.centre.incident_telling import is_handled
from referrals.emergency.models import Incident, Leg
from referrals.emergency.reports import sent_by
from referrals.emergency.rules.grades import LegKind
from referrals.emergency.workflow.opening import open_incident
from ui.lists import page_of

_PAGE = 20


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def report(request: ActingRequest) -> HttpResponse:
    """The same questions; the grade is a suggestion. Sending calls the school's side at once.

    Whoever came here and reports in another way is led there: they may have seen somebody in danger.
    """
    if not request.actor.may("incident.report"):
        if request.method == "POST":
            raise NotFound
        return redirect("emergency_new" if request.actor.may("incident.open") else "report")
    form, person = form_of(request), chosen(request)
    if request.method == "POST" and form.is_valid():
        try:
            open_incident(actor=request.actor, opening=form.opening(person.pk if person else None))
        except Invalid as error:
            refuse(form, error)
        else:
            messages.success(request, _("Received. The school's people are being called now."))
            say_assumed(request, form, can_join=person is not None)
            return redirect("my_report")
    asked, found = people(request)
    member = request.actor.membership_id
    own = sent_by(member) if member else Incident.objects.none()
    context = {
        "form": form,
        "person": person,
        "asked": asked,
        "found": found,
        "is_danger": is_danger_now(request),
        "grades": grades(form, is_graded=False),
        "within": report_within(request.tenant.time_zone),
        "page": page_of(own, request.GET.get("page"), _PAGE, _handled),
        "quick_exit": True,
    }
    return render(request, "emergency/report.html", context, status=422 if form.errors else 200)


def _handled(rows: list[Incident]) -> list[tuple[Any, bool]]:
    """When each was sent, and whether somebody has it: no more of it."""
    schools = {leg.incident_id: leg for leg in Leg.objects.filter(incident__in=rows, kind=LegKind.SCHOOL.value)}
    found: list[Any] = list(rows)
    return [(row.sent_at, row.is_known and is_handled(row, schools[row.pk])) for row in found]

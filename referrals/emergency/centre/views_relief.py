"""``/centre/emergency/<id>/relief/``: help at home from the union's relief pool, for the person of an incident (rules §1)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.refused import remember
from audit import record_read
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from partners.models import Service
from partners.selectors import services_open_on
from referrals.emergency.centre.relief_forms import ReliefForm
from referrals.emergency.models import Incident, Timeline
from referrals.emergency.workflow.relief import open_relief
from referrals.emergency.workflow.standing import known_to
from referrals.kinds import KINDS
from ui.names import named
from ui.navigation import at_desk
from ui.refusals import explain


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.relief")
def relief(request: ActingRequest, incident_id: UUID) -> HttpResponse:
    """Which service, then how much and when; ``?service=``. What was asked for stands above, by its number."""
    one = known_to(request.actor.membership_id).filter(pk=incident_id, is_drill=False).first()
    if one is None:
        raise NotFound
    offered = [
        row.service for row in services_open_on(request.tenant.day_of(now())) if KINDS[row.service.kind].in_crisis
    ]
    service = next((row for row in offered if str(row.pk) == request.GET.get("service")), None)
    form = None
    if service is not None and one.person_id is not None:
        form = ReliefForm(request.POST if request.method == "POST" else None, service=service)
        if form.is_valid() and (answer := _send(request, one, service, form)) is not None:
            return answer
    record_read(actor=request.actor, action="incident.read", obj=one)
    return render(
        request,
        "emergency/relief.html",
        _context(request, one, offered, service, form),
        status=422 if form is not None and form.errors else 200,
    )


def _send(request: ActingRequest, one: Incident, service: Service, form: ReliefForm) -> HttpResponse | None:
    """To the union; None when it says no, which stands above the form."""
    try:
        sent = open_relief(
            actor=request.actor, tenant=request.tenant, incident_id=one.pk, service_id=service.pk, **form.values()
        )
    except NotFound:
        raise
    except DomainError as error:
        remember(error)
        told = explain(error.reason, error.params)
        form.add_error(None, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
        return None
    messages.success(
        request,
        _("Asked for: %(number)s. The union decides; the person reads it among their requests.")
        % {"number": sent.number},
    )
    return redirect("emergency_relief", one.pk)


def _context(
    request: ActingRequest, one: Incident, offered: list[Service], service: Service | None, form: ReliefForm | None
) -> dict[str, Any]:
    asked = Timeline.objects.filter(incident=one, code="relief.opened").order_by("-at", "-pk")
    return at_desk(
        request,
        "emergency",
        incident=one,
        asked=[(row.at, row.facts.get("request", "")) for row in asked],
        services=[(f"?service={row.pk}", named(row), named(row.institution)) for row in offered],
        service=service,
        service_name=named(service) if service else "",
        form=form,
        person=one.person,
        quick_exit=True,
    )

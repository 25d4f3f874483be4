"""An institution's services on the operator's desk: entered, changed within the agreements, opened and shut."""

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
from kernel.errors import NotFound
from partners.booked import booked_with
from partners.forms import ServiceChangeForm, ServiceForm
from partners.models import Service
from partners.selectors import agreed_in
from partners.views.operator_forms import access_institution, booked_text, form_page
from partners.workflow import add_service, change_service, set_service_active
from ui.names import named


def _access_service(slug: str, service_id: UUID) -> Service:
    service = Service.objects.select_related("institution").filter(pk=service_id, institution__slug=slug).first()
    if service is None:
        raise NotFound
    return service


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def service_new(request: ActingRequest, slug: str) -> HttpResponse:
    """A service with its public price."""
    found = access_institution(slug)
    back = reverse("operator_institution", args=[slug])

    def write(data: dict[str, Any]) -> str:
        add_service(actor=request.actor, institution_id=found.pk, **data)
        return back

    form = ServiceForm(request.POST or None)
    return form_page(request, form, heading=_("Add a service"), back_url=back, write=write)


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def service_change(request: ActingRequest, slug: str, service_id: UUID) -> HttpResponse:
    """Everything that no agreement holds; what agreements hold is shown and stays."""
    service = _access_service(slug, service_id)
    back = reverse("operator_institution", args=[slug])
    schools = agreed_in(service)
    form = ServiceChangeForm(request.POST or None, service=service, agreed=bool(schools))

    def write(data: dict[str, Any]) -> str:
        change_service(actor=request.actor, service_id=service.pk, **data)
        return back

    notice = (
        _(
            "Schools with an agreement or a draft on this service: %(schools)s. Its name, unit, minutes and place stay as "
            "agreed. Of list price and agreed price the lower one is asked; what is booked keeps its price."
        )
        % {"schools": schools}
        if schools
        else ""
    )
    facts = [(_("Institution"), named(service.institution)), (_("Kind"), service.get_kind_display())]
    return form_page(
        request, form, heading=_("Change a service"), back_url=back, write=write, notice=notice, facts=facts
    )


@require_http_methods(["GET", "POST"])
@role_required("institution.manage")
def service_switch(request: ActingRequest, slug: str, service_id: UUID) -> HttpResponse:
    """Prepare (GET) and open or shut (POST) one service for new bookings; the same button undoes it."""
    service = _access_service(slug, service_id)
    back = reverse("operator_institution", args=[slug])
    if request.method == "POST":
        set_service_active(actor=request.actor, service_id=service.pk, active="open" in request.POST)
        messages.success(request, _("Saved."))
        return redirect(back)
    if service.active:
        title, label = _("Shut this service?"), _("Shut it")
        warning = _(
            "No school can book it from now on. Appointments and vouchers that exist stay. You can open it again."
        )
    else:
        title, label = _("Open this service again?"), _("Open it")
        warning = _("Every school with an agreement on it can book it again at once.")
    context = {
        "title": title,
        "facts": [
            (_("Institution"), named(service.institution)),
            (_("Service"), named(service)),
            (_("Schools with an agreement or a draft"), agreed_in(service)),
            (_("Open appointments"), booked_text(booked_with(service.institution_id, service_id=service.pk))),
        ],
        "warning": warning,
        "hidden": [("shut" if service.active else "open", "1")],
        "confirm_label": label,
        "danger": service.active,
        "back_url": back,
    }
    return render(request, "ui/confirm.html", context)

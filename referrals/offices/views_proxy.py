"""``/union/proxy/``: an officer applies for a colleague who cannot, and said yes (rules §2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.models import Membership
from accounts.refused import remember
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from partners.models import Service
from partners.selectors import services_open_on
from referrals.offices.colleagues import colleague, finding
from referrals.offices.proxy_forms import ProxyForm
from referrals.workflow.proxy import may_be_asked_in_place, submit_proxy
from ui.names import named
from ui.navigation import at_desk
from ui.refusals import explain


@require_safe
@role_required("referral.proxy")
def find(request: ActingRequest) -> HttpResponse:
    """For whom; ``?q=`` is looked for in names."""
    context = at_desk(request, "union", **finding(request, "union_proxy_for"))
    return render(request, "referrals/office/proxy_find.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.proxy")
def ask(request: ActingRequest, person_id: UUID) -> HttpResponse:
    """Which service (``?service=``), then how much, when, and how the colleague agreed."""
    person = colleague(request, person_id)
    if person is None:
        raise NotFound
    offered = [
        row.service for row in services_open_on(request.tenant.day_of(now())) if may_be_asked_in_place(row.service.kind)
    ]
    service = next((row for row in offered if str(row.pk) == request.GET.get("service")), None)
    form = None
    if service is not None:
        form = ProxyForm(request.POST if request.method == "POST" else None, service=service)
        if form.is_valid() and (answer := _send(request, person, service, form)) is not None:
            return answer
    context: dict[str, Any] = at_desk(
        request,
        "union",
        person=person,
        services=[(f"?service={row.pk}", named(row), named(row.institution)) for row in offered],
        service_name=named(service) if service else "",
        agency=named(service.institution) if service else "",
        form=form,
        quick_exit=True,
    )
    return render(
        request, "referrals/office/proxy.html", context, status=422 if form is not None and form.errors else 200
    )


def _send(request: ActingRequest, person: Membership, service: Service, form: ProxyForm) -> HttpResponse | None:
    """On its way; None when a rule says no, which stands above the form."""
    try:
        sent = submit_proxy(
            actor=request.actor, tenant=request.tenant, person_id=person.pk, service_id=service.pk, **form.values()
        )
    except NotFound:
        raise
    except DomainError as error:
        remember(error)
        told = explain(error.fields[0][1] if error.fields else error.reason, error.params)
        form.add_error(None, _("%(what)s. %(next)s") % {"what": told.title, "next": told.next_step})
        return None
    messages.success(
        request,
        _("Sent: %(number)s. Your colleague has been told and can stop it with one tap.") % {"number": sent.number},
    )
    return redirect("union_referral", referral_id=sent.pk)

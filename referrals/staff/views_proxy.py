"""What a colleague of the union asked for in the person's place: said on its page, stopped with one tap (rules §2)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from referrals.access import access_own_referral
from referrals.models import Proxy, Referral
from referrals.workflow.proxy import may_stop_proxy, stop_proxy
from tenancy.models import Tenant


def proxy_shown(found: Referral, proxy: Proxy | None, tenant: Tenant) -> dict[str, Any] | None:
    """Who asked and when the person agreed; whether one tap stops it. None for a request of one's own."""
    if proxy is None:
        return None
    return {"row": proxy, "may_stop": may_stop_proxy(found, proxy, tenant)}


@require_POST
@role_required("referral.own")
def stop(request: ActingRequest, referral_id: UUID) -> HttpResponse:
    """One tap, no question: it can be asked for anew, and the officer is told."""
    found = access_own_referral(request.actor, referral_id)
    stop_proxy(actor=request.actor, tenant=request.tenant, referral_id=found.pk)
    messages.success(request, _("Stopped. What it held is free, and the colleague has been told."))
    return redirect("staff_referral", referral_id=found.pk)

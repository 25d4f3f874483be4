"""``/apply/<draft>/several/``: which other agencies are asked at the same time; only those that are ticked (books §2)."""

from datetime import date
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import ActingRequest, Actor
from kernel.errors import DomainError
from referrals.kinds import KINDS
from referrals.models import ReferralDraft
from referrals.staff.drafts import access_draft, first_day, may_ask_several, others_of, times_form
from referrals.subsidies.quoting import quote
from referrals.subsidies.several import SeveralQuote, quote_several
from referrals.workflow.drafting import keep_draft
from tenancy.models import Tenant
from ui.names import named

_MOST_TICKS: Final = 20


def quote_of_several(
    actor: Actor, tenant: Tenant, draft: ReferralDraft, units: int, day: date, child: str | None
) -> SeveralQuote | None:
    """The prices of all that were ticked, the draft's own first; None where nobody else is asked."""
    others = others_of(tenant, draft.service, draft.answers)
    if not others:
        return None
    return quote_several(
        actor=actor,
        tenant=tenant,
        service_ids=[draft.service_id, *others],
        units=units,
        service_date=day,
        child_id=child,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("referral.own")
def several(request: ActingRequest, draft_id: UUID) -> HttpResponse:
    """Each agency with its own price and a box of its own: a tick is the word that it may be asked."""
    draft = access_draft(request.actor, draft_id)
    if draft.referral_id:
        return redirect("apply_done", referral_id=draft.referral_id)
    tenant, offered = request.tenant, may_ask_several(request.tenant, draft.service)
    if not offered:
        return redirect("apply_check", draft_id=draft_id)
    if request.method == "POST":
        ticked = {"beside": str(draft.service_id), "ticked": request.POST.getlist("others")[:_MOST_TICKS]}
        keep_draft(
            actor=request.actor,
            tenant=tenant,
            draft_id=draft_id,
            service=draft.service,
            answers={"others": ticked},
        )
        return redirect("apply_check", draft_id=draft_id)
    with timezone.override(ZoneInfo(tenant.time_zone)):
        times = times_form(request.actor, tenant, draft.service, draft.answers, is_checked=True)
        if not times.is_valid():
            return redirect(reverse("apply_when", args=[draft_id], query={"check": "1"}))
    chosen = set(others_of(tenant, draft.service, draft.answers))
    rows = []
    for service in offered:
        try:
            priced = quote(
                actor=request.actor,
                tenant=tenant,
                service_id=service.pk,
                units=times.cleaned_data["units"],
                service_date=first_day(tenant, times),
                child_id=times.cleaned_data.get("child"),
            )
        except DomainError:  # no rule or no agreement for that day: it cannot be asked
            continue
        rows.append((service, named(service.institution), named(service), priced.decision, service.pk in chosen))
    context = {
        "step": 3,
        "draft": draft,
        "name": named(draft.service),
        "partner": named(draft.service.institution),
        "rows": rows,
        "is_talk": KINDS[draft.service.kind].is_talk,
        "quick_exit": True,
    }
    return render(request, "referrals/apply/several.html", context)

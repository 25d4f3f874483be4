"""``/apply/``: what there is, with who pays what, and what was left unfinished."""

from datetime import date
from typing import Any, Final
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import local_day, now
from kernel.errors import NotFound, Refused
from kernel.identifiers import uuid7
from partners.kinds import ServiceKind
from referrals import texts
from referrals.access import as_uuid
from referrals.staff.drafts import access_draft, unfinished
from referrals.staff.forms import ServiceFilter
from referrals.subsidies.prices import Priced, price_service, price_services
from referrals.workflow.first_step import may_ask_outside
from ui.lists import ListPage, page_of
from ui.names import named

PAGE: Final = 12


@require_safe
@role_required("service.read")
def services(request: ActingRequest) -> HttpResponse:
    """Every service the school may use today; ``?kind=&q=&page=``. ``draft``: another service for what is begun."""
    form = ServiceFilter(request.GET or None, label_suffix="")
    wanted = form.cleaned_data if form.is_bound and form.is_valid() else {"kind": "", "q": ""}
    found = price_services(request.actor, today(request), q=wanted["q"])
    every = [priced for priced in found if priced.decision]
    offered = [priced for priced in every if wanted["kind"] in ("", priced.service.kind)]
    page: ListPage[Priced] = page_of(offered, request.GET.get("page"), PAGE)
    rules = request.tenant.settings
    draft = _draft_of(request)
    context = {
        "form": form,
        "page": page,
        "rows": [
            {
                **card(priced),
                "is_asked": rules.always_asks(priced.service.kind),
                "url": _address(priced, draft),
            }
            for priced in page
        ],
        "wants": [
            {"kind": kind, "words": texts.KIND_TEXTS[kind].wish, "is_chosen": kind == wanted["kind"]}
            for kind in dict.fromkeys(
                priced.service.kind for priced in every
            )  # a kind with nothing behind it is not shown
        ],
        "kind_text": dict(ServiceKind.choices).get(wanted["kind"], ""),
        "filtered": bool(wanted["kind"] or wanted["q"]),
        "changing": draft,
        "unfinished": [] if draft else unfinished(request.actor),
        "quick_exit": True,
    }
    return render(request, "referrals/apply/services.html", context)


def _draft_of(request: ActingRequest) -> UUID | None:
    """The draft for which another service is looked for; one that is not the person's is none."""
    asked = request.GET.get("draft")
    if not asked:
        return None
    try:
        return access_draft(request.actor, as_uuid(asked)).pk
    except NotFound:
        return None


def _address(priced: Priced, draft: UUID | None) -> str:
    if draft is None:
        return reverse("apply_service", args=[priced.service.pk])
    return reverse("apply_when", args=[draft], query={"service": str(priced.service.pk)})


def card(priced: Priced) -> dict[str, Any]:
    """What every page about one service says first."""
    institution = priced.service.institution
    return {
        "priced": priced,
        "partner": named(institution),
        "name": named(priced.service),
        "place": " · ".join(part for part in (institution.district, institution.address) if part),
        "duration": texts.duration(priced),
        "quota": texts.quota_text(priced.quota_unit, priced.quota_left, priced.resets_on, per_child=priced.per_child),
    }


def today(request: ActingRequest) -> date:
    """The school's day."""
    return local_day(now(), request.tenant.time_zone)


@require_safe
@role_required("referral.own")
def begin(request: ActingRequest, service_id: UUID) -> HttpResponse:
    """To the first step, under an address of its own: two tabs are two drafts. What begins with a talk at the school begins there."""
    priced = priced_today(request, service_id)
    if not may_ask_outside(priced.service.kind, request.actor.membership_id, now()):
        return redirect("mediation")
    return redirect(reverse("apply_when", args=[uuid7()], query={"service": str(service_id)}))


def priced_today(request: ActingRequest, service_id: UUID) -> Priced:
    """The service at today's price; Refused ``no_policy`` where the school has none for it."""
    priced = price_service(request.actor, service_id, today(request))
    if priced.decision is None:
        raise Refused("no_policy")
    return priced

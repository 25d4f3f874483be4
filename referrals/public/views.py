"""``/services/``: who pays what, before anybody signs in. No person, so no quota of a person."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kernel.clock import local_day, now
from referrals import texts
from referrals.kinds import KINDS
from referrals.policy import quota_resets_on
from referrals.public.needs import NEEDS, Need
from referrals.subsidies.prices import ListedPrice, listed_prices
from referrals.workflow.times import earliest_days
from tenancy.middleware import HostRequest
from tenancy.models import Tenant
from ui.names import named
from ui.page_cache import keep
from ui.public import public_head


@require_safe
def services(request: HostRequest) -> HttpResponse:
    """Every service of the host's school with its price today, by need; a need without a service is not shown."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None or getattr(request, "on_platform", False):
        raise Http404
    moment = now()
    day = local_day(moment, tenant.time_zone)
    listed = listed_prices(day)
    earliest = earliest_days(tenant, {price.service: _is_asked(price, tenant) for price in listed}, moment)
    needs = [_section(need, listed, tenant, earliest) for need in NEEDS]
    context = {
        "needs": [need for need in needs if need["rows"]],
        "day": day,
        "resets_on": quota_resets_on(day),
        "public_head": public_head(
            request,
            title=_("What the school pays, what you pay"),
            description=_("Services for staff and families with their prices, open to read without signing in."),
        ),
    }
    return keep(render(request, "referrals/public/services.html", context), tenant)


def _section(need: Need, listed: list[ListedPrice], tenant: Tenant, earliest: Mapping[UUID, date]) -> dict[str, Any]:
    rows = [_row(price, tenant, earliest) for kind in need.kinds for price in listed if price.service.kind == kind]
    rules = {price.terms.policy_id: price.terms for price in listed if price.service.kind in need.kinds}
    # Two rules under one heading would make a sentence that is true of neither.
    rule = texts.rule_line(next(iter(rules.values()))) if len(rules) == 1 else ""
    return {"need": need, "rows": rows, "rule": rule, "anchor": need.kinds[0].value}


def _free_sessions(price: ListedPrice, tenant: Tenant) -> int | None:
    """How many sessions nobody approves; None where that does not hang on their number."""
    return tenant.settings.self_referral_sessions if KINDS[price.service.kind].decider == "centre" else None


def _is_asked(price: ListedPrice, tenant: Tenant) -> bool:
    """Whether an office decides even about the first session."""
    return tenant.settings.always_asks(price.service.kind) or _free_sessions(price, tenant) == 0


def _row(price: ListedPrice, tenant: Tenant, earliest: Mapping[UUID, date]) -> dict[str, Any]:
    service, kind = price.service, price.service.kind
    is_asked = _is_asked(price, tenant)
    return {
        "price": price,
        "name": named(service),
        "partner": named(service.institution),
        "district": service.institution.district,
        "duration": texts.duration(price),
        "decider": texts.DECIDERS[KINDS[kind].decider],
        "is_asked": is_asked,
        "free_sessions": None if is_asked else _free_sessions(price, tenant),
        "earliest": earliest.get(service.pk),
    }

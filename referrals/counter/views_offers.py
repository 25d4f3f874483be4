"""``/partner/offers/``: every request that was laid before the institution, by state and service. Never a name."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from audit import record_read
from exports import csv_answer, plain_yuan
from kernel.clock import now
from referrals.counter.forms import OfferFilter
from referrals.counter.selectors import offers_for_file, page_of_offers, services_of
from referrals.texts import named, unit_text
from ui.states import sign_of


def _filter(request: ActingRequest) -> OfferFilter:
    services = [(str(service.pk), named(service)) for service in services_of(request.actor)]
    return OfferFilter(request.GET, services=services)


def _wanted(form: OfferFilter) -> dict[str, Any]:
    data = form.cleaned_data if form.is_valid() else {}
    return {"state": data.get("state") or "", "service": data.get("service") or ""}


@require_safe
@role_required("partner.read")
def offers(request: ActingRequest) -> HttpResponse:
    """Newest first; ``?state=&service=&page=``."""
    form = _filter(request)
    wanted = _wanted(form)
    page = page_of_offers(request.actor, **wanted, number=request.GET.get("page"))
    for offer in page:
        offer.service_name = named(offer.service)
        offer.amount = unit_text(offer.service.unit, offer.units)
    context = {"filter": form, "page": page, "filtered": any(wanted.values()), "moment": now()}
    return render(request, "referrals/partner/offers.html", context)


@require_safe
@role_required("partner.read")
def offers_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, money in yuan."""
    rows = offers_for_file(request.actor, **_wanted(_filter(request)))
    answer = csv_answer(
        [
            _("Request key"),
            _("Asked on"),
            _("Service"),
            _("How much"),
            _("District"),
            _("State"),
            _("Answer by"),
            _("School pays"),
            _("You collect"),
        ],
        (
            [
                row.referral_id,
                row.created_at,
                named(row.service),
                unit_text(row.service.unit, row.units),
                row.district,
                sign_of(row.state, "offer").text,
                row.deadline,
                plain_yuan(row.subsidy_fen),
                plain_yuan(row.self_fen),
            ]
            for row in rows
        ),
    )
    record_read(actor=request.actor, action="offer.export", facts={"rows": answer.rows})
    return answer

"""``/partner/offers/``: every request that was laid before the institution, by state and service. Never a name."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from referrals.counter.lists import OfferList


@require_safe
@role_required("partner.read")
def offers(request: ActingRequest) -> HttpResponse:
    """Newest first; ``?state=&service=&page=``."""
    return render(request, "referrals/partner/offers.html", {**OfferList(request).context(), "moment": now()})


@require_safe
@role_required("partner.read")
def offers_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, money in yuan."""
    return OfferList(request).file()

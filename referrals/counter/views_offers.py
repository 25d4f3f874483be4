"""``/partner/offers/``: every request that was laid before the institution, by state and service. Never a name."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import role_required
from accounts.actor import ActingRequest
from kernel.clock import now
from referrals.counter.lists import OfferList


@require_safe
@role_required("partner.read")
def offers(request: ActingRequest) -> HttpResponse:
    """Newest first; ``?state=&service=&page=``."""
    cards = reverse("partner_cards") if request.actor.may("card.read") else ""
    context = {**OfferList(request).context(), "moment": now(), "cards_url": cards}
    return render(request, "referrals/partner/offers.html", context)


@require_safe
@role_required("partner.read")
def offers_csv(request: ActingRequest) -> HttpResponse:
    """The same list as a file, money in yuan."""
    return OfferList(request).file()

"""What the pages of somebody who has left have in common: the link is opened anew each time, and only what runs is found."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables

from accounts.actor import Actor
from kernel.errors import NotFound
from referrals.access import access_own_referral, access_own_use
from referrals.models import Booking, Redemption, Referral
from referrals.workflow.leaver_links import Leaver, open_link
from tenancy.middleware import HostRequest
from tenancy.models import Tenant

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Visit:
    """One look through a link. Whoever may be signed in at this browser plays no part: ``actor`` is the link's own person."""

    token: str
    leaver: Leaver
    tenant: Tenant

    @property
    def actor(self) -> Actor:
        """Who acts on these pages."""
        return self.leaver.actor

    def url(self, name: str, *args: Any) -> str:
        """The address of another of these pages."""
        return reverse(name, args=[self.token, *args])

    def done(self) -> HttpResponse:
        """Back to the page after an act; to the closing word when nothing runs any more, since the link is over then."""
        try:
            open_link(self.token, self.tenant)
        except NotFound:
            return HttpResponseRedirect(reverse("leaver_over"), status=SEE_OTHER)
        return HttpResponseRedirect(self.url("leaver"), status=SEE_OTHER)

    def booking(self, booking_id: UUID) -> Booking:
        """One appointment of the person's own, with its request, or NotFound."""
        found = Booking.objects.select_related("service", "partner").filter(pk=booking_id).first()
        if found is None:
            raise NotFound
        found.referral = self.referral(found.referral_id)
        return found

    def referral(self, referral_id: UUID) -> Referral:
        """One request of the person's own, or NotFound."""
        return access_own_referral(self.actor, referral_id)

    def use(self, redemption_id: UUID) -> Redemption:
        """One use of a voucher of the person's own, or NotFound."""
        return access_own_use(self.actor, redemption_id)


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Opens the link while something is booked. Afterwards nothing can be booked, moved or cancelled: back to the page, which says so."""

    @wraps(view)
    def within(request: HttpRequest, visit: Visit, **ids: Any) -> HttpResponse:
        if visit.leaver.is_over:
            messages.info(request, _("The days for what was booked are over. Nothing was changed."))
            return visit.done()
        return view(request, visit, **ids)

    return by_link_to_answer(within)


def by_link_to_answer(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Opens the link, or answers with the one page that every closed or unknown one gets; what is answered is kept by nobody."""

    @never_cache
    @sensitive_variables("token")
    @wraps(view)
    def opened(request: HostRequest, token: str, **ids: Any) -> HttpResponse:
        tenant = request.tenant
        try:
            visit = Visit(token, open_link(token, tenant), tenant)
        except NotFound:
            return unfound(render(request, "referrals/left/shut.html", {"quick_exit": True}, status=NotFound.status))
        return unfound(view(request, visit, **ids))

    return opened


def unfound(response: HttpResponse) -> HttpResponse:
    """An answer whose address is a secret: no index keeps it. The referrer stays within the site (``SECURE_REFERRER_POLICY``)."""
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response

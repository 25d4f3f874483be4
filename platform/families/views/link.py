"""The page behind a family link: a family's area without an account. GET only shows; each POST acts once (rules §4).

Unknown, spent and ended links give one answer, so that nobody learns from an address whether it ever was one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from accounts.refused import already_recorded
from audit import refuse
from families.cards import Visit, family_cards
from families.links import OpenLink, open_link, other_agreements
from families.models import Consent
from families.states import ConsentState
from families.workflow import FAMILY, answer_consent, put_off_answer, withdraw_by_link
from kernel.errors import Conflict, DomainError, NotFound
from tenancy.middleware import HostRequest
from ui.addresses import HOST_ALONE

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Tip:
    """Something worth reading for a family: a public page of the school."""

    title: str
    summary: str
    url: str


Tips = Callable[[], Iterable[Tip]]


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def family_link(request: HostRequest, token: str, *, tips: Tips = tuple) -> HttpResponse:
    """Who named you, what for, and agree / refuse / later; after agreeing, withdraw at any time."""
    try:
        opened = open_link(token)
    except NotFound:
        return shut(request)
    if request.method != "POST":
        return _page(request, opened, token, tips)
    try:
        consent = _act(token, request.POST.get("answer", ""), request.POST.get("purpose", ""))
    except (Conflict, NotFound) as refused:
        return _refused(request, token, opened, tips, refused)
    is_own = consent is not None and consent.pk == opened.consent.pk
    if consent is not None and is_own and consent.state != ConsentState.GIVEN:
        return HttpResponseRedirect(reverse("family_thanks"), status=SEE_OTHER)
    return HttpResponseRedirect(reverse("family_link", args=[token]), status=SEE_OTHER)


@never_cache
@require_safe
def family_thanks(request: HttpRequest, *, tips: Tips = tuple) -> HttpResponse:
    """After a no: the link is spent, so this page holds nothing of it and looks the same for everybody."""
    return private(render(request, "families/thanks.html", {"tips": tips(), "quick_exit": True}))


def _act(token: str, answer: str, purpose: str) -> Consent | None:
    """What the button says; None when it was put off."""
    if answer == "later":
        put_off_answer(token=token)
        return None
    if answer == "withdraw":
        return withdraw_by_link(token=token, purpose=purpose)
    return answer_consent(token=token, answer=answer)


def _refused(request: HostRequest, token: str, opened: OpenLink, tips: Tips, refused: DomainError) -> HttpResponse:
    """Pressed twice, or a button this link does not have: the page tells how things stand, and nothing moved."""
    refuse(actor=FAMILY, action="consent.answer", code=refused.reason, obj=opened.consent)
    try:
        response = _page(request, open_link(token), token, tips, status=Conflict.status)
    except NotFound:
        response = shut(request)
    already_recorded(response)  # a signed-in reader leaves no second row
    return response


def _page(request: HostRequest, opened: OpenLink, token: str, tips: Tips, *, status: int = 200) -> HttpResponse:
    school = request.tenant
    context = {
        "opened": opened,
        "others": other_agreements(opened),
        "cards": family_cards(Visit(request, opened, token)),
        "tips": tips(),
        "school": school,
        "quick_exit": True,
    }
    return private(render(request, "families/link.html", context, status=status))


def shut(request: HttpRequest) -> HttpResponse:
    """The one page for every address that opens nothing."""
    return private(render(request, "families/shut.html", {"quick_exit": True}, status=NotFound.status))


def private(response: HttpResponse) -> HttpResponse:
    """An answer whose address is a secret."""
    response["Referrer-Policy"] = HOST_ALONE
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response

"""The page behind a family link. GET only shows; POST acts, once (rules §4)."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from audit import refuse
from families.links import OpenLink, open_link
from families.workflow import FAMILY, answer_consent, withdraw_by_link
from kernel.errors import Conflict

SEE_OTHER = 303
GONE = 410


@never_cache
@sensitive_variables("token")
@require_http_methods(["GET", "HEAD", "POST"])
def family_link(request: HttpRequest, token: str) -> HttpResponse:
    """Who named you, what for, and agree / refuse / later; afterwards the state, and withdrawing."""
    opened = open_link(token)
    if request.method != "POST":
        return _page(request, opened)
    answer = request.POST.get("answer", "")
    if answer == "later":
        return _page(request, opened, later=opened.may_answer)
    try:
        if answer == "withdraw":
            withdraw_by_link(token=token)
        elif withdraw_token := answer_consent(token=token, answer=answer).withdraw_token:
            token = withdraw_token
    except Conflict as refused:
        # Pressed twice, or the link had ended: the page tells how things stand, and nothing moved.
        refuse(actor=FAMILY, action="consent.answer", code=refused.reason, obj=opened.consent)
        return _page(request, open_link(token), status=Conflict.status)
    return HttpResponseRedirect(reverse("family_link", args=[token]), status=SEE_OTHER)


def _page(request: HttpRequest, opened: OpenLink, *, later: bool = False, status: int = 200) -> HttpResponse:
    if status == HttpResponse.status_code and opened.is_expired:
        status = GONE
    context = {"opened": opened, "later": later, "school": request.tenant, "quick_exit": True}  # type: ignore[attr-defined]
    response = render(request, "families/link.html", context, status=status)
    response["Referrer-Policy"] = "no-referrer"  # the address is a secret
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response

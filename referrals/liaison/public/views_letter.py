"""``/letter/<token>/``: whether a printed letter is the school's and still good, without an account and without a word about anybody."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kernel.clock import now
from kernel.errors import NotFound
from referrals.liaison.card_states import UNDER_WAY, CardState, stands_as
from referrals.liaison.workflow.letters import copy_of
from tenancy.models import Tenant
from ui.names import named
from ui.templatetags.ui import school_day


@require_safe
def letter(request: HttpRequest, token: str) -> HttpResponse:
    """Number, copy, day, institution, and whether it is good. One answer for every other code: there is no such letter."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    copy = copy_of(token) if tenant else None
    if tenant is None or copy is None:
        raise NotFound
    case = copy.hand_on
    state = stands_as(case.state, case.until, now())
    context = {
        "number": case.number,
        "copy": copy.number,
        "day": school_day(tenant.day_of(copy.at)),
        "until": school_day(tenant.day_of(case.until)),
        "school": named(tenant),
        "agency": named(case.partner),
        "is_good": state in UNDER_WAY or state == CardState.ANSWERED,
    }
    response = render(request, "liaison/public/letter.html", context)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response

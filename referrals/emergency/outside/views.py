"""``/a/`` and ``/a/<token>/``: whoever was called answers, and reads their own card (chain §4). The platform's host only.

GET moves nothing, so that a scanner of mails or a preview of a message takes no leg. The secret in the address is the right
to answer; to read the card it takes the browser that pressed, or the last four digits of the number that was called.
"""

import hmac
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts import tries
from accounts.refused import already_recorded, remember
from audit import refuse
from kernel.errors import Conflict, DomainError, Invalid, NotFound, TooMany
from referrals.emergency import secrets
from referrals.emergency.models import Recipient
from referrals.emergency.outside import finding
from referrals.emergency.outside.forms import LAST_DIGITS, CodeForm, LastDigitsForm, OneCodeForm
from referrals.emergency.outside.shown import Shown, shown
from referrals.emergency.rules.outside import Face
from referrals.emergency.workflow import card_codes, outside
from referrals.emergency.workflow.answering import NOT_STATED
from referrals.emergency.workflow.moving import chain_now
from referrals.emergency.workflow.outside import OUTSIDE, Said
from tenancy.middleware import HostRequest
from tenancy.models import Tenant
from tenancy.scope import use_tenant
from ui.refusals import explain

SEE_OTHER: Final = 303
COOKIE_PATH: Final = "/a/"
COOKIE_LIFE: Final = timedelta(days=7)
BY_CODE_LIFE: Final = timedelta(minutes=30)
"""How long the code of a call keeps the card open."""
LOCKED_MINUTES: Final = 15
"""As ``ACCOUNT_RATE_LIMITS`` has it for ``outside_secret``."""
_SALT: Final = "emergency card"


def _apart(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """On the platform's host alone; kept nowhere, found by no search engine, its address told to nobody.

    No token against forged forms: it needs a cookie, and who can forge one knows the secret, which is all there is to know.
    """

    @csrf_exempt
    @never_cache
    @sensitive_post_parameters()
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def looked_at(request: HostRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.on_platform:
            raise NotFound
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "no-referrer"
        response["X-Robots-Tag"] = "noindex, nofollow"
        return response

    return looked_at


@_apart
def code(request: HttpRequest) -> HttpResponse:
    """Type the code of the message and the last four digits; leads to the link, and tells nothing else."""
    form = CodeForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _code_page(request, form)
    typed, digits = form.cleaned_data["code"], form.cleaned_data["digits"]
    counted = tries.take(request, "outside_secret", key=typed)
    if counted is None:
        return _locked(request)
    recipient = next((pk for tenant, pk in finding.by_code(typed) if _fits(tenant, pk, digits)), None)
    if recipient is None:
        form.say_wrong()
        return _code_page(request, form)
    counted.give_back()
    response = _to(secrets.token_of(recipient))
    _remember(response, recipient)
    return response


@_apart
@sensitive_variables("token")
def link(request: HttpRequest, token: str) -> HttpResponse:
    """One link: what is asked, then the card. Unknown, forged, spent and over are the same 404, which says what to do with an
    old message.
    """
    try:
        return _link(request, token)
    except NotFound as missing:
        remember(missing)
        return render(request, "emergency/outside/gone.html", status=missing.status)


@sensitive_variables("token")
def _link(request: HttpRequest, token: str) -> HttpResponse:
    found = finding.by_token(token)
    if found is None:
        raise NotFound
    look = _look(found)
    is_open = _is_remembered(request, found.pk)
    if request.method != "POST":
        return _page(request, look, is_open)
    act = request.POST.get("act", "")
    if act == "prove":
        return _prove(request, token, found, look)
    if act == "code":
        return _by_code(request, token, found, look)
    with use_tenant(found.tenant_id):
        try:
            is_theirs = _act(act, found.pk, request, is_open)
        except (Conflict, Invalid) as refused:
            return _refused(request, found, refused, is_open)
    response = _to(token)
    if is_theirs:
        _remember(response, found.pk)
    return response


def _look(found: finding.Located) -> Shown:
    school = Tenant.objects.get(pk=found.tenant_id)
    with use_tenant(found.tenant_id):
        recipient = Recipient.objects.select_related("step", "leg__incident", "leg__taken_by").get(pk=found.pk)
        return shown(recipient, school, chain_now())


def _act(act: str, recipient: UUID, request: HttpRequest, is_open: bool) -> bool:
    """What the button says. True when it was "I have it" and it counted. The card's buttons need the card to be open."""
    name, words = request.POST.get("name", ""), request.POST.get("words", "")
    if act == Said.TAKE:
        return outside.answer(recipient_id=recipient, said=Said.TAKE, eta=_eta(request, NOT_STATED), name=name)
    if act in (Said.DECLINE, Said.WRONG_NUMBER):
        outside.answer(recipient_id=recipient, said=Said(act), name=name)
        return False
    if act == "ring":
        card_codes.ring(recipient_id=recipient)
        return False
    if not is_open:
        raise Conflict("not_yours_now")
    match act:
        case "arrived":
            outside.arrived(recipient_id=recipient)
        case "still":
            outside.still_there(recipient_id=recipient)
        case "later":
            outside.other_time(recipient_id=recipient, eta=_eta(request, 0))
        case "cannot":
            outside.cannot_come(recipient_id=recipient, words=words)
        case "done":
            outside.done(recipient_id=recipient, words=words)
        case "colleague":
            outside.colleague_has_it(recipient_id=recipient, name=name)
        case _:
            raise Conflict("not_yours_now")
    return False


def _eta(request: HttpRequest, missing: int) -> int:
    """Minutes; 0, which is no time that may be named, for what is no number."""
    typed = request.POST.get("eta", "")
    if not typed:
        return missing
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 4 else 0


def _prove(request: HttpRequest, token: str, found: finding.Located, look: Shown) -> HttpResponse:
    """The last four digits open the card in this browser."""
    form = LastDigitsForm(request.POST)
    if not form.is_valid():
        return _page(request, look, is_open=False, form=form)
    counted = tries.take(request, "outside_secret", key=str(found.pk))
    if counted is None:
        return _locked(request, look)
    if not _fits(found.tenant_id, found.pk, form.cleaned_data["digits"]):
        form.add_error("digits", str(explain("digits_wrong").title))
        return _page(request, look, is_open=False, form=form)
    counted.give_back()
    response = _to(token)
    _remember(response, found.pk)
    return response


def _by_code(request: HttpRequest, token: str, found: finding.Located, look: Shown) -> HttpResponse:
    """The code that a call has read out opens the card in this browser, for half an hour."""
    form = OneCodeForm(request.POST)
    if not form.is_valid():
        return _page(request, look, is_open=False, code_form=form)
    counted = tries.take(request, "outside_secret", key=str(found.pk))
    if counted is None:
        return _locked(request, look)
    with use_tenant(found.tenant_id):
        try:
            is_right = card_codes.open_by_code(recipient_id=found.pk, code=form.cleaned_data["code"])
        except Conflict as refused:
            return _refused(request, found, refused, is_open=False)
    if not is_right:
        form.add_error("code", _("This code opens nothing. It holds ten minutes, and opens once."))
        return _page(request, look, is_open=False, code_form=form)
    counted.give_back()
    response = _to(token)
    _remember(response, found.pk, by_code=True)
    return response


def _fits(tenant_id: UUID, recipient_id: UUID, digits: str) -> bool:
    """Whether the number that was called ends so."""
    with use_tenant(tenant_id):
        recipient = Recipient.objects.filter(pk=recipient_id).first()
        address = recipient.address if recipient is not None else ""
    return len(address) > LAST_DIGITS and hmac.compare_digest(address[-LAST_DIGITS:].encode(), digits.encode())


def _refused(request: HttpRequest, found: finding.Located, refused: DomainError, is_open: bool) -> HttpResponse:
    """Pressed twice, too late, or what this link cannot do: how things stand now, and one row of the record."""
    with use_tenant(found.tenant_id):
        incident = Recipient.objects.select_related("leg__incident").get(pk=found.pk).leg.incident
        refuse(actor=OUTSIDE, action="incident.outside", code=refused.reason, obj=incident)
    response = _page(request, _look(found), is_open, told=explain(refused.reason), status=refused.status)
    already_recorded(response)  # a signed-in reader leaves no second row
    return response


def _page(request: HttpRequest, look: Shown, is_open: bool, *, status: int = 200, **more: Any) -> HttpResponse:
    if look.face is Face.ASK:
        template = "ask"
    elif look.face is Face.CARD:
        template = "card" if is_open else "prove"
        more.setdefault("form", LastDigitsForm())
        more.setdefault("code_form", OneCodeForm())
    else:
        template = "calm"
    context = {"look": look, "preset": NOT_STATED, **more}
    return render(request, f"emergency/outside/{template}.html", context, status=status)


def _code_page(request: HttpRequest, form: CodeForm) -> HttpResponse:
    return render(request, "emergency/outside/code.html", {"form": form})


def _locked(request: HttpRequest, look: Shown | None = None) -> HttpResponse:
    response = render(
        request, "emergency/outside/locked.html", {"look": look, "minutes": LOCKED_MINUTES}, status=TooMany.status
    )
    response["Retry-After"] = str(LOCKED_MINUTES * 60)
    return response


def _to(token: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("outside", args=[token]), status=SEE_OTHER)


def _cookie(recipient: UUID, *, by_code: bool = False) -> str:
    """A name for each recipient: a duty desk may have two at once."""
    return f"{'code' if by_code else 'card'}_{recipient.hex[-12:]}"


def _remember(response: HttpResponse, recipient: UUID, *, by_code: bool = False) -> None:
    response.set_signed_cookie(
        _cookie(recipient, by_code=by_code),
        recipient.hex,
        salt=_SALT,
        max_age=BY_CODE_LIFE if by_code else COOKIE_LIFE,
        path=COOKIE_PATH,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _is_remembered(request: HttpRequest, recipient: UUID) -> bool:
    """By the cookie's own time, not by the browser's: it is kept by whoever copies it."""
    for by_code, life in ((False, COOKIE_LIFE), (True, BY_CODE_LIFE)):
        said = request.get_signed_cookie(_cookie(recipient, by_code=by_code), default="", salt=_SALT, max_age=life)
        if said == recipient.hex:
            return True
    return False

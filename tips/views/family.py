"""``/family/<token>/tips/…`` and ``/stop/``: tips by e-mail, for people without an account. GET shows, POST acts."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from families.links import OpenLink, find, open_link
from families.models import FamilyLink
from families.purposes import Purpose
from families.states import ConsentState
from families.views.link import private, shut
from families.workflow import withdraw_by_link
from kernel.errors import Conflict, DomainError, NotFound
from tips.family_cards import standing_of
from tips.forms import AddressForm, CodeForm, PhoneForm, TipsForm
from tips.models import Letter
from tips.workflow.sending import send_letter
from tips.workflow.wanting import ask_tips, ask_tips_by_number, confirm_tips, drop_address, note_seen

BAD_FORM: Final = 422
ONE_CLICK: Final = ("List-Unsubscribe", "One-Click")
"""What a mail program posts (RFC 8058)."""

View = Callable[..., HttpResponse]


def _by_link(view: View) -> View:
    """With the open link of an agreement to tips that stands; for every other address the page that opens nothing."""

    @never_cache
    @sensitive_post_parameters()
    @wraps(view)
    def looked_at(request: HttpRequest, token: str, **more: Any) -> HttpResponse:
        try:
            opened = open_link(token)
            if opened.link.purpose != Purpose.TIPS or opened.consent.state != ConsentState.GIVEN:
                raise NotFound
            return private(view(request, token, opened, **more))
        except NotFound:
            return shut(request)

    return looked_at


@require_http_methods(["GET", "HEAD", "POST"])
@_by_link
@sensitive_variables("token")
def ask(request: HttpRequest, token: str, opened: OpenLink) -> HttpResponse:
    """Type an address and how often. What answers is the page for the code."""
    standing = standing_of(opened.consent, is_letter=opened.is_letter)
    if not standing.is_offered:
        return redirect("family_link", token=token)
    return _asked(request, token, opened, AddressForm(request.POST or None, label_suffix=""), ask_tips, "tips/ask.html")


@require_http_methods(["GET", "HEAD", "POST"])
@_by_link
@sensitive_variables("token")
def ask_by_number(request: HttpRequest, token: str, opened: OpenLink) -> HttpResponse:
    """Type a number: a code goes there, and the tips then stand on the page by themselves."""
    standing = standing_of(opened.consent, is_letter=opened.is_letter)
    if opened.is_letter or not standing.takes_numbers:
        return redirect("family_link", token=token)
    form = PhoneForm(request.POST or None, label_suffix="")
    return _asked(request, token, opened, form, ask_tips_by_number, "tips/ask_by_number.html")


def _asked(
    request: HttpRequest, token: str, opened: OpenLink, form: TipsForm, write: Callable[..., Letter], template: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            letter = write(token=token, **form.cleaned_data)
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            send_letter(letter_id=letter.pk)  # if this process dies before, the next round sends it
            return redirect("tips_code", token=token)
    context = {"form": form, "token": token, "text": opened.text, "quick_exit": True}
    return render(request, template, context, status=BAD_FORM if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@_by_link
@sensitive_variables("token")
def code(request: HttpRequest, token: str, opened: OpenLink) -> HttpResponse:
    """Type the code that came to the address."""
    standing = standing_of(opened.consent, is_letter=opened.is_letter)
    if not standing.waits_for_code:
        return redirect("family_link", token=token)
    form = CodeForm(request.POST or None, label_suffix="")
    if request.method == "POST" and form.is_valid():
        try:
            confirm_tips(token=token, code=form.cleaned_data["code"])
        except NotFound:
            raise
        except DomainError as error:
            form.refuse(error)
        else:
            if standing.by_number:
                messages.success(request, _("Done. From Friday on, something new stands on this page."))
            else:
                messages.success(request, _("Done. The first letter comes between Friday and Sunday."))
            return redirect("family_link", token=token)
    context = {"form": form, "token": token, "by_number": standing.by_number, "quick_exit": True}
    return render(request, "tips/code.html", context, status=BAD_FORM if form.errors else 200)


@require_POST
@_by_link
@sensitive_variables("token")
def seen(request: HttpRequest, token: str, opened: OpenLink) -> HttpResponse:
    """Somebody is here: by the button, or by the page's script at the first touch."""
    note_seen(token=token)
    if request.headers.get("X-Requested-With"):
        return HttpResponse(status=204)
    messages.success(request, _("Thank you. They go on coming."))
    return redirect("family_link", token=token)


@require_http_methods(["GET", "HEAD", "POST"])
@_by_link
@sensitive_variables("token")
def off(request: HttpRequest, token: str, opened: OpenLink) -> HttpResponse:
    """No more letters; the page stays."""
    if request.method == "POST":
        drop_address(token=token)
        messages.success(request, _("No more letters come. Your address is deleted."))
        return redirect("family_link", token=token)
    return render(request, "tips/off.html", {"token": token, "quick_exit": True})


@csrf_exempt  # RFC 8058: the mail program has no cookie; the secret in the address is the right to stop
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("token")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Stop all tips: GET asks, POST stops. A second POST gets the same answer, and so does a mail program's."""
    is_program = request.POST.get(ONE_CLICK[0]) == ONE_CLICK[1]
    try:
        opened = open_link(token)
    except NotFound:
        return private(_stopped(request)) if request.method == "POST" and _was_ended(token) else shut(request)
    if opened.link.purpose != Purpose.TIPS or opened.link.act == FamilyLink.Act.ANSWER:
        return shut(request)
    if request.method != "POST":
        return private(render(request, "tips/stop.html", {"token": token, "quick_exit": True}))
    with suppress(Conflict):  # pressed twice at once
        withdraw_by_link(token=token)
    return private(HttpResponse(status=200) if is_program else _stopped(request))


def _stopped(request: HttpRequest) -> HttpResponse:
    return render(request, "tips/stopped.html", {"quick_exit": True})


def _was_ended(token: str) -> bool:
    """The link of an agreement to tips that was ended: whoever stops it again is told the same."""
    try:
        link = find(token)
    except NotFound:
        return False
    return link.purpose == Purpose.TIPS and link.act != FamilyLink.Act.ANSWER

"""``/school/channels/``: which ways out there are, one account with its rules, and "send me a test"."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import role_required
from accounts.actor import ActingRequest
from accounts.phone_proof import proved_phone_of
from kernel.errors import DomainError, NotFound
from notifications.providers import mark
from notifications.providers.gateway import Gateway
from notifications.results import in_words
from notifications.school.forms import AccountForm, ProofForm, RulesForm
from notifications.selectors import Way, rules_of, ways
from notifications.standing import lines_of, standing_of
from notifications.workflow import prove, save_account, save_rules, send_test
from ui.navigation import at_desk
from vault.phones import mask_phone


@require_http_methods(["GET", "HEAD"])
@role_required("channel.manage")
def channels(request: ActingRequest) -> HttpResponse:
    """Every way out and how it stands."""
    found = ways()
    standing = standing_of([way.account for way in found if way.account is not None])
    rows = [
        {
            "way": way,
            "result": _result(way),
            "lines": lines_of(standing.get(way.account.pk)) if way.account is not None else [],
        }
        for way in found
    ]
    context = at_desk(request, "school", rows=rows, has_mark=mark.is_open(), has_gateway=Gateway.is_set())
    return render(request, "notifications/channels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@role_required("channel.manage")
def channel(request: ActingRequest, provider: str, way: str) -> HttpResponse:
    """One way out: its account, a test, what it may carry."""
    found = _way(provider, way)
    form = AccountForm(request.POST if request.method == "POST" else None, entry=found.entry, account=found.account)
    if form.is_valid():
        try:
            save_account(actor=request.actor, provider=provider, channel=way, **form.account())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("channel", provider, way)
    return _page(request, found, form=form)


@require_POST
@role_required("channel.manage")
def channel_rules(request: ActingRequest, provider: str, way: str) -> HttpResponse:
    """What the channel may carry."""
    found = _entered(provider, way)
    form = RulesForm(request.POST, channel=way, rules=rules_of(provider, way))
    if form.is_valid():
        try:
            save_rules(actor=request.actor, provider=provider, channel=way, rules=form.chosen())
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("Saved."))
            return redirect("channel", provider, way)
    return _page(request, found, rules=form)


@require_POST
@role_required("channel.manage")
def channel_test(request: ActingRequest, provider: str, way: str) -> HttpResponse:
    """Send a test to one's own proven number; the page tells what came of it."""
    _entered(provider, way)
    account = send_test(actor=request.actor, tenant=request.tenant, provider=provider, channel=way)
    if account.test_result:
        messages.warning(request, in_words(account.test_result))
    else:
        messages.success(request, in_words(""))
    return redirect(f"{reverse('channel', args=[provider, way])}#test")


@require_POST
@role_required("channel.manage")
def channel_prove(request: ActingRequest, provider: str, way: str) -> HttpResponse:
    """The digits that arrived."""
    found = _entered(provider, way)
    form = ProofForm(request.POST)
    if form.is_valid():
        try:
            prove(actor=request.actor, provider=provider, channel=way, code=form.cleaned_data["code"])
        except DomainError as error:
            form.refuse(error)
        else:
            messages.success(request, gettext("It arrived: this channel is proven."))
            return redirect("channel", provider, way)
    return _page(request, found, proof=form)


def _page(request: ActingRequest, way: Way, **forms: Any) -> HttpResponse:
    """The page of one way out, with whichever form was sent."""
    entry, account = way.entry, way.account
    phone = proved_phone_of(request.actor)
    sent = next((form for form in forms.values() if form.is_bound), None)
    context = {
        "account_form": forms.get("form") or AccountForm(entry=entry, account=account),
        "rules_form": forms.get("rules") or RulesForm(channel=entry.channel, rules=rules_of(*entry.key)),
        "proof_form": forms.get("proof") or ProofForm(),
        "way": way,
        "result": _result(way),
        "lines": lines_of(standing_of([account]).get(account.pk)) if account is not None else [],
        "phone": mask_phone(phone),
        "has_mark": mark.is_open(),
        "callback": _callback(request, way),
    }
    if sent is not None:
        context["form"] = sent  # the frame writes "please look" into the title
    return render(
        request,
        "notifications/channel.html",
        at_desk(request, "school", **context),
        status=422 if sent is not None and sent.errors else 200,
    )


def _way(provider: str, channel: str) -> Way:
    """A way of the catalogue. NotFound for any other."""
    found = next((way for way in ways() if way.entry.key == (provider, channel)), None)
    if found is None:
        raise NotFound
    return found


def _entered(provider: str, channel: str) -> Way:
    """One whose account stands."""
    found = _way(provider, channel)
    if found.account is None:
        raise NotFound
    return found


def _result(way: Way) -> Any:
    """Of the last test, in words; empty when there was none, or when its digits were typed."""
    account = way.account
    if account is None or account.tested_at is None:
        return ""
    is_settled = account.proven_at is not None and account.proven_at >= account.tested_at and not account.test_result
    return "" if is_settled else in_words(account.test_result)


def _callback(request: ActingRequest, way: Way) -> str:
    """The address that the provider is told; empty for one that calls nobody."""
    if not way.entry.callback or way.account is None:
        return ""
    return request.build_absolute_uri(reverse(way.entry.callback, args=[way.account.pk]))

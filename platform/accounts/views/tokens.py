"""``/accounts/tokens/``: one's own access keys for programs."""

from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.actor import ActingRequest
from accounts.forms import TokenForm
from accounts.tokens import issue_token, own_tokens, revoke_token
from kernel.clock import now
from kernel.errors import DomainError


@require_http_methods(["GET", "POST"])
@signed_in
@reauthentication_required(allow_get=True)  # allauth has no types
def tokens(request: ActingRequest) -> HttpResponse:
    """The list, and a form for a new key, made after the password was given once more. Its text is on the page that answers the POST, and nowhere else ever."""
    form = TokenForm(request.POST or None)
    raw = ""
    if request.method == "POST" and form.is_valid():
        try:
            _token, raw = issue_token(actor=request.actor, **form.cleaned_data)
        except DomainError as error:
            form.refuse(error)
        else:
            form = TokenForm()
    context = {"form": form, "tokens": own_tokens(request.actor)[:50], "raw": raw, "now": now()}
    return render(request, "accounts/tokens.html", context, status=422 if form.errors else 200)


@require_POST
@signed_in
def revoke(request: ActingRequest, token_id: UUID) -> HttpResponse:
    """End a key at once."""
    revoke_token(actor=request.actor, token_id=token_id)
    messages.success(request, _("The key no longer works."))
    return redirect("account_tokens")

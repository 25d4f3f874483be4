"""The link of an invitation, and the page on which a signed-in person takes the place that waits for them."""

from typing import Any, Final
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.invitations import Waiting, accept_signed_in, accept_with_password, has_account, invited, waiting_for
from accounts.models import User
from accounts.places import actor_at, home_of
from kernel.errors import Conflict, NotFound
from tenancy.models import Tenant

_CHOOSE: Final = "choose"
"""In the address: the form for a first password, where the address has no account yet."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites; then a first password, or the sign-in of an account that has this address already.

    The first page is the same for both, and its button redirects: ``?choose`` is the address of the form, so Back and
    another language find it again. A link that is wrong, used or too old always gets the same other page.
    """
    tenant = _tenant(request)
    try:
        waiting = invited(token, tenant)
        if request.method == "POST":
            return _go_on(request, token, tenant, waiting)
    except NotFound:
        return render(request, "accounts/invitation_ended.html", status=404)
    context: dict[str, Any] = {"waiting": waiting}
    if _CHOOSE in request.GET:
        if has_account(waiting.row):
            return redirect("account_invitation", token=token)
        context["form"] = SetPasswordForm(User(email=waiting.row.email))
    return render(request, "accounts/invitation.html", context)


def _go_on(request: HttpRequest, token: str, tenant: Tenant, waiting: Waiting) -> HttpResponse:
    if has_account(waiting.row):
        return _sign_in(request, waiting)
    if "new_password1" not in request.POST:
        return redirect(reverse("account_invitation", args=[token], query={_CHOOSE: "1"}))
    form = SetPasswordForm(User(email=waiting.row.email), request.POST)
    if form.is_valid():
        try:
            accept_with_password(token=token, tenant=tenant, password=form.cleaned_data["new_password1"])
        except Conflict:  # another school's invitation was accepted meanwhile
            return _sign_in(request, waiting)
        except ValidationError as error:  # the place changed between the two looks
            form.add_error("new_password2", error)
        else:
            messages.success(request, _("Your password is set. Please sign in."))
            return redirect("account_login")
    context = {"waiting": waiting, "form": form}
    return render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)


def _sign_in(request: HttpRequest, waiting: Waiting) -> HttpResponse:
    """To the account that has proved the address. Who is signed in with it already is led on, or told that they are here."""
    here, guest = request.user, getattr(request, "guest", None)
    if isinstance(here, User) and here.email == waiting.row.email:
        raise Conflict("place_held")
    if guest is not None and guest.email == waiting.row.email:
        return redirect("account_place")
    messages.info(request, _("There is an account with this address. Sign in with it, then take the place."))
    return redirect(f"{reverse('account_login')}?{urlencode({'next': reverse('account_place')})}")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def place(request: HttpRequest) -> HttpResponse:
    """The place that waits for what the signed-in account has proved: look (GET), take it (POST)."""
    tenant, guest = _tenant(request), getattr(request, "guest", None)
    if guest is None:
        actor = getattr(request, "actor", None)
        return redirect(home_of(actor)) if actor is not None else redirect_to_login(request.path)
    waiting = waiting_for(tenant, guest)
    if waiting is None:
        return redirect_to_login(request.path)
    if request.method == "POST":
        try:
            accept_signed_in(tenant=tenant, user=guest, shown=request.POST.get("place", ""))
        except NotFound:  # the place that was shown has ended meanwhile: whichever waits now is shown first
            return redirect("account_place")
        messages.success(request, _("Welcome. The place is yours."))
        return redirect(home_of(actor_at(tenant, guest)))
    context: dict[str, Any] = {"waiting": waiting, "account": guest}
    return render(request, "accounts/place.html", context)


def _tenant(request: HttpRequest) -> Tenant:
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None:
        raise NotFound
    return tenant

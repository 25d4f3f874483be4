"""View decorators: sign-in and permission. A person with another role sees 404, like everything foreign."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect

from accounts.actor import ActingRequest
from accounts.invitations import waiting_for
from kernel.errors import NotFound
from tenancy.middleware import HostRequest

View = Callable[..., HttpResponse]


def signed_in(view: View) -> View:
    """Anonymous → the sign-in page, and back afterwards. Who has not taken their place yet → the page that offers it."""

    @wraps(view)
    def guarded(request: HostRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request, "actor", None) is None:
            guest = getattr(request, "guest", None)
            if guest is not None and waiting_for(request.tenant, guest) is not None:
                return redirect("account_place")
            return redirect_to_login(request.get_full_path() if request.method == "GET" else request.path)
        return view(request, *args, **kwargs)

    return guarded


def role_required(permission: str) -> Callable[[View], View]:
    """Anonymous → sign-in; a role that does not grant ``permission`` → NotFound. The writer checks again."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: ActingRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.actor.may(permission):
                raise NotFound
            return view(request, *args, **kwargs)

        return signed_in(guarded)

    return decorate

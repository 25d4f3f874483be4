"""After the host's school and the session are known: who acts here. A host is not a membership (house §Tenancy)."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actor import Actor
from accounts.places import actor_at, institution_hook
from accounts.roles import SECOND_FACTOR_ROLES

_OPEN_TO_HALF_SIGNED_IN = ("/accounts/", "/static/", "/help/", "/report/", "/i18n/")


class ActorMiddleware:
    """Sets ``request.actor``. Somebody without a place on this host is nobody: ``request.user`` becomes anonymous.

    The membership is read on every request, so a disabled account, a leaver and a lost role take effect at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        institution_hook()  # a misspelt hook stops the start, not the first partner

    def __call__(self, request: Any) -> HttpResponse:
        request.actor = None
        tenant = getattr(request, "tenant", None)
        if tenant is not None and request.user.is_authenticated:
            actor = actor_at(tenant, request.user)
            if actor is None:
                request.user = AnonymousUser()
            elif _lacks_second_factor(request, actor):
                if not request.path.startswith(_OPEN_TO_HALF_SIGNED_IN):
                    return redirect("mfa_index")
            else:
                request.actor = actor
        response = self.get_response(request)
        closers: list[Callable[[], None]] = response._resource_closers  # type: ignore[attr-defined]
        closers += getattr(request, "after_answer", [])  # the server calls them when all is sent
        return response


def after_answer(request: HttpRequest, act: Callable[[], None]) -> None:
    """Do ``act`` once the whole answer has been sent. For what may be lost when the process dies: it is asked for anew."""
    acts: list[Callable[[], None]] = request.__dict__.setdefault("after_answer", [])
    acts.append(act)


def _lacks_second_factor(request: Any, actor: Actor) -> bool:
    """Whether a role demands a second factor (rules §5) and the person has none. No query once it was used to sign in."""
    if not settings.SECOND_FACTOR_REQUIRED or not actor.roles & SECOND_FACTOR_ROLES:
        return False
    if any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user)):
        return False
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=request.user, type__in=kinds).exists()

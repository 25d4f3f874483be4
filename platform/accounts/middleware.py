"""Sets ``request.actor`` from the host's school and the session. A host is not a membership (house §Tenancy)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.places import SecondFactorNeeded, admit, institution_hook

_OPEN_TO_HALF_SIGNED_IN = ("/accounts/", "/static/", "/help/", "/report/", "/i18n/")
_CACHE = "Cache-Control"
_ANSWERS_ITSELF = "/api/"
"""``accounts.api_auth`` says it there in a document: a program follows no redirect to a page."""


class ActorMiddleware:
    """Sets ``request.actor``. Somebody without a place on this host is nobody: ``request.user`` becomes anonymous, and
    ``request.guest`` is known only to the page where a waiting place is taken.

    The membership is read on every request, so a disabled account, a leaver and a lost role take effect at once.
    What a person is answered is kept by nobody on the way, unless the view says for how long.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        institution_hook()  # a misspelt hook stops the start, not the first partner

    def __call__(self, request: Any) -> HttpResponse:
        leads_elsewhere = self._admit(request)
        knew = request.user.is_authenticated
        response = leads_elsewhere or self.get_response(request)
        # Asked again: a key is looked at by the interface, and who signs in here was nobody before.
        if (knew or request.actor is not None or request.user.is_authenticated) and not response.has_header(_CACHE):
            response.headers[_CACHE] = "private, no-store"
        closers: list[Callable[[], None]] = response._resource_closers  # type: ignore[attr-defined]
        closers += getattr(request, "after_answer", [])  # the server calls them when all is sent
        return response

    def _admit(self, request: Any) -> HttpResponse | None:
        """Set who acts; an answer instead of the view for somebody who first has to set up a second factor."""
        request.actor = None
        request.guest = None
        request.half_signed_in = False
        tenant = getattr(request, "tenant", None)
        if tenant is None or not request.user.is_authenticated:
            return None
        try:
            request.actor = admit(tenant, request.user, came_in=signed_in_at(request))
        except SecondFactorNeeded:
            request.half_signed_in = True
            if not request.path.startswith((*_OPEN_TO_HALF_SIGNED_IN, _ANSWERS_ITSELF)):
                return redirect("mfa_index")
            return None
        if request.actor is None:
            request.guest, request.user = request.user, AnonymousUser()
        return None


def signed_in_at(request: HttpRequest) -> datetime | None:
    """When the person last proved who they are in this session; None where nothing was noted."""
    moments = [row["at"] for row in get_authentication_records(request, request.user) if "at" in row]
    return datetime.fromtimestamp(max(moments), UTC) if moments else None


def after_answer(request: HttpRequest, act: Callable[[], None]) -> None:
    """Do ``act`` once the whole answer has been sent. For what may be lost when the process dies: it is asked for anew."""
    acts: list[Callable[[], None]] = request.__dict__.setdefault("after_answer", [])
    acts.append(act)

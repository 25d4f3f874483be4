"""Keeps public pages for whoever is not signed in, ahead of session and form protection (experience §Budgets).

A view says of its answer until when it may be kept (``keep``); the middleware holds it by host, path and language, in the
edition in which it was made (``tenancy.editions``). Never kept: what was asked with a session, a query or a waiting
message, what sets a cookie, what bears a secret of the request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache as once_per_process
from hashlib import sha256
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import get_nonce
from django.utils.module_loading import import_string
from django.utils.translation import get_language_from_request

from kernel.clock import now
from tenancy import editions
from tenancy.editions import Edition
from tenancy.models import Tenant

LONGEST: Final = timedelta(seconds=60)
"""How long a page is kept at most, however little happens."""
_MESSAGES_COOKIE: Final = "messages"
_UNTIL: Final = "_kept_until"


@dataclass(frozen=True, slots=True)
class Kept:
    """A page as it is sent: ``until`` is UTC, ``headers`` those that were set below this middleware."""

    edition: Edition
    until: datetime
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def answer(self) -> HttpResponse:
        """The page once more. Its status is 200, nothing else is kept."""
        return HttpResponse(self.body, headers=dict(self.headers))


def keep[Answer: HttpResponse](response: Answer, tenant: Tenant) -> Answer:
    """Let ``response`` be kept until something on it may change by the clock; the view's last word."""
    setattr(response, _UNTIL, next_change(tenant, now()))
    return response


def next_change(tenant: Tenant, moment: datetime) -> datetime:
    """When a page of ``tenant`` may say something else without anybody changing it, at most ``LONGEST`` after ``moment``.

    At midnight in the school agreements, policies and reviews begin and end; the duty line opens and closes. What editors
    put on a schedule begins a new edition when it happens.
    """
    local = moment.astimezone(ZoneInfo(tenant.time_zone))
    midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    marks = [moment + LONGEST, midnight]
    if duty := _duty_changes()(tenant, moment):
        marks.append(duty)
    return min(marks)


@once_per_process
def _duty_changes() -> Callable[[Tenant, datetime], datetime | None]:
    hook: Callable[[Tenant, datetime], datetime | None] = import_string(settings.DUTY_CHANGES)
    return hook


class PageCacheMiddleware:
    """Answers with a kept page where there is one, and keeps what a view lets it keep."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        _duty_changes()  # a misspelt hook stops the start, not the first visitor

    def __call__(self, request: Any) -> HttpResponse:
        tenant: Tenant | None = getattr(request, "tenant", None)
        if tenant is None or not _may_be_kept(request):
            return self.get_response(request)
        key = _key(request, tenant)
        edition, found = editions.look(tenant.id, key)
        kept = found.get(key)
        if isinstance(kept, Kept) and kept.edition == edition and now() < kept.until:
            return kept.answer()
        response = self.get_response(request)
        if edition is not None and request.method == "GET":
            _keep(key, edition, request, response)
        return response


def _may_be_kept(request: HttpRequest) -> bool:
    """Whether the answer hangs on nothing but host, path and language."""
    return (
        request.method in ("GET", "HEAD")
        and not request.META.get("QUERY_STRING")
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
        and _MESSAGES_COOKIE not in request.COOKIES
        and "HTTP_AUTHORIZATION" not in request.META
    )


def _key(request: HttpRequest, tenant: Tenant) -> str:
    """Hashed: an address may be long, and may itself be a secret (``/family/…``)."""
    asked = f"{request.scheme} {get_language_from_request(request)} {request.path}"
    return f"page:{tenant.id}:{sha256(asked.encode()).hexdigest()}"


def _keep(key: str, edition: Edition, request: Any, response: HttpResponse) -> None:
    until: datetime | None = getattr(response, _UNTIL, None)
    if (
        until is None
        or response.status_code != 200
        or response.streaming
        or response.cookies
        or getattr(request, "actor", None) is not None
        or request.META.get("CSRF_COOKIE_NEEDS_UPDATE")
        or bool(get_nonce(request))
    ):
        return
    # A worker may remember the school of before for a while (tenancy.hosts): until then its pages are of neither edition.
    if editions.seconds_old(edition) < settings.PAGES_REST_SECONDS:
        return
    seconds = (until - now()).total_seconds()
    if seconds > 0:
        headers = tuple(response.headers.items())
        cache.set(key, Kept(edition, until, headers, response.content), seconds)

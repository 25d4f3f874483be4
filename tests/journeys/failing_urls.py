"""The product's addresses, and a few that fail: every error page is reached through the real server and middleware."""

from typing import NoReturn

from allauth.core.internal.ratelimit import handler429
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from api.failures import server_error
from kernel.errors import Conflict
from settings.urls import urlpatterns as product


def bad(request: HttpRequest) -> NoReturn:
    """400."""
    raise SuspiciousOperation


def shut(request: HttpRequest) -> NoReturn:
    """403."""
    raise PermissionDenied


def refused(request: HttpRequest) -> NoReturn:
    """409, as a writer says no."""
    raise Conflict("own_roles")


def too_often(request: HttpRequest) -> HttpResponse:
    """429, as allauth says it."""
    return handler429(request)


def broken(request: HttpRequest) -> NoReturn:
    """500."""
    raise RuntimeError("asked for by a test")


def away(request: HttpRequest) -> NoReturn:
    """503, as a database that is away says it."""
    raise OperationalError("asked for by a test")


handler500 = server_error
urlpatterns = [
    path("fails/400/", bad),
    path("fails/403/", shut),
    path("fails/409/", refused),
    path("fails/429/", too_often),
    path("fails/500/", broken),
    path("fails/503/", away),
    *product,
]

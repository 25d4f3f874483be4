"""Probes: is the process alive, can it serve, what does it count. No school, no session, no personal word."""

import hmac

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest


def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Touches nothing else."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database and broker answer, else 503 with the part that does not."""
    parts = {"database": _database(), "broker": _broker()}
    return JsonResponse(parts, status=200 if all(state == "ok" for state in parts.values()) else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _broker() -> str:
    try:
        cache.get("readyz")
    except OSError:
        return "down"
    except Exception as error:  # noqa: BLE001 - the client library has errors of its own; any of them means "down"
        return type(error).__name__
    return "ok"


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for whoever holds the token; 404 for everyone else."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)

"""Health probes and metrics of the process. They open no school and no session, and show no personal data."""

import hmac

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis.exceptions import RedisError

from operations.chain_figures import chain_figures
from operations.heartbeat import is_beating, is_working
from referrals.emergency.engine.signs import is_engine_living


def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the process answers. Asks neither database nor broker."""
    return HttpResponse("ok", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, broker, scheduler, a worker and the emergency engine are there, and somebody outside hears that the
    engine calls, else 503. Each part with its state: ok, down, unknown; ``unset`` for an address outside that is missing.
    """
    database = _database()
    engine = _engine() if database == "ok" else "unknown"
    parts = {"database": database, **_broker_and_signs(), "engine": engine, "heartbeat": _heartbeat()}
    response = JsonResponse(parts, status=200 if all(state == "ok" for state in parts.values()) else 503)
    response["Cache-Control"] = "no-store"
    return response


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "down"
    return "ok"


def _engine() -> str:
    """Its signs of life lie in the database: without it, nothing is known of the engine."""
    try:
        return "ok" if is_engine_living() else "down"
    except DatabaseError:
        return "unknown"


def _heartbeat() -> str:
    """Whether there is an address outside (chain §7: without one readiness is red), where the chain has to be watched."""
    return "unset" if settings.CHAIN_MUST_BE_WATCHED and not settings.HEARTBEAT_URL else "ok"


def _broker_and_signs() -> dict[str, str]:
    """The signs of life lie with the broker: without it, nothing is known of scheduler and workers."""
    try:
        signs = {"scheduler": is_beating(), "worker": is_working()}
    except RedisError:
        return {"broker": "down", "scheduler": "unknown", "worker": "unknown"}
    return {"broker": "ok"} | {name: "ok" if alive else "down" for name, alive in signs.items()}


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus figures, for whoever holds the token; 404 for everyone else."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        raise Http404
    return HttpResponse(generate_latest() + chain_figures(), content_type=CONTENT_TYPE_LATEST)

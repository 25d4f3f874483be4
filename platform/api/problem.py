"""Errors become RFC 9457 ``application/problem+json`` here and nowhere else (contract §API)."""

import logging
import re
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.refused import refused_as
from api.sentences import SENTENCES, explain
from kernel.errors import DomainError, Invalid
from ui.outage import OUTAGES, RETRY_AFTER

MEDIA_TYPE = "application/problem+json"

log = logging.getLogger("api")

_LIMIT = re.compile(r"[0-9][0-9–-]*|[a-z_]+(?:, [a-z_]+)*")
"""What a rule may add to a field's sentence: a number, a span, codes of a closed list."""

_DRF_CODES: tuple[tuple[type[exceptions.APIException], str], ...] = (
    (exceptions.ParseError, "malformed"),
    (exceptions.NotAuthenticated, "not_authenticated"),
    (exceptions.AuthenticationFailed, "not_authenticated"),
    (exceptions.PermissionDenied, "forbidden"),
    (exceptions.NotFound, "not_found"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.NotAcceptable, "not_acceptable"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (exceptions.Throttled, "too_many"),
)


def problem(
    status: int,
    code: str,
    *,
    params: Mapping[str, Any] | None = None,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One problem document. ``errors`` rows are ``{field, code, detail}``; ``params`` never hold a name or a secret."""
    title, detail = explain(code, status, params or {})
    body: dict[str, Any] = {
        "type": f"urn:xinqiao:problem:{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if params and "other_times" in params:
        body["other_times"] = list(params["other_times"])
    if params:
        body["params"] = {name: value for name, value in params.items() if isinstance(value, str | int | bool)}
    if errors is not None:
        body["errors"] = errors
    response = Response(body, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))
    refused_as(response, code)
    return response


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's EXCEPTION_HANDLER. What nobody foresaw is logged and answered as 500 without its text."""
    set_rollback()
    answer = known_problem(error)
    if answer is not None:
        return answer
    request = context.get("request")
    log.exception("unforeseen failure in the interface")
    # Tells Django's own error reporting (and its test client, which then raises).
    got_request_exception.send(sender=exception_handler, request=getattr(request, "_request", request))
    return problem(500, "internal")


def outage() -> Response:
    """The database does not answer; the same call may be sent again."""
    return problem(503, "unavailable", headers={"Retry-After": RETRY_AFTER})


def known_problem(error: Exception) -> Response | None:
    """The problem for a foreseen error, or None."""
    if isinstance(error, DomainError):
        return _domain_problem(error)
    if isinstance(error, OUTAGES):
        log.error("the database does not answer: %s", type(error).__name__)
        return outage()
    if isinstance(error, Http404):
        return problem(404, "not_found")
    if isinstance(error, PermissionDenied):
        return problem(403, "forbidden")
    if isinstance(error, RequestDataTooBig):
        return problem(413, "too_large")
    if isinstance(error, SuspiciousOperation):
        return problem(400, "malformed")
    if isinstance(error, exceptions.ValidationError):
        return problem(400, "invalid", errors=list(rows_of(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _drf_problem(error)
    return None


def _domain_problem(error: DomainError) -> Response:
    errors = None
    if isinstance(error, Invalid):
        errors = [
            {"field": _dotted(field), "code": code, "detail": _sentence(code, error, detail)}
            for field, code, detail in error.fields
        ]
    headers = {"Retry-After": "1"} if error.reason == "in_flight" else None
    return problem(error.status, error.reason, params=error.params, errors=errors, headers=headers)


def _dotted(field: str) -> str:
    """``windows[0].starts_at`` of a rule is ``windows.0.starts_at`` here, as a serializer names it."""
    return re.sub(r"\[(\d+)\]", r".\1", field)


def _sentence(code: str, error: DomainError, limit: str) -> str:
    """What is wrong with a field, in the reader's language; a rule's own limit or code stands behind it."""
    title, detail = explain(code, error.status, error.params)
    sentence = detail if code in SENTENCES else title
    return f"{sentence} ({limit})" if _LIMIT.fullmatch(limit) else sentence


def _drf_problem(error: exceptions.APIException) -> Response:
    code = next((code for kind, code in _DRF_CODES if isinstance(error, kind)), "refused")
    if isinstance(error, exceptions.PermissionDenied) and str(error.detail).startswith("CSRF Failed"):
        code = "csrf_failed"
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    errors: list[dict[str, str]] | None = [] if error.status_code == HTTPStatus.BAD_REQUEST else None
    return problem(error.status_code, code, errors=errors, headers=headers)


def rows_of(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested details as flat rows: ``{"windows": [{"starts_at": [...]}]}`` → field ``windows.0.starts_at``."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            yield from rows_of(inner, path if name == "non_field_errors" else _joined(path, str(name)))
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            yield from rows_of(inner, path if not isinstance(inner, Mapping | list) else _joined(path, str(index)))
    else:
        yield {"field": path, "code": str(getattr(detail, "code", "invalid")), "detail": str(detail)}


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name

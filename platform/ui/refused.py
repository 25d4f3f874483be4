"""What a page refuses leaves one row in the record, as the interface's calls do (issue A §4, promise S1)."""

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from audit.workflow import refuse
from kernel.errors import DomainError

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNAUDITED = frozenset({401, 405, 410, 429})
"""No actor, no act, or a flood: a row for each would let a person write the record at will."""
_LONGEST_ACTION = 60
_CODES = {
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
}


def remember_refusal(request: HttpRequest, error: DomainError) -> None:
    """Keep why a writer said no until the answer is known."""
    request.refusal = error.reason  # type: ignore[attr-defined]


def note_refusal(request: HttpRequest, response: HttpResponse) -> None:
    """One row for a refused act of a known person. A view that caught the error names its code in ``response.code``.

    Reading is noted only when a rule said that the thing is not the reader's; a mistyped address is not.
    """
    actor = getattr(request, "actor", None)
    status, reason = response.status_code, getattr(request, "refusal", None)
    refused = 400 <= status < 500 and status not in _UNAUDITED
    told = request.method not in _SAFE or (reason is not None and status in (403, 404))
    if actor is None or not refused or not told or getattr(response, "is_recorded", False):
        return
    code = getattr(response, "code", None) or reason or _CODES.get(HTTPStatus(status), "invalid")
    refuse(actor=actor, action=_action(request), code=code, facts={"status": status})


def _action(request: Any) -> str:
    """``page.partner_scan_look.post``: the address's name, never its ids."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unknown"
    return f"page.{plain[:_LONGEST_ACTION]}.{(request.method or 'get').lower()}"

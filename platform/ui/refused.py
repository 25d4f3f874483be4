"""Writes one audit row for each refusal of a page, as the API does for its calls (promise S1).

Refused is what a rule said no to. A slip in a form is no act: a field that is empty, a number that is not complete.
"""

import re
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.refused import remembered
from audit.workflow import refuse
from kernel.errors import Invalid

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_UNAUDITED = frozenset({401, 405, 410})
"""No actor, or no act."""
_SLIP = HTTPStatus.UNPROCESSABLE_ENTITY
"""A form shown again. Why stands in ``accounts.refused`` (an error, or the code of this answer) when it was more than a slip."""
_LONGEST_ACTION = 60
_CODES = {
    HTTPStatus.BAD_REQUEST: "malformed",
    HTTPStatus.FORBIDDEN: "forbidden",
    HTTPStatus.NOT_FOUND: "not_found",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "too_large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "unsupported_media_type",
    HTTPStatus.TOO_MANY_REQUESTS: "too_many",
}


def note_refusal(request: HttpRequest, response: HttpResponse) -> None:
    """One row for a refused act of a known person; the same again within minutes leaves none (``audit.refuse``).

    A view that answers by itself names its code by ``refused_as``. Reading is noted only when a rule said that the
    thing is not the reader's, or that the reader floods; a mistyped address is not.
    """
    actor = getattr(request, "actor", None)
    status, error = status_of(response), remembered()
    refused = 400 <= status < 500 and status not in _UNAUDITED
    told = request.method not in _SAFE or status == 429 or (error is not None and status in (403, 404))
    if actor is None or not refused or not told or getattr(response, "is_recorded", False):
        return
    named = getattr(response, "code", None)
    if isinstance(error, Invalid) or (status == _SLIP and error is None and named is None):
        return
    code = named or (error.reason if error else _CODES.get(HTTPStatus(status), "refused"))
    refuse(actor=actor, action=_action(request), code=code, facts={"status": status})


def status_of(response: HttpResponse) -> int:
    """What was answered; of a redirect to the page that says why a writer refused, the refusal's own status."""
    error = remembered()
    is_sent_on = 300 <= response.status_code < 400
    return error.status if error is not None and is_sent_on else response.status_code


def _action(request: Any) -> str:
    """``page.partner_scan_look.post``: the address's name, never its ids."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "unknown"
    return f"page.{plain[:_LONGEST_ACTION]}.{(request.method or 'get').lower()}"

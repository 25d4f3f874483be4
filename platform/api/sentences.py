"""What a person reads for a code that the interface itself raises. Rules of the domain bring their own (``ui.refusals``)."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ui import refusals

SENTENCES: Mapping[str, Any] = {
    "bad_cursor": _("This page marker is not valid here. Start again from the first page."),
    "bad_idempotency_key": _("An Idempotency-Key is 1 to 255 visible ASCII characters."),
    "bad_limit": _("The limit is a whole number from 1 to 100."),
    "bad_unicode": _("The text contains a character that cannot be stored."),
    "bad_utf8": _("The body is not valid UTF-8."),
    "blank": _("This may not be empty."),
    "conflict": _("This has changed since you looked. Load it again."),
    "csrf_failed": _("The page is too old. Load it again and repeat."),
    "date": _("This is not a date."),
    "duplicate_key": _("The same key stands twice in one object."),
    "forbidden": _("Your role does not allow this."),
    "illegal_move": _("This is not possible in the present state."),
    "in_flight": _("The first request with this key is still running. Ask again in a moment."),
    "idempotency_mismatch": _("This key was already used for something else. Nothing was changed."),
    "internal": _("Something failed on our side. Nothing was changed."),
    "invalid": _("Some of the input is not right. Nothing was changed."),
    "malformed": _("The body is not valid JSON."),
    "method_not_allowed": _("This address does not take that method."),
    "naive_time": _("Write the time with its offset, such as 2026-09-01T09:00:00+08:00."),
    "not_a_boolean": _("Write true or false."),
    "not_a_number": _("NaN and infinity are not numbers here."),
    "not_a_string": _("Write this as a text."),
    "not_acceptable": _("Answers come as JSON only."),
    "not_an_integer": _("Write this as a whole number."),
    "not_an_object": _("The body must be one JSON object."),
    "not_authenticated": _("Sign in or send a valid token."),
    "not_found": _("There is nothing here, or it is not yours to see."),
    "nul_character": _("The text contains a NUL character."),
    "required": _("This field is missing."),
    "too_deep": _("The body is nested too deeply."),
    "too_large": _("The body is too large."),
    "too_many": _("Too many tries in a short time. Wait a little."),
    "unknown_field": _("This field is not known here."),
    "unavailable": _(
        "The system is not available for a moment. Send the same call again, with the same Idempotency-Key."
    ),
    "unsupported_media_type": _("Send the body as application/json in UTF-8."),
}


def explain(code: str, status: int, params: Mapping[str, Any]) -> tuple[str, str]:
    """``(title, detail)`` for ``code`` in the reader's language; a page's sentences where the interface has none."""
    title = title_of(status)
    if code in SENTENCES:
        return title, str(SENTENCES[code])
    found = refusals.explain(code, params)
    return str(found.title), str(found.detail)


_TITLES = {
    400: _("Input not right"),
    401: _("Not signed in"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("Not acceptable"),
    409: _("Conflict"),
    413: _("Too large"),
    415: _("Wrong media type"),
    422: _("Refused by a rule"),
    429: _("Too many requests"),
    500: _("Internal error"),
    503: _("Not available for a moment"),
}


def title_of(status: int) -> str:
    """Short name of the kind of problem in the reader's language."""
    title = _TITLES.get(status)
    return str(title) if title is not None else gettext(HTTPStatus(status).phrase)

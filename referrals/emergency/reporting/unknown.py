"""Takes off a request whatever tells who sent it, before anything could look (chain §1): the first of all middlewares.

What is let through is a list, not what is known to tell: session, proof and key of a person, their address on the net, the
page they came from, their browser and what a proxy adds are nowhere behind this. Of cookies the language alone is left.
"""

import logging
from collections.abc import Callable
from http.cookies import CookieError, SimpleCookie
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_LET_THROUGH: Final = frozenset(
    {
        "REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "CONTENT_TYPE", "CONTENT_LENGTH",
        "SERVER_NAME", "SERVER_PORT", "SERVER_PROTOCOL",
        "HTTP_HOST", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_TRANSFER_ENCODING", "HTTP_X_FORWARDED_PROTO",
    }
)  # fmt: skip


def is_unknown(path: str) -> bool:
    """Whether nobody is known at this address: those of ``UNKNOWN_SENDERS``, with and without a stroke, and all below."""
    return any(path == one or path.startswith(f"{one}/") for one in settings.UNKNOWN_SENDERS)


class RefusalFilter(logging.Filter):
    """Drops what Django says of a refusal at these addresses: the line bears a millisecond, and so when somebody was there.

    An error of ours is logged there as everywhere.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the line is written."""
        request = getattr(record, "request", None)
        return bool(record.exc_info) or request is None or not is_unknown(request.path_info)


class UnknownSenderMiddleware:
    """Nobody is known behind it, and nothing is left with the browser by which it could be known again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not is_unknown(request.path_info):
            return self.get_response(request)
        strip(request)
        response = self.get_response(request)
        response.cookies.clear()
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        return response


def strip(request: HttpRequest) -> None:
    """Leave of ``request`` what is on the list, and the server's own part of it."""
    language = _language(request.META.get("HTTP_COOKIE", ""))
    for name in [name for name in request.META if name not in _LET_THROUGH and not name.startswith("wsgi.")]:
        del request.META[name]
    request.META["REMOTE_ADDR"] = ""
    if language:
        request.META["HTTP_COOKIE"] = f"{settings.LANGUAGE_COOKIE_NAME}={language}"
    for kept in ("COOKIES", "headers"):  # read before by whoever made the request: once more from what is left
        request.__dict__.pop(kept, None)


def _language(cookies: str) -> str:
    """The chosen language, if it is one of ours."""
    try:
        found = SimpleCookie(cookies).get(settings.LANGUAGE_COOKIE_NAME)
    except CookieError:
        return ""
    return found.value if found is not None and found.value in dict(settings.LANGUAGES) else ""

"""The page for a database that does not answer: it makes no query and says when to try again (C10)."""

from typing import Final

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse
from django.template.loader import render_to_string

OUTAGES: Final = (OperationalError, InterfaceError)
"""The connection is refused or lost, or the server gives up on a statement. Its transaction is undone either way."""
RETRY_AFTER: Final = "10"
"""Seconds in which a database that was killed has usually come back."""


def outage_page() -> HttpResponse:
    """503, in both languages at once. No context processor: they would ask who came."""
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": RETRY_AFTER})

"""Answers unexpected errors and a lost database as problem documents, also outside of API views.

``handler500`` of the root addresses. A middleware cannot do this: what another one raises has become an answer before.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language_from_request, override
from django.views.defaults import server_error as django_server_error
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from api.problem import MEDIA_TYPE, outage, problem
from ui.outage import OUTAGES, outage_page

API_PREFIX = "/api/"


def server_error(request: HttpRequest) -> HttpResponse:
    """503 while the database is away, else 500; a problem document below ``/api/``, a page elsewhere. Asks no database."""
    is_outage = isinstance(sys.exception(), OUTAGES)  # Django calls its handler while the error is being handled
    if request.path.startswith(API_PREFIX):
        with override(get_language_from_request(request)):
            return _document(outage() if is_outage else problem(500, "internal"))
    return outage_page() if is_outage else django_server_error(request)


def _document(answer: Response) -> HttpResponse:
    body: bytes = JSONRenderer().render(answer.data)
    document = HttpResponse(body, status=answer.status_code, content_type=MEDIA_TYPE)
    if "Retry-After" in answer.headers:
        document.headers["Retry-After"] = answer.headers["Retry-After"]
    return document

"""``/`` of every host: a school's first page, or the platform's landing page."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.places import home_of
from content.serving import serve
from ui.page_cache import keep


def first_page(request: HttpRequest) -> HttpResponse:
    """On a school's host its home page, on the platform's host the landing page."""
    if getattr(request, "on_platform", False):
        return landing(request)
    return serve(request, "")


@require_safe
def landing(request: Any) -> HttpResponse:
    """The platform's landing page: sign-in for operator and institutions. It lists no school."""
    actor = getattr(request, "actor", None)
    response = render(request, "schools/landing.html", {"desk": home_of(actor) if actor else ""})
    return response if actor else keep(response, request.tenant)

"""``/`` of every host: a school's first page, or the platform's landing page."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.views import serve

from accounts.places import home_of


def first_page(request: HttpRequest) -> HttpResponse:
    """On a school's host its home page, on the platform's host the landing page."""
    if getattr(request, "on_platform", False):
        return door(request)
    page: HttpResponse = serve(request, "")
    return page


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """The platform's landing page: sign-in for operator and institutions. It lists no school."""
    actor = getattr(request, "actor", None)
    return render(request, "schools/landing.html", {"desk": home_of(actor) if actor else ""})

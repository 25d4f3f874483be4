"""``/`` of every host: a school's first page, or the platform's door."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.views import serve

from accounts.places import home_of


def first_page(request: HttpRequest) -> HttpResponse:
    """On a school's host its home page, on the platform's host the door."""
    if getattr(request, "on_platform", False):
        return door(request)
    page: HttpResponse = serve(request, "")
    return page


@require_safe
def door(request: HttpRequest) -> HttpResponse:
    """Who signs in here, and where everybody else goes. It lists no school: which schools there are is nobody's business."""
    actor = getattr(request, "actor", None)
    return render(request, "schools/landing.html", {"desk": home_of(actor) if actor else ""})

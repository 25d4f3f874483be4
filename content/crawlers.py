"""``/robots.txt`` and ``/sitemap.xml`` of each host: what a school shows to everybody, and nothing of another's."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from wagtail.models import Page

from content.models import SchoolSite
from content.services import PRICES
from tenancy.middleware import HostRequest
from tenancy.models import Tenant
from ui.page_cache import keep
from ui.public import origin_of

MOST: Final = 50_000
"""Addresses that one sitemap may hold (sitemaps.org)."""
_SHUT: Final = ("/cms/", "/api/", "/accounts/")


@require_safe
def robots(request: HostRequest) -> HttpResponse:
    """What may be read by machines: a school's public pages; of the platform's host nothing."""
    lines = ["User-agent: *"]
    if _is_school(request):
        lines += [f"Disallow: {path}" for path in _SHUT]
        lines += ["", f"Sitemap: {origin_of(request)}/sitemap.xml"]
    else:
        lines += ["Disallow: /"]
    return HttpResponse("\n".join([*lines, ""]), content_type="text/plain; charset=utf-8")


@require_safe
def sitemap(request: HostRequest) -> HttpResponse:
    """The published pages of the host's school, and its prices. Http404 on a host without pages."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    places = SchoolSite.objects.filter(tenant=tenant).values_list("site__root_page__path", "site__root_page__url_path")
    found = places.first() if tenant is not None and _is_school(request) else None
    if found is None or tenant is None:
        raise Http404
    tree, begins = found
    pages = Page.objects.filter(path__startswith=tree, live=True).order_by("path")
    rows = [
        (f"/{url_path.removeprefix(begins)}", published_at)
        for url_path, published_at in pages.values_list("url_path", "last_published_at")[: MOST - 1]
    ]
    context = {"origin": origin_of(request), "rows": [*rows, (PRICES, None)]}
    return keep(render(request, "content/sitemap.xml", context, content_type="application/xml"), tenant)


def _is_school(request: HttpRequest) -> bool:
    return getattr(request, "tenant", None) is not None and not getattr(request, "on_platform", False)

"""Serves a school's published pages: two queries at any depth, none while its edition is known, the body rendered once.

Wagtail's own view asks for the site, every page on the way, its type and its restrictions; a school has one site, one tree
and no restrictions (the gate shuts that room of the CMS).
"""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from wagtail.models import Page

from content.models import SchoolSite
from content.models.adopted import LIBRARY_HOST
from content.remembered import remembered
from tenancy import editions
from tenancy.models import Tenant
from ui.page_cache import keep

KINDS: Final = (
    "homepage", "guidelineindexpage", "guidelinepage", "tipindexpage", "tippage", "quietindexpage", "lessonpage",
    "activityindexpage", "campaignpage", "reportpage", "festivalspage", "opendayindexpage", "opendaypage",
)  # fmt: skip
"""The tables below ``Page`` that hold a school's pages, as it names them."""


@require_safe
def serve(request: HttpRequest, path: str) -> HttpResponse:
    """The published page at ``path`` of the host's school. Http404 for every other, and on a host without pages."""
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None:
        raise Http404
    edition = editions.current(tenant.id)  # read before the page is
    request.edition = edition  # type: ignore[attr-defined]
    page = remembered(edition, ("page", tenant.id, path), lambda: _published(tenant, path))
    return keep(page.serve(request), tenant)


def _published(tenant: Tenant, path: str) -> Page:
    home = (
        SchoolSite.objects.filter(tenant_id=tenant.id)
        .exclude(site__hostname=LIBRARY_HOST)  # the operator's library is read in the CMS alone
        .values_list("site__root_page__path", "site__root_page__url_path")
        .first()
    )
    if home is None:
        raise Http404
    tree, begins = home
    found = (
        Page.objects.select_related(*KINDS)
        .order_by()
        .filter(url_path=begins + path, path__startswith=tree, live=True)
        .first()
    )
    for kind in KINDS:
        if page := getattr(found, kind, None):
            return page
    raise Http404

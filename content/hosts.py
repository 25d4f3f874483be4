"""From a request to its school's corner of Wagtail."""

from django.http import Http404, HttpRequest

from content.models import SchoolSite


def school_site(request: HttpRequest) -> SchoolSite:
    """The site, collection and editors of the host's school; one query a request. Http404 where there is none."""
    found: SchoolSite | None = getattr(request, "school_site", None)
    if found is None:
        tenant = getattr(request, "tenant", None)
        if tenant is None:
            raise Http404
        found = SchoolSite.objects.select_related("site__root_page", "collection").filter(tenant_id=tenant.id).first()
        if found is None:
            raise Http404
        request.school_site = found  # type: ignore[attr-defined]
    return found

"""Finds the Wagtail site of the request's school, and says whether the signed-in person edits there."""

from django.http import Http404, HttpRequest

from content.models import SchoolSite
from tenancy.models import TenantKind


def school_site(request: HttpRequest) -> SchoolSite:
    """The site, collection and editors of the host's school; one query a request. Http404 where there is none.

    On the platform's host that is the library, for those who edit it: everybody else learns nothing of it.
    """
    found: SchoolSite | None = getattr(request, "school_site", None)
    if found is None:
        tenant = getattr(request, "tenant", None)
        if tenant is None or (tenant.kind == TenantKind.PLATFORM and not _may(request, "library.edit")):
            raise Http404
        found = (
            SchoolSite.objects.select_related("site__root_page", "collection", "tenant")
            .filter(tenant_id=tenant.id)
            .first()
        )
        if found is None:
            raise Http404
        request.school_site = found  # type: ignore[attr-defined]
    return found


def edits_for(request: HttpRequest, school: SchoolSite) -> bool:
    """Whether a member of this school asks whose role may edit; for the library, an operator.

    The role alone says so: Wagtail's group carries what an editor may do, and nobody stands in it (``content.gate``).
    Superusers run the platform, not a school's pages.
    """
    if request.user.is_superuser:
        return False
    if is_library(school):
        return _may(request, "library.edit")
    return _may(request, "cms.edit")


def reads_drafts(request: HttpRequest, school: SchoolSite) -> bool:
    """Whether somebody asks who sees pictures before they are published: an editor, or who reads a text before it goes out."""
    return edits_for(request, school) or _may(request, "content.check")


def is_library(school: SchoolSite) -> bool:
    """Whether these pages are the library's, which operators write and schools take from."""
    return school.tenant.kind == TenantKind.PLATFORM


def _may(request: HttpRequest, permission: str) -> bool:
    actor = getattr(request, "actor", None)
    return actor is not None and actor.may(permission)

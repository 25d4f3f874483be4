"""Finds the Wagtail site of the request's school, and says whether the signed-in person edits there."""

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


def edits_for(request: HttpRequest, school: SchoolSite) -> bool:
    """Whether a member of this school asks whose role may edit, and who is in its group.

    Superusers run the platform, not a school's pages.
    """
    actor = getattr(request, "actor", None)
    if actor is None or not actor.may("cms.edit") or request.user.is_superuser:
        return False
    return request.user.groups.filter(pk=school.editors_id).exists()

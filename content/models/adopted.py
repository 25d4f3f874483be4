"""Where a page comes from that a school took from the library, and what an education bureau offers there (ADR 0062)."""

from typing import Any, ClassVar, Final

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page, Site

from content.models.sites import HOME_PATH, SchoolSite
from tenancy.models import TenantKind

LIBRARY_HOST: Final = "library.invalid"
"""The name of the library's site. No request can bear it, so the library is read in the CMS alone (``content.library``)."""


def offered(pages: "QuerySet[Page]", path: str) -> "QuerySet[Page]":
    """Of ``pages`` those that the school with a page at ``path`` may take: what the operator's library has published, and what
    the education bureau of its district has published and offers. A bureau passes on nothing that it took itself, and nobody
    takes from themself. At most three queries, and that of ``pages``.
    """
    home = path[:HOME_PATH]
    mine = SchoolSite.objects.filter(site__root_page__path=home).values_list("tenant__district", flat=True).first()
    bureaus = Q(school__tenant__kind=TenantKind.DISTRICT, school__tenant__district=mine)
    trees = Site.objects.filter(Q(hostname=LIBRARY_HOST) | bureaus if mine else Q(hostname=LIBRARY_HOST))
    inside = Q(pk__in=[])
    for host, top in trees.exclude(root_page__path=home).values_list("hostname", "root_page__path"):
        tree = Q(path__startswith=top)
        if host != LIBRARY_HOST:
            own = Q(tippage__was_adopted=False, tippage__is_offered=True)
            own |= Q(guidelinepage__was_adopted=False, guidelinepage__is_offered=True)
            # By their numbers: the search asks by indexed fields alone.
            tree = Q(pk__in=list(Page.objects.filter(tree & own).values_list("pk", flat=True)))
        inside |= tree
    return pages.live().filter(inside)


class AdoptedPage(models.Model):
    """A copy says from which page of the library it comes, and from which version of it."""

    adopted_from = models.ForeignKey(
        "wagtailcore.Page", models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("Taken from")
    )
    adopted_revision = models.ForeignKey(
        "wagtailcore.Revision", models.SET_NULL, null=True, editable=False, related_name="+",
        verbose_name=_("Version taken"),
    )  # fmt: skip
    # Stays when the library throws its page away: nobody here has reviewed the words because of that.
    was_adopted = models.BooleanField(default=False, db_default=False, editable=False)
    is_offered = models.BooleanField(
        default=False, db_default=False, verbose_name=_("Offered to schools"),
        help_text=_("Once it is published, schools find it in their library and take it as a draft of their own."),
    )  # fmt: skip
    # Wagtail lists who refers to a page: the library's page would name every school's copy.
    adopted_from.wagtail_reference_index_ignore = True
    adopted_revision.wagtail_reference_index_ignore = True

    # A page that is made from a copy is the school's own: a page of the library stands once at a school.
    exclude_fields_in_copy: ClassVar[list[str]] = ["adopted_from", "adopted_revision", "is_offered"]
    taken_fields: ClassVar[tuple[str, ...]] = ("title", "search_description", "summary", "body")
    """What a copy takes over. Everything else is the school's: address, picture, review, dates."""

    class Meta:
        abstract = True

    def with_content_json(self, content: Any) -> Any:
        """A version from before the field was kept is a copy's all the same."""
        page = super().with_content_json(content)  # type: ignore[misc]
        page.was_adopted = page.was_adopted or self.was_adopted
        return page

    @cached_property
    def source(self) -> Any:
        """The page that this one was taken from, while it is published and offered there, as it is; else None."""
        if self.adopted_from_id is None:
            return None
        page: Any = self
        return offered(Page.objects.filter(pk=self.adopted_from_id), page.path).specific().first()

    @property
    def has_newer(self) -> bool:
        """Whether the library has published another version since."""
        return self.source is not None and self.source.live_revision_id not in (None, self.adopted_revision_id)

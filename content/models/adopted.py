"""Where a page comes from that a school took from the operator's library."""

from typing import Any, ClassVar, Final

from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

LIBRARY_HOST: Final = "library.invalid"
"""The name of the library's site. No request can bear it, so the library is read in the CMS alone (``content.library``)."""


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
    # Wagtail lists who refers to a page: the library's page would name every school's copy.
    adopted_from.wagtail_reference_index_ignore = True
    adopted_revision.wagtail_reference_index_ignore = True

    # A page that is made from a copy is the school's own: a page of the library stands once at a school.
    exclude_fields_in_copy: ClassVar[list[str]] = ["adopted_from", "adopted_revision"]
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
        """The page of the library that this one was taken from, while it is published there, as it is; else None."""
        if self.adopted_from_id is None:
            return None
        library = Page.objects.filter(sites_rooted_here__hostname=LIBRARY_HOST).values_list("path", flat=True).first()
        if not library:
            return None
        return Page.objects.live().filter(pk=self.adopted_from_id, path__startswith=library).specific().first()

    @property
    def has_newer(self) -> bool:
        """Whether the library has published another version since."""
        return self.source is not None and self.source.live_revision_id not in (None, self.adopted_revision_id)

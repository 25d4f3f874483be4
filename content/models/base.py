"""What every page of a school does, and every page with a body."""

import re
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page, Revision

from content import richtext
from content.artwork.views import CARD_PATH
from content.blocks import BodyBlock
from content.bodies import body_of
from content.models.adopted import LIBRARY_HOST, AdoptedPage
from content.models.checked import CheckedPage
from content.models.sites import HOME_PATH, SchoolSite
from content.page_form import SchoolPageForm
from content.tokens import index_tokens
from kernel import clock
from kernel.errors import Refused
from ui import csp
from ui.names import reads_chinese
from ui.public import PublicHead, public_head


class SchoolPage(models.Model):
    """What every page of a school does: Chinese search words, an address without a query, links only to its own tree."""

    base_form_class = SchoolPageForm
    # Promoting, privacy and menus are not offered: the school's tree is small and its menu is fixed.
    promote_panels: ClassVar[list[Any]] = [MultiFieldPanel([FieldPanel("slug"), FieldPanel("search_description")])]

    class Meta:
        abstract = True

    @property
    def href(self) -> str:
        """Address on the school's own host. Derived from ``url_path``: no query, no cache of sites."""
        return "/" + self.url_path.split("/", 2)[2]

    @property
    def parent_href(self) -> str:
        """Address of the page above."""
        return re.sub(r"[^/]+/$", "", self.href)

    def get_url_parts(self, request: HttpRequest | None = None) -> tuple[int, str, str] | None:
        """None for a page of the library: it is read in the CMS alone, so that nothing there links to it."""
        parts: tuple[int, str, str] | None = super().get_url_parts(request)  # type: ignore[misc]
        return None if parts and LIBRARY_HOST in (parts[1] or "") else parts

    def title_tokens(self) -> str:
        """Title as Chinese search words, which weigh more."""
        return index_tokens(self.title)

    def search_tokens(self) -> str:
        """Title, summary and body as Chinese search words."""
        return index_tokens(" ".join([self.title, *self.searched_texts()]))

    def searched_texts(self) -> list[str]:
        """Further texts a reader may look for; pages with more say so."""
        return [self.search_description]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)  # type: ignore[misc]
        return {**context, "public_head": self.public_head(request)}

    def public_head(self, request: HttpRequest, **more: Any) -> PublicHead | None:
        """What is read of the page where somebody finds or shares it. Without a query."""
        english = "" if reads_chinese() else getattr(self, "intro_en", "")
        said = [english, self.search_description, getattr(self, "summary", ""), getattr(self, "intro", "")]
        description = next((text for text in said if text), self.title)
        return public_head(
            request, **{"title": self.title, "description": description, "path": self.href, "image": CARD_PATH, **more}
        )

    def tidy(self) -> None:
        """Make the stored text safe before it is written or shown; pages with a body say how."""

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.tidy()
        super().save(*args, **kwargs)
        # With fields named, Wagtail only notes that there is a draft; what it publishes it says (content.editions).
        if self.live and kwargs.get("update_fields") is None:
            SchoolSite.show_tree_anew(self.path)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        SchoolSite.show_tree_anew(self.path)
        return super().delete(*args, **kwargs)

    def save_revision(self, *args: Any, **kwargs: Any) -> Any:
        self.tidy()
        return super().save_revision(*args, **kwargs)  # type: ignore[misc]

    def serve_preview(self, request: HttpRequest, mode_name: str) -> Any:
        self.tidy()
        response = super().serve_preview(request, mode_name)  # type: ignore[misc]
        response._csp_config = csp.PREVIEW  # what django.views.decorators.csp.csp_override sets
        return response


def _walk(raw: Any, change: Any) -> Any:
    """``raw`` stream data with every text that holds a page link passed through ``change``."""
    if isinstance(raw, str):
        return change(raw) if 'linktype="' in raw else raw
    if isinstance(raw, dict):
        return {key: _walk(value, change) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_walk(value, change) for value in raw]
    return raw


class BodyPage(SchoolPage):
    """A page with a body and a picture."""

    summary = models.CharField(max_length=160, verbose_name=_("Summary"), help_text=_("Two lines shown in lists."))
    picture = models.ForeignKey(
        "content.SchoolImage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Picture")
    )
    body = StreamField(BodyBlock(), verbose_name=_("Body"))

    class Meta:
        abstract = True

    def searched_texts(self) -> list[str]:
        body: list[str] = self._meta.get_field("body").get_searchable_content(self.body)
        return [*super().searched_texts(), self.summary, *body]

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        body = context["body"] = body_of(self, getattr(request, "edition", None))
        context["public_head"] = self.public_head(request, kind="article", image=body.image or CARD_PATH)
        return context

    def tidy(self) -> None:
        """Sanitise rich text, drop links and pictures that belong to another school."""
        block = self._meta.get_field("body").stream_block
        for child in self.body:
            _ = child.value  # A lazily read block is written back unread, and so unsanitised.
        raw = list(self.body.get_prep_value())
        linked: set[int] = set()
        _walk(raw, lambda html: linked.update(richtext.linked_pages(html)) or html)
        if linked:
            home = self.path[:HOME_PATH]
            own = set(Page.objects.filter(pk__in=linked, path__startswith=home).values_list("pk", flat=True))
            raw = _walk(raw, lambda html: richtext.keep_links(html, own))
        self.body = StreamValue(block, raw, is_lazy=True)
        if self.picture_id and not self.owns(self.picture):
            self.picture = None

    def owns(self, media: Any) -> bool:
        """Whether a picture or a file belongs to the school in whose tree the page stands."""
        home = Page.objects.filter(path=self.path[:HOME_PATH], sites_rooted_here__school__isnull=False)
        return home.filter(sites_rooted_here__school__collection=media.collection_id).exists()


class ArticlePage(CheckedPage, AdoptedPage, BodyPage):
    """A page with a body that the operator's library may offer, and that a second person may check."""

    taken_fields: ClassVar = (*AdoptedPage.taken_fields, "is_sensitive")

    class Meta:
        abstract = True

    @property
    def is_of_library(self) -> bool:
        """Whether it stands in the operator's library: each school that takes it has it checked by its own people."""
        home = Page.objects.filter(path=self.path[:HOME_PATH], sites_rooted_here__hostname=LIBRARY_HOST)
        return home.exists()

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Every road of publishing ends here: the editor's button, a schedule, many at once, a restored version.

        Raises Refused ``text_unchecked`` for a text about a crisis or an illness whose words no psychologist has checked.
        """
        wanted = revision.as_object()
        if wanted.is_sensitive and not wanted.is_checked and not self.is_of_library:
            raise Refused("text_unchecked")
        return super().publish(revision, *args, **kwargs)  # type: ignore[misc]


def in_english(*names: str) -> MultiFieldPanel:
    """What an editor may write for who reads English; without it they read the Chinese."""
    return MultiFieldPanel([FieldPanel(name) for name in names], _("For who reads English (not required)"))


def latest(model: type[Page], above: Page) -> "QuerySet[Any]":
    """Published pages of ``model`` below ``above``, newest first, without their bodies."""
    return model.objects.live().descendant_of(above).order_by("-first_published_at", "-pk").defer("body")


def today() -> date:
    return clock.local_day(clock.now())

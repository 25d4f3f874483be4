"""Pages that anyone may read: home, guidelines, tips for families (requirements 12.7, 13.7, 16.3)."""

import re
from datetime import date
from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester, Revision
from wagtail.search import index

from content import richtext
from content.blocks import DUTY, BodyBlock, TaskBlock, destination_href
from content.bodies import body_of
from content.models.adopted import LIBRARY_HOST, AdoptedPage
from content.models.media import TOKEN_FIELDS
from content.models.sites import HOME_PATH, SchoolSite
from content.page_form import SchoolPageForm
from content.panels import OriginPanel
from content.tokens import index_tokens
from kernel import clock
from kernel.errors import Refused
from tenancy.models import TenantKind
from ui import csp
from ui.lists import page_of
from ui.names import reads_chinese
from ui.public import PublicHead, public_head

PER_PAGE = 20


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
        return public_head(request, **{"title": self.title, "description": description, "path": self.href, **more})

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


class ArticlePage(AdoptedPage, SchoolPage):
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
        context["public_head"] = self.public_head(request, kind="article", image=body.image)
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
        if self.picture_id and not self._owns_picture():
            self.picture = None

    def _owns_picture(self) -> bool:
        home = Page.objects.filter(path=self.path[:HOME_PATH], sites_rooted_here__school__isnull=False)
        return home.filter(sites_rooted_here__school__collection=self.picture.collection_id).exists()


def in_english(*names: str) -> MultiFieldPanel:
    """What an editor may write for who reads English; without it they read the Chinese."""
    return MultiFieldPanel([FieldPanel(name) for name in names], _("For who reads English (not required)"))


class HomePermissions(PagePermissionTester):
    """No editor may unpublish, move, copy or delete the home page; the gate shuts those views as well."""

    def can_unpublish(self) -> bool:
        return False

    def can_delete(self, ignore_bulk: bool = False) -> bool:
        return False

    def can_move(self) -> bool:
        return False

    def can_copy(self) -> bool:
        return False


class HomePage(SchoolPage, Page):
    """A school's first page: someone is there, three ways on, then what to read."""

    hero_title = models.CharField(max_length=40, blank=True, verbose_name=_("Headline"))
    intro = models.CharField(max_length=160, blank=True, verbose_name=_("Introduction"))
    hero_title_en = models.CharField(
        max_length=60, blank=True, default="", db_default="", verbose_name=_("Headline in English")
    )
    intro_en = models.CharField(
        max_length=240, blank=True, default="", db_default="", verbose_name=_("Introduction in English")
    )
    tasks = StreamField([("task", TaskBlock())], blank=True, max_num=3, verbose_name=_("Three tasks"))

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = ["content.GuidelineIndexPage", "content.TipIndexPage", "opendays.OpenDayIndexPage"]
    template = "content/home_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("hero_title"), FieldPanel("intro"),
                                FieldPanel("tasks"), in_english("hero_title_en", "intro_en")]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("home page")

    def searched_texts(self) -> list[str]:
        return [*super().searched_texts(), self.hero_title, self.intro, self.hero_title_en, self.intro_en]

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return HomePermissions(user, self)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["public_head"] = self.public_head(request, title=_("Support for staff and families"))
        tenant = getattr(request, "tenant", None)
        # A bureau has agreements with nobody: a door to services would lead to an empty room.
        is_bureau = tenant is not None and tenant.kind == TenantKind.DISTRICT
        context["tasks"] = [
            {**task.value, "href": destination_href(task.value["destination"], tenant.duty_phone if tenant else "")}
            for task in self.tasks
            if task.value["destination"] == DUTY or not is_bureau
        ]
        context["tips"] = list(latest(TipPage, self)[:2])
        context["guidelines"] = list(latest(GuidelinePage, self)[:3])
        return context


def latest(model: type[Page], above: Page) -> "QuerySet[Any]":
    """Published pages of ``model`` below ``above``, newest first, without their bodies."""
    return model.objects.live().descendant_of(above).order_by("-first_published_at", "-pk").defer("body")


class IndexPage(SchoolPage):
    """A list of articles with one line above it."""

    intro = models.CharField(max_length=160, blank=True, verbose_name=_("Introduction"))
    intro_en = models.CharField(
        max_length=240, blank=True, default="", db_default="", verbose_name=_("Introduction in English")
    )
    lists: ClassVar[str]
    shown_as: ClassVar[Any]
    """What the list is, for who reads English: its title is Chinese."""

    class Meta:
        abstract = True

    @property
    def heading(self) -> str:
        """The editor's title, or in English what the list is."""
        return self.title if reads_chinese() else str(self.shown_as)

    def public_head(self, request: HttpRequest, **more: Any) -> PublicHead | None:
        return super().public_head(request, **{"title": self.heading, **more})

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        model = {"guidelines": GuidelinePage, "tips": TipPage}[self.lists]
        articles = context["articles"] = page_of(latest(model, self), request.GET.get("page"), PER_PAGE)
        if articles.has_previous:
            context["public_head"] = self.public_head(request, path=f"{self.href}?page={articles.number}")
        return context


class GuidelineIndexPage(IndexPage, Page):
    """All guidelines of a school."""

    lists, shown_as = "guidelines", _("Guidelines")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.GuidelinePage"]
    max_count_per_parent = 1
    template = "content/guideline_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("guidelines")


class TipIndexPage(IndexPage, Page):
    """All tips for families of a school."""

    lists, shown_as = "tips", _("Tips for families")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.TipPage"]
    max_count_per_parent = 1
    template = "content/tip_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("tips for families")


class Audience(models.TextChoices):
    STAFF = "staff", _("For all staff")
    CLASS_TEACHERS = "class_teachers", _("For class teachers")
    NEW_STAFF = "new_staff", _("For new colleagues")
    FAMILY = "family", _("For families")


class GuidelinePage(ArticlePage, Page):
    """A guideline: for whom, who checked it and when, what to do next.

    A draft may lack the two words about its review; nothing is published without them, by whatever road.
    """

    audience = models.CharField(max_length=20, choices=Audience, default=Audience.STAFF, verbose_name=_("For whom"))
    reviewed_by = models.CharField(
        max_length=60,
        verbose_name=_("Reviewed by"),
        help_text=_("An office, such as the counselling centre"),
    )
    reviewed_on = models.DateField(null=True, verbose_name=_("Reviewed on"))
    review_by = models.DateField(null=True, blank=True, verbose_name=_("Next review by"))

    parent_page_types: ClassVar = ["content.GuidelineIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/guideline_page.html"
    taken_fields: ClassVar = (*ArticlePage.taken_fields, "audience")
    content_panels: ClassVar = [
        OriginPanel(heading=_("Where it comes from"), icon="folder-open-1"), TitleFieldPanel("title"), FieldPanel("summary"), FieldPanel("audience"), FieldPanel("picture"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("reviewed_by"), FieldPanel("reviewed_on"), FieldPanel("review_by")], _("Review")),
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS, index.FilterField("audience"),
                               index.FilterField("review_by")]  # fmt: skip

    class Meta:
        verbose_name = _("guideline")

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Every road of publishing ends here: the editor's button, a schedule, many at once, a restored version.

        Raises Refused ``guideline_unreviewed`` without ``reviewed_by`` or ``reviewed_on``, or for a review to come.
        """
        if not _is_reviewed(revision.as_object()):
            raise Refused("guideline_unreviewed")
        return super().publish(revision, *args, **kwargs)

    @property
    def is_stale(self) -> bool:
        """Whether the day of the next review has passed."""
        return self.review_by is not None and self.review_by < _today()


def _is_reviewed(page: "GuidelinePage | TipPage") -> bool:
    return bool(page.reviewed_by.strip()) and page.reviewed_on is not None and page.reviewed_on <= _today()


def _today() -> date:
    return clock.local_day(clock.now())


class TipPage(ArticlePage, Page):
    """One small thing a family can do, in the minutes it says (16.3).

    The school's own needs no review; one that was taken from the library is published when somebody here has read it.
    """

    minutes = models.PositiveSmallIntegerField(default=3, verbose_name=_("Minutes"))
    reviewed_by = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        verbose_name=_("Reviewed by"),
        help_text=_("An office, such as the counselling centre. Needed for a tip that comes from the library."),
    )
    reviewed_on = models.DateField(null=True, blank=True, verbose_name=_("Reviewed on"))

    parent_page_types: ClassVar = ["content.TipIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/tip_page.html"
    taken_fields: ClassVar = (*ArticlePage.taken_fields, "minutes")
    content_panels: ClassVar = [
        OriginPanel(heading=_("Where it comes from"), icon="folder-open-1"), TitleFieldPanel("title"), FieldPanel("summary"), FieldPanel("minutes"), FieldPanel("picture"),
        FieldPanel("body"), MultiFieldPanel([FieldPanel("reviewed_by"), FieldPanel("reviewed_on")], _("Review")),
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("tip for families")

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Raises Refused ``tip_unreviewed`` for a copy from the library that nobody at the school has reviewed."""
        wanted = revision.as_object()
        if wanted.was_adopted and not _is_reviewed(wanted):
            raise Refused("tip_unreviewed")
        return super().publish(revision, *args, **kwargs)

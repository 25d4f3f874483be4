"""Pages that anyone may read: home, guidelines, tips for families (requirements 12.7, 13.7, 16.3)."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester, Revision
from wagtail.search import index

from content.artwork import scene_of
from content.artwork.svg import drawing
from content.blocks import DUTY, TaskBlock, destination_href
from content.home_card import home_card
from content.models.base import ArticlePage, SchoolPage, in_english, latest, today
from content.models.checked import CHECK_PANEL
from content.models.media import TOKEN_FIELDS
from content.panels import FindingsPanel, OfferPanel, OriginPanel
from content.remembered import remembered
from content.services import doors
from content.synonyms import check_synonyms
from kernel.errors import Refused
from tenancy.middleware import HostRequest
from tenancy.models import TenantKind
from ui.lists import page_of
from ui.names import reads_chinese
from ui.public import PublicHead

PER_PAGE = 20


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
    synonyms = models.TextField(
        blank=True, default="", db_default="", validators=[check_synonyms], verbose_name=_("Words that mean the same"),
        help_text=_("For the search: one group a line, such as 压力 = 减压 = 疏导. Beside the usual ones, which are known."),
    )  # fmt: skip

    parent_page_types: ClassVar = ["wagtailcore.Page"]
    subpage_types: ClassVar = [
        "content.GuidelineIndexPage",
        "content.TipIndexPage",
        "content.QuietIndexPage",
        "content.ActivityIndexPage",
        "opendays.OpenDayIndexPage",
    ]
    template = "content/home_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("hero_title"), FieldPanel("intro"),
                                FieldPanel("tasks"), in_english("hero_title_en", "intro_en"), FieldPanel("synonyms")]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("home page")

    def searched_texts(self) -> list[str]:
        return [*super().searched_texts(), self.hero_title, self.intro, self.hero_title_en, self.intro_en]

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return HomePermissions(user, self)

    def corners(self) -> dict[str, Any]:
        """The ways to the quiet corner, to what the school does together, and the next of it. Two queries."""
        below = Page.objects.live().child_of(self).select_related("quietindexpage", "activityindexpage")
        found: dict[str, Any] = {}
        for page in below:
            for name in ("quietindexpage", "activityindexpage"):
                if corner := getattr(page, name, None):
                    found[name] = corner
        if activities := found.get("activityindexpage"):
            found["coming"] = activities.coming().first()
        return found

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["public_head"] = self.public_head(request, title=_("Support for staff and families"))
        tenant = getattr(request, "tenant", None)
        # A bureau has agreements with nobody: a door to services would lead to an empty room.
        is_bureau = tenant is not None and tenant.kind == TenantKind.DISTRICT
        edition = getattr(request, "edition", None)
        prices = (
            remembered(edition, ("doors", tenant.id), lambda: doors(tenant.today())) if tenant and not is_bureau else {}
        )
        context["tasks"] = [
            {
                **task.value,
                "href": destination_href(task.value["destination"], tenant.duty_phone if tenant else ""),
                "price": prices.get(task.value["destination"]),
            }
            for task in self.tasks
            if task.value["destination"] == DUTY or not is_bureau
        ]
        context["beside"] = remembered(edition, ("beside", tenant.id), lambda: home_card(tenant)) if tenant else None
        context["says_duty"] = any(task["destination"] == DUTY for task in context["tasks"])
        context["corners"] = remembered(edition, ("corners", self.pk), self.corners)
        context["drawing"] = drawing(scene_of(tenant.slug, tenant.kind)) if tenant else ""
        context["tips"] = list(latest(TipPage, self)[: 2 if context["beside"] else 3])
        context["guidelines"] = list(latest(GuidelinePage, self)[:3])
        return context


class IndexPage(SchoolPage):
    """A list of articles with one line above it."""

    intro = models.CharField(max_length=160, blank=True, verbose_name=_("Introduction"))
    intro_en = models.CharField(
        max_length=240, blank=True, default="", db_default="", verbose_name=_("Introduction in English")
    )
    shown_as: ClassVar[Any]
    """What the list is, for who reads English: its title is Chinese."""

    class Meta:
        abstract = True

    @property
    def heading(self) -> str:
        """The editor's title, or in English what the list is."""
        return self.title if reads_chinese() else str(self.shown_as)

    def listed(self) -> "QuerySet[Any]":
        """What the page lists, in order."""
        raise NotImplementedError

    def public_head(self, request: HostRequest, **more: Any) -> PublicHead | None:
        return super().public_head(request, **{"title": self.heading, **more})

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        articles = context["articles"] = page_of(self.listed(), request.GET.get("page"), PER_PAGE)
        if articles.has_previous:
            context["public_head"] = self.public_head(request, path=f"{self.href}?page={articles.number}")
        return context


class GuidelineIndexPage(IndexPage, Page):
    """All guidelines of a school."""

    shown_as = _("Guidelines")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.GuidelinePage"]
    max_count_per_parent = 1
    template = "content/guideline_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("guidelines")

    def listed(self) -> "QuerySet[Any]":
        return latest(GuidelinePage, self)


class TipIndexPage(IndexPage, Page):
    """All tips for families of a school."""

    shown_as = _("Tips for families")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.TipPage"]
    max_count_per_parent = 1
    template = "content/tip_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("tips for families")

    def listed(self) -> "QuerySet[Any]":
        return latest(TipPage, self)


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
        FieldPanel("body"), FindingsPanel(heading=_("What to look at"), icon="glasses"), CHECK_PANEL,
        MultiFieldPanel([FieldPanel("reviewed_by"), FieldPanel("reviewed_on"), FieldPanel("review_by")], _("Review")),
        OfferPanel("is_offered"),
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
        return self.review_by is not None and self.review_by < today()


def _is_reviewed(page: "GuidelinePage | TipPage") -> bool:
    return bool(page.reviewed_by.strip()) and page.reviewed_on is not None and page.reviewed_on <= today()


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
        FieldPanel("body"), FindingsPanel(heading=_("What to look at"), icon="glasses"), CHECK_PANEL,
        MultiFieldPanel([FieldPanel("reviewed_by"), FieldPanel("reviewed_on")], _("Review")),
        OfferPanel("is_offered"),
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("tip for families")

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """``leads_on``: a tip that names no service ends with the ways to help, in one step."""
        context = super().get_context(request, *args, **kwargs)
        tenant = getattr(request, "tenant", None)
        names_one = any(block.block_type == "services" for block in self.body)
        # A bureau has agreements with nobody.
        has_services = tenant is not None and tenant.kind != TenantKind.DISTRICT
        return {**context, "leads_on": None if names_one else {"services": has_services}}

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Raises Refused ``tip_unreviewed`` for a copy from the library that nobody at the school has reviewed."""
        wanted = revision.as_object()
        if wanted.was_adopted and not _is_reviewed(wanted):
            raise Refused("tip_unreviewed")
        return super().publish(revision, *args, **kwargs)

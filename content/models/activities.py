"""What a school does together: campaigns (requirements 6.6, 11.1), the year's festivals (7.1), reports with pictures (10.1)."""

from copy import copy
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, PageChooserPanel, TitleFieldPanel
from wagtail.blocks import StreamValue
from wagtail.fields import StreamField
from wagtail.models import Page, PagePermissionTester, Revision
from wagtail.search import index

from content.activity_blocks import ActivityBlock, FestivalPlanBlock, PictureBlock
from content.bodies import body_of
from content.events import event_data
from content.festival_texts import FESTIVALS, FestivalText
from content.festivals import coming
from content.models.base import BodyPage, SchoolPage, in_english, latest, today
from content.models.checked import READ_PANEL, SecondReadPage
from content.models.media import TOKEN_FIELDS
from content.models.pages import IndexPage
from content.models.sites import HOME_PATH
from content.panels import FindingsPanel
from content.shot_dates import NEVER_SHOWN, pictures_until
from kernel import clock
from kernel.errors import Refused
from tenancy.middleware import HostRequest
from ui.names import in_every_language
from ui.templatetags.ui import school_day

REPORT_DUE: Final = timedelta(days=7)
"""A campaign is reported with pictures within a week (requirement 10.1)."""
MOST_ACTIVITIES: Final = 12


class ActivityIndexPage(IndexPage, Page):
    """What comes, then what was; the year's festivals beside it."""

    shown_as = _("Activities")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.CampaignPage", "content.ReportPage", "content.FestivalsPage"]
    max_count_per_parent = 1
    template = "content/activity_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("activities")

    def listed(self) -> Any:
        return latest(ReportPage, self)

    def coming(self) -> Any:
        """Campaigns whose last day has not passed, the next first."""
        found = CampaignPage.objects.live().child_of(self).filter(ends_on__gte=today()).defer("body", "activities")
        return found.order_by("starts_on", "pk")

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["campaigns"] = self.coming()
        context["festivals"] = FestivalsPage.objects.live().child_of(self).first()
        return context


class CampaignPage(BodyPage, Page):
    """Some days with a theme: what takes place when, where and with whom, and whom to ask."""

    starts_on = models.DateField(verbose_name=pgettext_lazy("campaign", "First day"))
    ends_on = models.DateField(verbose_name=pgettext_lazy("campaign", "Last day"))
    activities = StreamField(
        [("activity", ActivityBlock())], blank=True, max_num=MOST_ACTIVITIES, verbose_name=_("Activities")
    )
    contact = models.CharField(
        max_length=40, verbose_name=_("Whom to ask"), help_text=_("A colleague in their office, such as 校工会 王老师")
    )
    contact_phone = models.CharField(max_length=30, blank=True, verbose_name=_("Their office's number"))

    parent_page_types: ClassVar = ["content.ActivityIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/campaign_page.html"
    content_panels: ClassVar = [
        TitleFieldPanel("title"), FieldPanel("summary"), FieldPanel("picture"),
        MultiFieldPanel([FieldPanel("starts_on"), FieldPanel("ends_on")], pgettext_lazy("campaign", "Days")), FieldPanel("body"),
        FieldPanel("activities"), MultiFieldPanel([FieldPanel("contact"), FieldPanel("contact_phone")], pgettext_lazy("campaign", "Contact")),
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS, index.FilterField("ends_on")]

    class Meta:
        verbose_name = _("campaign")

    def searched_texts(self) -> list[str]:
        said: list[str] = self._meta.get_field("activities").get_searchable_content(self.activities)
        return [*super().searched_texts(), self.contact, *said]

    def when_and_where(self) -> str:
        """Its first and its last day."""
        return " – ".join(dict.fromkeys([school_day(self.starts_on), school_day(self.ends_on)]))

    @property
    def report_due_on(self) -> Any:
        """The last day on which its report is in time."""
        return self.ends_on + REPORT_DUE

    @cached_property
    def report(self) -> "ReportPage | None":
        """What was published about it, if anything."""
        return ReportPage.objects.live().filter(campaign=self, path__startswith=self.path[:HOME_PATH]).first()

    @property
    def days(self) -> list[tuple[Any, list[Any]]]:
        """Its activities by day, in the order of the clock."""
        found: dict[Any, list[Any]] = {}
        for block in self.activities:
            found.setdefault(block.value["day"], []).append(block.value)
        return [(day, sorted(found[day], key=lambda one: one["begins"])) for day in sorted(found)]

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return {**context, "event_data": event_data(self, context["public_head"])}

    def clean(self) -> None:
        super().clean()
        if self.starts_on and self.ends_on:
            if self.ends_on < self.starts_on:
                raise ValidationError({"ends_on": _("The campaign ends before it begins.")})
            outside = [block.value["title"] for block in self.activities
                       if not self.starts_on <= block.value["day"] <= self.ends_on]  # fmt: skip
            if outside:
                raise ValidationError(
                    {"activities": _("Not on a day of the campaign: %(titles)s") % {"titles": "、".join(outside)}}
                )


class ReportPermissions(PagePermissionTester):
    """An open day's report is not copied: people in its pictures said yes to the one that the day knows."""

    def can_copy(self) -> bool:
        return super().can_copy() and not self.page.specific_deferred.of_open_day

    def can_copy_to(self, destination: Any, recursive: bool = False) -> bool:
        return self.can_copy() and super().can_copy_to(destination, recursive)


class ReportPage(SecondReadPage, BodyPage, Page):
    """What an activity was like: words, figures, pictures with a line each.

    ``of_open_day``: made by an open day, whose guests were asked one by one whether they may be in pictures (books §6). It is
    awaited like that of a campaign, published only with pictures that everybody in them agreed to, and shows none past the
    date on which they had to be looked through.
    """

    campaign = models.ForeignKey(
        "content.CampaignPage", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Campaign")
    )
    happened_on = models.DateField(verbose_name=_("Day"))
    took_part = models.PositiveIntegerField(null=True, blank=True, verbose_name=_("How many took part"))
    pictures = StreamField([("picture", PictureBlock())], blank=True, max_num=12, verbose_name=_("Pictures"))
    of_open_day = models.BooleanField(default=False, db_default=False, editable=False)

    parent_page_types: ClassVar = ["content.ActivityIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/report_page.html"
    content_panels: ClassVar = [
        TitleFieldPanel("title"), FieldPanel("summary"), PageChooserPanel("campaign", "content.CampaignPage"),
        MultiFieldPanel([FieldPanel("happened_on"), FieldPanel("took_part")], _("Figures")), FieldPanel("picture"),
        FieldPanel("body"), FieldPanel("pictures"), FindingsPanel(heading=_("What to look at"), icon="glasses"),
        READ_PANEL,
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("activity report")

    def searched_texts(self) -> list[str]:
        """With the lines below its pictures, but of an open day's: those go with a yes that is taken back, and an index keeps
        what it was given.
        """
        if self.of_open_day:
            return super().searched_texts()
        said: list[str] = self._meta.get_field("pictures").get_searchable_content(self.pictures)
        return [*super().searched_texts(), *said]

    def permissions_for_user(self, user: Any) -> PagePermissionTester:
        return ReportPermissions(user, self)

    @property
    def due_on(self) -> Any:
        """The last day on which it is in time."""
        return self.happened_on + REPORT_DUE

    @property
    def are_held(self) -> bool:
        """Whether its pictures are shown to nobody just now: somebody took a yes back, and nobody has looked them through."""
        if not self.of_open_day or not self.pk:
            return False
        until = pictures_until(self.pk)
        return until is not None and clock.now() >= until

    def shown_pictures(self) -> Any:
        """What readers see of its pictures now, each with its line; None while they are held. Of one that was deleted, nothing."""
        return None if self.are_held else [shot for shot in self.pictures if shot.value["picture"] is not None]

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["shots"] = self.shown_pictures()
        if context["shots"] is None:
            bare = copy(self)  # the page may be another reader's too
            bare.picture = None
            context["body"] = body_of(bare, None)
            context["public_head"] = self.public_head(request, kind="article")
        return context

    def publish(self, revision: Revision, *args: Any, **kwargs: Any) -> Any:
        """Every road of publishing ends here. Refused ``pictures_unagreed`` for a picture without everybody's yes, and
        ``pictures_copied`` for pictures on a copy: a yes that is taken back would not reach it.
        """
        wanted = revision.as_object()
        if wanted.of_open_day:
            agreed = {child.value["picture"] for child in wanted.pictures if child.value["agreed"]}
            shown = {child.value["picture"] for child in wanted.pictures} | ({wanted.picture} - {None})
            if shown - agreed:
                raise Refused("pictures_unagreed")
            if shown and pictures_until(self.pk) == NEVER_SHOWN:
                raise Refused("pictures_copied")
        return super().publish(revision, *args, **kwargs)

    @property
    def is_empty(self) -> bool:
        """Pictures with their lines are something to look at too."""
        return super().is_empty and not self.pictures

    def read_beside(self) -> list[Any]:
        """The pictures with their lines, as readers see them."""
        return [[child.block.get_prep_value(child.value) for child in self.pictures], self.took_part]

    def clean(self) -> None:
        super().clean()
        if self.happened_on and self.happened_on > today():
            raise ValidationError({"happened_on": _("This day is still to come: a report tells what was.")})

    def tidy(self) -> None:
        super().tidy()
        if self.campaign_id and self.campaign.path[:HOME_PATH] != self.path[:HOME_PATH]:
            self.campaign = None
        kept = [child for child in self.pictures if child.value["picture"] and self.owns(child.value["picture"])]
        if len(kept) != len(self.pictures):
            block = self._meta.get_field("pictures").stream_block
            self.pictures = StreamValue(block, [child.get_prep_value() for child in kept], is_lazy=True)


class FestivalsPage(SchoolPage, Page):
    """The year's festivals on their right days, each with what the school does."""

    intro = models.CharField(max_length=160, blank=True, verbose_name=_("Introduction"))
    plans = StreamField([("plan", FestivalPlanBlock())], blank=True, max_num=20, verbose_name=_("What we do"))

    parent_page_types: ClassVar = ["content.ActivityIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    max_count_per_parent = 1
    template = "content/festivals_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), FieldPanel("plans")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("calendar of festivals")

    def searched_texts(self) -> list[str]:
        said: list[str] = self._meta.get_field("plans").get_searchable_content(self.plans)
        names = (name for text in FESTIVALS.values() for name in in_every_language(text.name))
        return [*super().searched_texts(), self.intro, *said, *names]

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        plans = {block.value["festival"]: block.value["plan"] for block in self.plans}
        rows: list[tuple[Any, FestivalText, str]] = []
        for known in coming(today()):
            rows.append((known.day, FESTIVALS[known.festival], plans.get(known.festival.value, "")))
        return {**context, "rows": rows}

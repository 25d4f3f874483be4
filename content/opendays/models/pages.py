"""What everybody reads of open days: one list, and a page for each day in the school's tree."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, TitleFieldPanel
from wagtail.models import Page

from content.models.media import TOKEN_FIELDS
from content.models.pages import SchoolPage, in_english
from content.opendays.events import open_day_data
from content.opendays.selectors import days_of_pages, shown_day, to_come
from tenancy.middleware import HostRequest
from ui.names import reads_chinese
from ui.public import PublicHead
from ui.templatetags.ui import school_clock, school_time


class OpenDayIndexPage(SchoolPage, Page):
    """All open days of a school, the next one first."""

    intro = models.CharField(max_length=160, blank=True, verbose_name=_("Introduction"))
    intro_en = models.CharField(
        max_length=240, blank=True, default="", db_default="", verbose_name=_("Introduction in English")
    )

    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["opendays.OpenDayPage"]
    max_count_per_parent = 1
    is_creatable = False
    template = "opendays/index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("open days")

    @property
    def heading(self) -> str:
        """The editor's title, or in English what the list is."""
        return self.title if reads_chinese() else str(_("Open days"))

    def public_head(self, request: HostRequest, **more: Any) -> PublicHead | None:
        return super().public_head(request, **{"title": self.heading, **more})

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        pages = {page.pk: page for page in OpenDayPage.objects.live().child_of(self)}
        days = days_of_pages(list(pages))
        context["coming"] = [(day, pages[day.page_id]) for day in days if to_come(day)]
        context["past"] = [(day, pages[day.page_id]) for day in reversed(days) if not to_come(day)]
        return context


class OpenDayPage(SchoolPage, Page):
    """One open day in words; its hours, programme and seats are rows of the school (``OpenDay``), set by the organiser."""

    summary = models.CharField(max_length=160, blank=True, verbose_name=_("Summary"))

    parent_page_types: ClassVar = ["opendays.OpenDayIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    is_creatable = False
    template = "opendays/day_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("summary")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("open day")

    def searched_texts(self) -> list[str]:
        return [*super().searched_texts(), self.summary]

    def when_and_where(self) -> str:
        """Day, hours and entrance."""
        shown = shown_day(self)
        if shown is None:
            return ""
        day = shown.day
        return f"{school_time(day.starts_at)}–{school_clock(day.ends_at)} · {day.entrance}"

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["shown"] = shown_day(self)
        school = getattr(request, "tenant", None)
        return {**context, "event_data": open_day_data(context["shown"], context["public_head"], school)}

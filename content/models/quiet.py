"""The quiet corner (requirement 12.7): sounds to rest with, and a lesson of a few minutes every week."""

from pathlib import PurePath
from typing import Any, ClassVar, Final

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, TitleFieldPanel
from wagtail.models import Page

from content.models.base import BodyPage, in_english, latest
from content.models.checked import READ_PANEL, SecondReadPage
from content.models.media import TOKEN_FIELDS
from content.models.pages import IndexPage
from content.panels import FindingsPanel
from content.sounds import SOUNDS
from tenancy.middleware import HostRequest
from ui.names import in_every_language

VIDEO_TYPES: Final = {".mp4": "video/mp4", ".webm": "video/webm"}
CAPTION_TYPE: Final = ".vtt"


class QuietIndexPage(IndexPage, Page):
    """Sounds first, which need nothing; then the lessons, newest first."""

    shown_as = _("A quiet corner")
    parent_page_types: ClassVar = ["content.HomePage"]
    subpage_types: ClassVar = ["content.LessonPage"]
    max_count_per_parent = 1
    template = "content/quiet_index_page.html"
    content_panels: ClassVar = [TitleFieldPanel("title"), FieldPanel("intro"), in_english("intro_en")]
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("quiet corner")

    def listed(self) -> Any:
        return latest(LessonPage, self)

    def searched_texts(self) -> list[str]:
        return [*super().searched_texts(), *(said for sound in SOUNDS for said in in_every_language(sound.name))]

    def get_context(self, request: HostRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return {**context, "sounds": SOUNDS}


class LessonPage(SecondReadPage, BodyPage, Page):
    """A lesson of five to eight minutes: a film with captions, and the same in words for who cannot listen."""

    minutes = models.PositiveSmallIntegerField(
        default=6,
        validators=[MinValueValidator(5), MaxValueValidator(8)],
        verbose_name=_("Minutes"),
        help_text=_("Five to eight"),
    )
    video = models.ForeignKey(
        "content.SchoolDocument", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Film"),
        help_text=_("MP4 or WebM. The picture above is shown until it plays."),
    )  # fmt: skip
    captions = models.ForeignKey(
        "content.SchoolDocument", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("Captions"),
        help_text=_("A WebVTT file. A film is not published without them."),
    )  # fmt: skip

    parent_page_types: ClassVar = ["content.QuietIndexPage"]
    subpage_types: ClassVar[list[str]] = []
    template = "content/lesson_page.html"
    content_panels: ClassVar = [
        TitleFieldPanel("title"), FieldPanel("summary"), FieldPanel("minutes"), FieldPanel("picture"),
        MultiFieldPanel([FieldPanel("video"), FieldPanel("captions")], _("Film")), FieldPanel("body"),
        FindingsPanel(heading=_("What to look at"), icon="glasses"), READ_PANEL,
    ]  # fmt: skip
    search_fields: ClassVar = [*Page.search_fields, *TOKEN_FIELDS]

    class Meta:
        verbose_name = _("weekly lesson")

    @property
    def video_type(self) -> str:
        """The film's media type; empty where there is none that browsers play."""
        return VIDEO_TYPES.get(PurePath(self.video.file.name or "").suffix, "") if self.video else ""

    def searched_files(self) -> list[str]:
        """With the film's name: a file is found by readers on the page where it is published, and nowhere else."""
        return [*super().searched_files(), *([self.video.title] if self.video else [])]

    def read_beside(self) -> list[Any]:
        """The film and its captions: another film is another lesson."""
        return [self.video_id, self.captions_id]

    def clean(self) -> None:
        super().clean()
        if self.video and not self.video_type:
            raise ValidationError({"video": _("Choose an MP4 or WebM file.")})
        if self.captions and PurePath(self.captions.file.name or "").suffix != CAPTION_TYPE:
            raise ValidationError({"captions": _("Choose a WebVTT file (.vtt).")})
        if self.video and not self.captions:
            raise ValidationError({"captions": _("A film needs captions: not everybody can listen.")})

    def tidy(self) -> None:
        super().tidy()
        if self.video and not self.owns(self.video):
            self.video = None
        if self.captions and not self.owns(self.captions):
            self.captions = None

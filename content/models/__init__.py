"""Tables of content. All global: pages are public, and no person's record is ever a page or a snippet (house §Tenancy)."""

from content.models.activities import ActivityIndexPage, CampaignPage, FestivalsPage, ReportPage
from content.models.media import SchoolDocument, SchoolImage, SchoolRendition
from content.models.pages import GuidelineIndexPage, GuidelinePage, HomePage, TipIndexPage, TipPage
from content.models.quiet import LessonPage, QuietIndexPage
from content.models.sites import SchoolSite

__all__ = [
    "ActivityIndexPage",
    "CampaignPage",
    "FestivalsPage",
    "GuidelineIndexPage",
    "GuidelinePage",
    "HomePage",
    "LessonPage",
    "QuietIndexPage",
    "ReportPage",
    "SchoolDocument",
    "SchoolImage",
    "SchoolRendition",
    "SchoolSite",
    "TipIndexPage",
    "TipPage",
]

"""A school's pages say nothing of a person; found by ``disclosure.table``. The CMS has a crawler of its own."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import pgettext_lazy

from disclosure.table import Key, Page, Row, Thing, columns, sees, shows, silent
from disclosure.words import Facet, Reader

OBJECTS: Final[Mapping[str, Thing]] = {"page": Thing(pgettext_lazy("thing", "the school's pages"), of_person=False)}

MODELS: Final = {
    "content.SchoolImage": columns(
        "collection title file description width height created_at uploaded_by_user focal_point_x focal_point_y"
        " focal_point_width focal_point_height file_size file_hash"
    ),
    "content.SchoolRendition": columns("filter_spec file width height focal_point_key image"),
    "content.SchoolDocument": columns("collection title created_at uploaded_by_user file_size file_hash file"),
    "content.HomePage": columns("page_ptr hero_title hero_title_en intro intro_en tasks synonyms"),
    "content.GuidelineIndexPage": columns("page_ptr intro intro_en"),
    "content.TipIndexPage": columns("page_ptr intro intro_en"),
    "content.GuidelinePage": columns(
        "page_ptr summary picture body audience reviewed_by reviewed_on review_by adopted_from adopted_revision was_adopted is_offered"
        " is_ready is_sensitive checked_by checked_on checked_text"
    ),
    "content.TipPage": columns(
        "page_ptr summary picture body minutes reviewed_by reviewed_on adopted_from adopted_revision was_adopted is_offered"
        " is_ready is_sensitive checked_by checked_on checked_text"
    ),
    "content.QuietIndexPage": columns("page_ptr intro intro_en"),
    "content.LessonPage": columns(
        "page_ptr summary picture body minutes video captions is_ready is_sensitive checked_by checked_on checked_text"
    ),
    "content.ActivityIndexPage": columns("page_ptr intro intro_en"),
    "content.CampaignPage": columns("page_ptr summary picture body starts_on ends_on activities contact contact_phone"),
    "content.ReportPage": columns(
        "page_ptr summary picture body campaign happened_on took_part pictures of_open_day is_ready is_sensitive"
        " checked_by checked_on checked_text"
    ),
    "content.FestivalsPage": columns("page_ptr intro plans"),
    "content.SchoolSite": columns("site collection editors"),
}

ROWS: Final[Mapping[Key, Row]] = {("page", Reader.EDITOR): sees(Facet.WHOLE)}

PAGES: Final[Mapping[str, Page]] = {
    "cms": shows("page", Reader.EDITOR),
    **silent(
        "wagtaildocs_serve media search wagtail_serve robots sitemap school_picture sound feed poster_pdf poster_png texts_to_check text_to_check text_to_give_back operator_library operator_library_open"
    ),
}

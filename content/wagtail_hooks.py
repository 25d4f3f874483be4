"""What Wagtail lets us narrow by itself: choosers, the page list, documents, the first page, the menu."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.log_actions import LogFormatter
from wagtail.models import Page

from content import comparisons as comparisons  # registered by being imported
from content import library_views
from content.checking import CHECKED, SENT_BACK
from content.dashboard import panels_for
from content.hosts import is_library, school_site
from content.plan import plan
from kernel.clock import now

# Menu entries whose views the gate shuts.
_SHUT_MENU = {"reports", "settings", "help", "snippets", "redirects", "forms"}


@hooks.register("construct_page_chooser_queryset")
def own_pages_in_chooser(pages: "QuerySet[Page]", request: HttpRequest) -> "QuerySet[Page]":
    return pages.filter(path__startswith=school_site(request).site.root_page.path)


@hooks.register("construct_explorer_page_queryset")
def own_pages_in_explorer(parent: Page, pages: "QuerySet[Page]", request: HttpRequest) -> "QuerySet[Page]":
    return pages.filter(path__startswith=school_site(request).site.root_page.path)


@hooks.register("construct_image_chooser_queryset")
@hooks.register("construct_document_chooser_queryset")
def own_media_in_chooser(media: "QuerySet[Any]", request: HttpRequest) -> "QuerySet[Any]":
    return media.filter(collection=school_site(request).collection_id)


@hooks.register("before_serve_document")
def own_documents_only(document: Any, request: HttpRequest) -> None:
    """A file answers on its own school's host only."""
    if document.collection_id != school_site(request).collection_id:
        raise Http404


@hooks.register("construct_homepage_panels")
def panels_of_this_school(request: HttpRequest, panels: list[Any]) -> None:
    """Ours instead of Wagtail's, which list a person's edits in every school."""
    panels[:] = panels_for(request)


@hooks.register("insert_global_admin_css")
def our_dress() -> str:
    """Our colours; and the lists offer no bulk acts, whose views are shut."""
    return format_html('<link rel="stylesheet" href="{}">', static("content/cms.css"))


@hooks.register("construct_main_menu")
def short_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in _SHUT_MENU]


@hooks.register("register_admin_urls")
def library_addresses() -> list[URLPattern]:
    """Where a school takes pages from the library, and its calendar. The gate shuts them in the library itself."""
    return [
        path("plan/", plan, name="cms_plan"),
        path("library/", library_views.library, name="cms_library"),
        path("library/<int:source_id>/", library_views.library_page, name="cms_library_page"),
        path("library/<int:source_id>/take/", library_views.library_take, name="cms_library_take"),
        path("library/newer/<int:page_id>/", library_views.library_newer, name="cms_library_newer"),
        path("library/newer/<int:page_id>/take/", library_views.library_take_newer, name="cms_library_take_newer"),
    ]


class LibraryItem(MenuItem):
    """A way that a school has, and the library has not."""

    def is_shown(self, request: HttpRequest) -> bool:
        return not is_library(school_site(request))


@hooks.register("register_admin_menu_item")
def plan_item() -> MenuItem:
    return LibraryItem(_("Calendar"), reverse("cms_plan"), name="plan", icon_name="calendar-alt", order=160)


@hooks.register("register_admin_menu_item")
def library_item() -> MenuItem:
    return LibraryItem(_("Library"), reverse("cms_library"), name="library", icon_name="folder-open-1", order=150)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def time_that_is_only_kept(request: HttpRequest, page: Page) -> None:
    """A time to appear is part of the draft, and nothing more until somebody schedules it: "updated" alone says less."""
    if request.method != "POST" or not request.accepts("text/html"):  # what the editor saves by itself tells nothing
        return
    draft = page.get_latest_revision_as_object()
    if draft.go_live_at and draft.go_live_at > now() and page.scheduled_revision is None:
        messages.info(
            request,
            gettext(
                'The time is kept in the draft. It counts once you choose "Schedule to publish" under "More actions".'
            ),
        )


@hooks.register("register_log_actions")
def acts_of_checking(actions: Any) -> None:
    """What the psychological centre did with a draft, in the history of the page."""

    @actions.register_action(CHECKED)
    class Checked(LogFormatter):
        label = _("Checked by the psychological centre")
        message = _("The psychological centre has read this draft")

    @actions.register_action(SENT_BACK)
    class SentBack(LogFormatter):
        label = _("Given back by the psychological centre")

        def format_message(self, log_entry: Any) -> Any:
            return _("Given back: %(note)s") % {"note": log_entry.data.get("note", "")}

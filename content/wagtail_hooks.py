"""What Wagtail lets us narrow by itself: choosers, the page list, documents, the first page, the menu."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks
from wagtail.models import Page

from content.hosts import school_site

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
def no_panels_over_schools(request: HttpRequest, panels: list[Any]) -> None:
    """The panels list a person's edits in every school."""
    panels.clear()


@hooks.register("insert_global_admin_css")
def no_bulk_acts() -> str:
    """The lists offer no bulk acts, whose views are shut."""
    return format_html('<link rel="stylesheet" href="{}">', static("content/cms.css"))


@hooks.register("construct_main_menu")
def short_menu(request: HttpRequest, items: list[Any]) -> None:
    items[:] = [item for item in items if item.name not in _SHUT_MENU]

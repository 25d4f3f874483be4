"""What an editor changes begins a new edition of the school's public pages (``tenancy.editions``).

Wagtail tells by signals alone what it publishes, so its signals are listened to here. A page that is deleted and a picture
that is exchanged say so themselves.
"""

from typing import Any

from wagtail.models import Page
from wagtail.signals import page_published, page_slug_changed, page_unpublished, post_page_move

from content.models import SchoolSite


def _page_changed(*, instance: Page, **_told: Any) -> None:
    SchoolSite.show_tree_anew(instance.path)


def _page_moved(*, parent_page_before: Page, parent_page_after: Page, **_told: Any) -> None:
    for parent in (parent_page_before, parent_page_after):
        SchoolSite.show_tree_anew(parent.path)


def listen() -> None:
    """Called once, when all apps are ready."""
    for signal in (page_published, page_unpublished, page_slug_changed):
        signal.connect(_page_changed, dispatch_uid="content.editions")
    post_page_move.connect(_page_moved, dispatch_uid="content.editions")

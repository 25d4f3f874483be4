"""Which of content's documents can be given out to everyone: guidelines and files. Found by ``readings.kinds``."""

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _

from content.bodies import body_of
from content.models import GuidelinePage, SchoolDocument, SchoolSite
from readings.kinds import DocumentKind, Readable
from tenancy.scope import current_tenant_id


def _place() -> SchoolSite | None:
    return SchoolSite.objects.select_related("site__root_page").filter(tenant_id=current_tenant_id()).first()


class PageKind:
    """A published guideline of the school. Another wording is another published revision."""

    label = _("guideline")

    def choices(self) -> list[tuple[str, str]]:
        """By title."""
        return [(str(page.pk), page.title) for page in self._pages().order_by("title", "pk")]

    def find(self, ref: str) -> Readable | None:
        """With its body; None when it is not published here."""
        page = self._pages().filter(pk=ref).first() if ref.isdecimal() and len(ref) < 10 else None
        if page is None:
            return None
        html = body_of(page, None).html
        return Readable(page.title, str(page.live_revision_id or page.pk), page.href, html, len(strip_tags(html)))

    def _pages(self) -> "QuerySet[Any]":
        place = _place()
        pages: QuerySet[Any] = GuidelinePage.objects.live()
        return pages.descendant_of(place.site.root_page) if place else pages.none()  # type: ignore[attr-defined]


class FileKind:
    """A file of the school. Another content is another version, by its hash."""

    label = _("file")

    def choices(self) -> list[tuple[str, str]]:
        """By title."""
        return [(str(row.pk), row.title) for row in self._files().order_by("title", "pk")]

    def find(self, ref: str) -> Readable | None:
        """Opened at its own address; None when it is not the school's."""
        row = self._files().filter(pk=ref).first() if ref.isdecimal() and len(ref) < 10 else None
        if row is None:
            return None
        return Readable(row.title, row.get_file_hash()[:64], reverse("wagtaildocs_serve", args=[row.pk, row.filename]))

    def _files(self) -> "QuerySet[Any]":
        place = _place()
        files: QuerySet[Any] = SchoolDocument.objects.all()
        return files.filter(collection=place.collection) if place else files.none()


KINDS: Final[Mapping[str, DocumentKind]] = {"page": PageKind(), "file": FileKind()}

"""Whether what a text links to can be opened by its readers: pages and files of the own school (``textchecks``).

An address elsewhere is not asked, and neither is a page of the product outside the school's tree.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from django.db.models import QuerySet
from django.urls import Resolver404, resolve
from wagtail.documents import get_document_model
from wagtail.models import Page, PageViewRestriction, Site

_DOCUMENT: Final = re.compile(r"/documents/([0-9]{1,18})/")
_PAGES: Final = "wagtail_serve"
"""The view that takes every address which is no other's: that of a page in the tree."""


@dataclass(frozen=True, slots=True)
class _Link:
    """``kind``: ``page`` by its number, ``path`` for a page by its address below the home, ``document`` by its number."""

    said: str
    kind: str
    at: str


def shut_links(page: Any, pieces: Iterable[str]) -> list[str]:
    """The words of each link in ``pieces`` (HTML) that leads to a page or file which readers of ``page`` cannot open.

    A page that is gone, not published, of another school or behind a sign-in; a file that is gone or another school's. At most
    five queries, whatever the number of links; none without a link to the own school.
    """
    home = page.path[: 2 * page.steplen]  # a school's home stands directly below the tree's root
    anchors = [link for piece in pieces for link in BeautifulSoup(piece, "html.parser").find_all("a") if link.attrs]
    if not anchors:
        return []
    site = Site.objects.select_related("root_page", "school").filter(root_page__path=home).first()
    found = [link for anchor in anchors if (link := _own(anchor, site)) is not None]
    if not found:
        return []
    open_ids, open_paths = _open_pages(home, found)
    documents = _documents(site, found)
    good = {"page": open_ids, "path": open_paths, "document": documents}
    return [link.said for link in found if link.at not in good[link.kind]]


def _own(anchor: Any, site: Site | None) -> _Link | None:
    """What of the own school ``anchor`` leads to; None for anything else."""
    said = anchor.get_text().strip()
    if anchor.get("linktype") == "page":
        return _Link(said, "page", str(anchor.get("id")))
    try:
        parts = urlsplit(anchor.get("href", ""))
        host = parts.hostname
    except ValueError:
        return None
    if not parts.path.startswith("/") or parts.scheme not in ("", "http", "https"):
        return None
    if host is not None and (site is None or host != site.hostname):
        return None
    if document := _DOCUMENT.match(parts.path):
        return _Link(said, "document", document[1])
    if site is None or not _is_of_tree(parts.path):
        return None
    return _Link(said, "path", site.root_page.url_path + unquote(parts.path).strip("/") + "/")


def _is_of_tree(path: str) -> bool:
    if path == "/":
        return False
    try:
        return resolve(path if path.endswith("/") else f"{path}/").view_name == _PAGES
    except Resolver404:
        return False


def _open_pages(home: str, links: list[_Link]) -> tuple[set[str], set[str]]:
    """Numbers and addresses of the linked pages that everybody may open."""
    ids = {link.at for link in links if link.kind == "page" and link.at.isdecimal()}
    paths = {link.at for link in links if link.kind == "path"}
    rows = Page.objects.live().filter(path__startswith=home).values_list("pk", "url_path", "path")
    pages = [*rows.filter(pk__in=ids), *rows.filter(url_path__in=paths)] if ids or paths else []
    if not pages:
        return set(), set()
    shut = list(_shut_branches(home))
    kept = [(pk, url) for pk, url, path in pages if not any(path.startswith(branch) for branch in shut)]
    return {str(pk) for pk, _url in kept}, {url for _pk, url in kept}


def _shut_branches(home: str) -> Iterator[str]:
    rows: QuerySet[Any, Any] = PageViewRestriction.objects.filter(page__path__startswith=home)
    yield from rows.values_list("page__path", flat=True)


def _documents(site: Site | None, links: list[_Link]) -> set[str]:
    ids = {link.at for link in links if link.kind == "document"}
    if not ids or site is None:
        return set()
    rows = get_document_model().objects.filter(pk__in=ids, collection=site.school.collection_id)
    return {str(pk) for pk in rows.values_list("pk", flat=True)}

"""Rich text as it may be stored: few tags, no script, links only to one's own pages."""

import re
from collections.abc import Callable, Collection, Mapping
from html import unescape

import nh3

# What the editor's toolbar offers (FEATURES), in the tags Wagtail stores it with.
FEATURES = ["bold", "italic", "link", "ol", "ul"]
_TAGS = {"p", "br", "b", "strong", "i", "em", "ul", "ol", "li", "a"}
_ATTRIBUTES = {"a": {"href", "linktype", "id"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_ID = re.compile(r"[0-9]{1,18}")
_LINK = re.compile(r"<a\b([^>]*)>(.*?)</a>", re.DOTALL)
_SAID = re.compile(r'(\w+)="([^"]*)"')
_PAGE_LINK = re.compile(r'<a linktype="page" id="([0-9]+)">(.*?)</a>', re.DOTALL)
"""The one form in which a link to a page is stored."""


def clean(html: str) -> str:
    """``html`` with only the allowed tags, attributes and address schemes.

    A link is an address, or a page by a plain number. Any other – to a document, a picture, an id that somebody might read
    as a number one day – keeps its text and loses the link.
    """
    safe = nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None, attribute_filter=_attribute
    )
    return _LINK.sub(_link, safe)


def _attribute(tag: str, name: str, value: str) -> str | None:
    # A ">" in an address would end the tag for whoever reads tags by pattern, here and in Wagtail.
    return value.replace("<", "%3C").replace(">", "%3E") if name == "href" else value.replace(">", "")


def _link(match: re.Match[str]) -> str:
    said, words = dict(_SAID.findall(match[1])), match[2]
    if "linktype" in said:
        is_page = said["linktype"] == "page" and _ID.fullmatch(said.get("id", ""))
        return f'<a linktype="page" id="{said["id"]}">{words}</a>' if is_page else words
    return f'<a href="{said["href"]}">{words}</a>' if said.get("href") else words


def linked_pages(html: str) -> set[int]:
    """Ids of the pages that ``html`` links to."""
    return {int(found[0]) for found in _PAGE_LINK.findall(html)}


def keep_links(html: str, own: Collection[int]) -> str:
    """``html`` where a link to a page outside ``own`` keeps its text and loses the link."""
    return _PAGE_LINK.sub(lambda match: match.group(0) if int(match.group(1)) in own else match.group(2), html)


def relink(html: str, to: Mapping[int, int]) -> str:
    """``html`` where a link to a page leads to its other one in ``to``; one without keeps its text and loses the link."""
    return _PAGE_LINK.sub(
        lambda match: (
            f'<a linktype="page" id="{to[int(match[1])]}">{match[2]}</a>' if int(match[1]) in to else match[2]
        ),
        html,
    )


_ADDRESS_LINK = re.compile(r'<a href="([^"]*)">(.*?)</a>', re.DOTALL)


def drop_addresses(html: str, is_foreign: Callable[[str], bool]) -> str:
    """``html`` where a link to an address that ``is_foreign`` keeps its text and loses the link."""
    return _ADDRESS_LINK.sub(
        lambda match: match.group(2) if is_foreign(unescape(match.group(1))) else match.group(0), html
    )

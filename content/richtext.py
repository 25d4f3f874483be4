"""Rich text as it may be stored: few tags, no script, links only to one's own pages."""

import re
from collections.abc import Collection

import nh3

# What the editor's toolbar offers (FEATURES), in the tags Wagtail stores it with.
FEATURES = ["bold", "italic", "link", "ol", "ul"]
_TAGS = {"p", "br", "b", "strong", "i", "em", "ul", "ol", "li", "a"}
_ATTRIBUTES = {"a": {"href", "linktype", "id"}}
_SCHEMES = {"http", "https", "mailto", "tel"}
_PAGE_LINK = re.compile(r'<a\b(?=[^>]*\blinktype="page")[^>]*\bid="(\d+)"[^>]*>(.*?)</a>', re.DOTALL)
_OTHER_LINK = re.compile(r'<a\b(?=[^>]*\blinktype="(?!page")[^"]*")[^>]*>(.*?)</a>', re.DOTALL)


def clean(html: str) -> str:
    """``html`` with only the allowed tags, attributes and address schemes; links to documents lose the link."""
    safe = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=None)
    return _OTHER_LINK.sub(r"\1", safe)


def linked_pages(html: str) -> set[int]:
    """Ids of the pages that ``html`` links to."""
    return {int(found[0]) for found in _PAGE_LINK.findall(html)}


def keep_links(html: str, own: Collection[int]) -> str:
    """``html`` where a link to a page outside ``own`` keeps its words and loses the link."""
    return _PAGE_LINK.sub(lambda match: match.group(0) if int(match.group(1)) in own else match.group(2), html)

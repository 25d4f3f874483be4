"""The body of an article as HTML, and how long it takes to read: made once for each edition, page and language.

Links and pictures in it are looked up while it is made; whatever they lead to belongs to the same school, and a change of
it begins a new edition (``tenancy.editions``). Nothing in a body hangs on who reads it or on the clock.
"""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.safestring import SafeString

from content.remembered import remembered
from tenancy.editions import Edition

CHARACTERS_A_MINUTE: Final = 300
_HEADING: Final = re.compile(r"<h2([^>]*)>(.*?)</h2>", re.DOTALL)
SHARED: Final = "fill-1200x630|format-jpeg"
"""Chat windows draw no WebP."""


@dataclass(frozen=True, slots=True)
class Body:
    """``minutes``: whole, at least one, at 300 characters a minute. ``image``: path of the picture as chat windows show it.

    ``parts``: mark and text of each heading, in order.
    """

    html: SafeString
    parts: tuple[tuple[str, str], ...]
    minutes: int
    image: str


def body_of(page: Any, edition: Edition | None) -> Body:
    """The body of an ``ArticlePage``. ``edition``: that in which the page was read; None for one that nobody else reads."""
    return remembered(edition, ("body", page.pk), lambda: _make(page))


def _make(page: Any) -> Body:
    text = "".join(page._meta.get_field("body").get_searchable_content(page.body))
    html = render_to_string("content/article_body.html", {"page": page})
    image = page.picture.get_rendition(SHARED).url if page.picture else ""
    marked, parts = _parted(html)
    return Body(marked, parts, max(1, round(len(text) / CHARACTERS_A_MINUTE)), image)


def _parted(html: str) -> tuple[SafeString, tuple[tuple[str, str], ...]]:
    """``html`` with a mark on each heading, so that a list above it leads there."""
    parts: list[tuple[str, str]] = []

    def mark(found: re.Match[str]) -> str:
        key = f"part-{len(parts) + 1}"
        parts.append((key, unescape(strip_tags(found[2])).strip()))
        return f'<h2 id="{key}"{found[1]}>{found[2]}</h2>'

    return SafeString(_HEADING.sub(mark, html)), tuple(parts)

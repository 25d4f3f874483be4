"""HTML to PDF/UA-1 with one font set for the whole process.

Imported by ``papers.printer`` alone, when it is needed: not every machine has what the engine stands on.
"""

import ssl
from functools import cache
from typing import Any, Final
from urllib.parse import unquote

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

from papers.fonts import FAMILY, font_faces
from papers.glyphs import with_stand_ins

FAMILIES: Final = (
    f'"{FAMILY}", "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "WenQuanYi Micro Hei", sans-serif'
)


def _no_trust() -> ssl.SSLContext:
    """Trusts nobody and costs nothing: the engine would read the system's authorities, 70 ms, for hosts never asked."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class OnlyData(URLFetcher):
    """A document may name nothing but what it carries itself: no file, no host (house §security)."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False, ssl_context=_no_trust())


class _OwnFonts(URLFetcher):
    """For our own stylesheet: the cut font files and nothing else."""

    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(allowed_protocols=("file",), allow_redirects=False, ssl_context=_no_trust())
        self._allowed = allowed

    def fetch(self, url: str, headers: Any = None) -> Any:
        """The file, or ValueError."""
        if unquote(url) not in self._allowed:
            raise ValueError("not one of our fonts")
        return super().fetch(url, headers)


@cache
def _fonts() -> tuple[FontConfiguration, CSS]:
    """Read once a process: loading the fonts costs more than a page."""
    faces = [(weight, file.resolve().as_uri()) for weight, file in font_faces()]
    rules = "".join(
        f'@font-face {{ font-family: "{FAMILY}"; font-weight: {weight}; src: url("{uri}") format("opentype") }}'
        for weight, uri in faces
    )
    configuration = FontConfiguration()
    sheet = CSS(
        string=f"{rules} html {{ font-family: {FAMILIES} }}",
        font_config=configuration,
        url_fetcher=_OwnFonts(frozenset(unquote(uri) for _weight, uri in faces)),
    )
    return configuration, sheet


def print_pdf(html: str) -> bytes:
    """``html`` (trusted markup, escaped values) as PDF/UA-1. Whatever it links to is not fetched.

    A character that cannot be printed is named on the page (``glyphs``).
    """
    configuration, sheet = _fonts()
    pdf: bytes = HTML(string=with_stand_ins(html), url_fetcher=OnlyData(), base_url=None).write_pdf(
        stylesheets=[sheet], font_config=configuration, pdf_variant="pdf/ua-1", optimize_images=False
    )
    return pdf

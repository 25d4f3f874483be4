"""A poster for each published page: the school's picture, the title, and a code that any telephone opens. As PDF and as PNG."""

import base64
from functools import cache
from io import BytesIO
from typing import Any, Final

import segno
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from PIL import Image, ImageDraw, ImageFont
from wagtail.models import Page

from content.artwork.png import CARD_SIZE, card
from content.artwork.scene import scene_of
from content.hosts import school_site
from papers.fonts import font_faces
from papers.printer import print_pdf
from tenancy.middleware import HostRequest
from ui.phrases import phrases_of
from ui.public import origin_of

SIZE: Final = (1240, 1754)
"""A4 at 150 dots an inch."""
_EDGE: Final = 90
_INK, _SOFT, _PAPER, _GREEN = "#14201a", "#4a5a52", "#ffffff", "#0b6b43"
_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def _page_of(request: HttpRequest, page_id: int) -> Any:
    """A published page of the host's school. Http404 for every other, and on the platform's host."""
    school = school_site(request)
    pages = Page.objects.live().filter(pk=page_id, path__startswith=school.site.root_page.path)
    page = pages.specific().first()
    if page is None or getattr(request, "on_platform", False):
        raise Http404
    return page


@require_safe
def poster_pdf(request: HostRequest, page_id: int) -> HttpResponse:
    """One sheet of A4. Unavailable ``no_pdf`` on a machine that cannot print."""
    page, tenant = _page_of(request, page_id), request.tenant
    address = origin_of(request) + page.href
    scene = scene_of(tenant.slug, tenant.kind)
    drawn = base64.b64encode(card(scene)).decode()
    said = {
        "page": page, "when": page.when_and_where(), "school": tenant, "address": address, "phrases": phrases_of(page.title), "words": scene.words,
        "picture": f"data:image/png;base64,{drawn}",
        "code": segno.make(address, error="m", micro=False).svg_data_uri(border=_QUIET, light="#fff", omitsize=True),
    }  # fmt: skip
    pdf = print_pdf(render_to_string("content/poster_pdf.html", said))
    return _file(pdf, "application/pdf", f"poster-{page.slug}.pdf")


@require_safe
def poster_png(request: HostRequest, page_id: int) -> HttpResponse:
    """The same as a picture, for group chats. Without a Chinese font on this machine: picture and code alone."""
    page, tenant = _page_of(request, page_id), request.tenant
    address = origin_of(request) + page.href
    sheet = Image.new("RGB", SIZE, _PAPER)
    with Image.open(BytesIO(card(scene_of(tenant.slug, tenant.kind)))) as drawn:
        height = SIZE[0] * CARD_SIZE[1] // CARD_SIZE[0]
        sheet.paste(drawn.convert("RGB").resize((SIZE[0], height), Image.Resampling.LANCZOS), (0, 0))
    pen = ImageDraw.Draw(sheet)
    y = height + 80
    if fonts := _fonts():
        for line in _lines(pen, phrases_of(page.title), fonts(700, 84))[:3]:
            pen.text((_EDGE, y), line, fill=_INK, font=fonts(700, 84))
            y += 112
        when = [line for line in _lines(pen, list(page.when_and_where()), fonts(700, 44)) if line][:2]
        for line in when:
            pen.text((_EDGE, y + 8), line, fill=_GREEN, font=fonts(700, 44))
            y += 60
        y += 16 if when else 0
        for line in _lines(pen, list(getattr(page, "summary", "") or ""), fonts(400, 40))[: 2 if len(when) > 1 else 3]:
            pen.text((_EDGE, y + 16), line, fill=_SOFT, font=fonts(400, 40))
            y += 60
        pen.text((_EDGE, SIZE[1] - 330), tenant.name, fill=_INK, font=fonts(700, 44))
        pen.text((_EDGE, SIZE[1] - 262), _("Scan it with WeChat or the camera"), fill=_SOFT, font=fonts(400, 34))
        pen.text((_EDGE, SIZE[1] - 206), _("To talk to someone now: 12356"), fill=_SOFT, font=fonts(400, 34))
    code = BytesIO()
    segno.make(address, error="m", micro=False).save(code, kind="png", scale=10, border=_QUIET, light="#fff")
    with Image.open(code) as square:
        side = 380
        sheet.paste(square.convert("RGB").resize((side, side), Image.Resampling.NEAREST), (SIZE[0] - side - 60, SIZE[1] - side - 60))  # fmt: skip
    out = BytesIO()
    sheet.quantize(128, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return _file(out.getvalue(), "image/png", f"poster-{page.slug}.png")


def _file(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f'inline; filename="{name.encode("ascii", "ignore").decode() or "poster"}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _lines(pen: ImageDraw.ImageDraw, pieces: list[str], font: Any) -> list[str]:
    """``pieces`` in lines that fit between the edges; a piece that fits in none is broken by its signs."""
    room, lines = SIZE[0] - 2 * _EDGE, [""]
    for piece in pieces:
        if lines[-1] and pen.textlength(lines[-1] + piece, font=font) > room:
            lines.append("")
        for sign in piece if pen.textlength(piece, font=font) > room else [piece]:
            if lines[-1] and pen.textlength(lines[-1] + sign, font=font) > room:
                lines.append("")
            lines[-1] += sign
    return lines


def _fonts() -> Any:
    """``(weight, size)`` → font; None on a machine without a Chinese one."""
    files = dict(font_faces())
    return (lambda weight, size: _font(str(files[weight]), size)) if {400, 700} <= files.keys() else None


@cache
def _font(file: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(file, size)

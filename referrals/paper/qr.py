"""The QR code of a voucher: the address it holds, and the card that a person keeps as a picture.

The code is drawn here and nowhere else, always black on white with its quiet zone, whatever the screen's colours.
"""

from collections.abc import Sequence
from functools import cache
from io import BytesIO
from typing import Final

import segno
from django.conf import settings
from PIL import Image, ImageDraw, ImageFont

from papers.fonts import font_faces

_QUIET: Final = 4
"""Modules of white around the code (ISO/IEC 18004)."""


def check_address(token: str, *, scheme: str = "http") -> str:
    """``http(s)://<platform host>/v/<token>/``: any camera opens it, every counter's scanner reads the token from it."""
    usual = {"http": "80", "https": "443"}[scheme]
    port = "" if usual == settings.BASE_PORT or scheme == "https" else f":{settings.BASE_PORT}"
    return f"{scheme}://{settings.PLATFORM_HOST}{port}/v/{token}/"


def qr_data_uri(address: str) -> str:
    """The code as an SVG inside a ``data:`` address, for paper."""
    return str(segno.make(address, error="m", micro=False).svg_data_uri(border=_QUIET, light="#fff", omitsize=True))


def card_png(address: str, *, code: str, lines: Sequence[str]) -> bytes:
    """The card a person keeps in the phone's album: the code, its twelve digits, and neutral ``lines`` below.

    720 pixels wide, black on white. No service and no name: an album is seen by others. Without a Chinese font on this
    machine a line that would be boxes is left out; the code and its digits are always there.
    """
    if not font_faces():
        lines = [line for line in lines if line.isascii()]
    side, margin = 720, 40
    plain = BytesIO()
    segno.make(address, error="m", micro=False).save(plain, kind="png", scale=12, border=_QUIET, light="#fff")
    square = Image.open(plain).convert("1").resize((side - 2 * margin,) * 2, Image.Resampling.NEAREST)
    card = Image.new("L", (side, side + 120 + 44 * len(lines)), 255)
    card.paste(square, (margin, margin))
    draw = ImageDraw.Draw(card)
    draw.text((side // 2, side + 20), code, fill=0, font=_font(64, bold=True), anchor="mm")
    for row, line in enumerate(lines):
        draw.text((side // 2, side + 92 + 44 * row), line, fill=60, font=_font(30), anchor="mm")
    out = BytesIO()
    card.save(out, "PNG", optimize=True)
    return out.getvalue()


@cache
def _font(size: int, *, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The cut font of the PDFs, else Pillow's own, which has the digits."""
    files = dict(font_faces())
    wanted = files.get(700 if bold else 400)
    return ImageFont.truetype(str(wanted), size) if wanted else ImageFont.load_default(size)

"""A picture as PNG, by day: what chat windows show beside a link, and the head of a poster."""

from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from content.artwork.paints import paint_of
from content.artwork.scene import Scene
from content.artwork.shapes import HEIGHT, WIDTH, Disc, Point

CARD_PATH: Final = "/picture.png"
"""Where a school's own picture lies, on its host."""
CARD_SIZE: Final = (1200, 630)
"""As wide as the widest chat window shows it; its middle square is 630 pixels, twice what WeChat asks for."""
_FINER: Final = 2
"""Drawn so many times larger, so that edges are smooth."""


@lru_cache(64)
def card(scene: Scene) -> bytes:
    """The picture as the share card, some 30 KB. Half a second at the first call of a process."""
    width, height = CARD_SIZE
    scale = width / WIDTH * _FINER
    top = HEIGHT * scale - height * _FINER  # the sky is cut, the ground stays
    picture = Image.new("RGB", (width * _FINER, height * _FINER))
    pen = ImageDraw.Draw(picture)
    for shape in scene.shapes:
        colour = paint_of(shape.paint, scene.tone)
        if isinstance(shape, Disc):
            x, y, radius = shape.x * scale, shape.y * scale - top, shape.radius * scale
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
            continue
        for ring in shape.rings():
            corners = [(x * scale, y * scale - top) for x, y in ring]
            if shape.line is None:
                pen.polygon(corners, fill=colour)
            else:
                _stroke(pen, corners, shape.line * scale, colour)
    out = BytesIO()
    small = picture.resize(CARD_SIZE, Image.Resampling.LANCZOS)
    small.quantize(96, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


def _stroke(pen: ImageDraw.ImageDraw, corners: list[Point], width: float, colour: str) -> None:
    """A line with round ends and bends, as the sheet draws it."""
    half = width / 2
    pen.line(corners, fill=colour, width=round(width))
    for x, y in corners:
        pen.ellipse((x - half, y - half, x + half, y + half), fill=colour)

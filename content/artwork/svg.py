"""A picture as SVG that a page carries in itself. The paints are classes of ``content/site.css``, light and dark."""

from functools import lru_cache
from itertools import groupby
from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from content.artwork.scene import Scene
from content.artwork.shapes import HEIGHT, WIDTH, Disc, Shape

_KEPT: Final = 256
"""Pictures a process keeps, some 5 KB each."""


@lru_cache(_KEPT)
def _inside(scene: Scene) -> SafeString:
    drawn = []
    for paint, group in groupby(scene.shapes, key=lambda shape: shape.paint):
        drawn.append(f'<g class="{paint}">{"".join(_one(shape) for shape in group)}</g>')
    return mark_safe("".join(drawn))  # noqa: S308 - numbers and paints of ours, nothing that anybody typed


def drawing(scene: Scene) -> SafeString:
    """The whole picture; its words are in the reader's language."""
    return format_html(
        '<svg class="art tone-{}" viewBox="0 0 {} {}" preserveAspectRatio="xMidYMax slice" role="img" aria-label="{}">{}</svg>',
        scene.tone, WIDTH, HEIGHT, scene.words, _inside(scene),
    )  # fmt: skip


def _one(shape: Shape | Disc) -> str:
    if isinstance(shape, Disc):
        return f'<circle cx="{shape.x:g}" cy="{shape.y:g}" r="{shape.radius:g}"/>'
    line = f' class="line" stroke-width="{shape.line:g}"' if shape.line else ""
    return f'<path{line} d="{shape.path}"/>'

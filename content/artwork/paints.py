"""The paints by day, for files; a page takes the same from ``content/site.css``, where they have a night too (a test compares)."""

from typing import Final

PAINTS: Final[dict[str, str]] = {
    "sky": "#e6f1ee", "halo": "#ecebd9", "sun": "#f4cf95", "cloud": "#fbfdfa", "far": "#cfe3da", "mid": "#a9cfba",
    "near": "#78b195", "deep": "#2f7d59", "leaf": "#5f9f6f", "wall": "#fffdf8", "wall-2": "#f3e9da", "pane": "#bcd8d6",
    "roof": "#b9694a", "gold": "#e3ae4b", "gold-2": "#c98f2c", "bloom": "#eeb4b8", "bloom-2": "#d98a94", "water": "#c9e2e8",
    "rip": "#eef7f8", "span": "#fffdf8", "stone": "#8b9a92", "pole": "#8b9a92", "bark": "#7a6046", "lane": "#c77d5e",
    "sand": "#ecdcbd", "flag": "#c1452f", "cloth": "#b9694a", "cloth-2": "#1b5684", "skin": "#f0c8a0",
}  # fmt: skip
TONED: Final[tuple[dict[str, str], ...]] = (
    {},
    {"roof": "#4f6f8f", "sky": "#e8eff6", "far": "#cddbe6", "mid": "#a9c6cf"},
    {"roof": "#6b6f78", "sky": "#f5eee4", "far": "#dfdccb", "mid": "#b7c9a9", "near": "#8aae7f"},
    {"roof": "#3f7f7a", "sky": "#eaf3e8", "far": "#d3e4cb", "mid": "#aecf9f", "wall-2": "#f6e6cf"},
)
"""What each set of colours changes."""


def paint_of(name: str, tone: int) -> str:
    """The colour of a paint in one set, as ``#rrggbb``."""
    return TONED[tone].get(name) or PAINTS[name]

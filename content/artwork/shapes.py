"""What a picture is made of: areas, lines and discs on a ground of 720 × 400, each in a paint that has a day and a night."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

WIDTH: Final = 720
HEIGHT: Final = 400
_CURVE_STEPS: Final = 16
_TOKENS: Final = re.compile(r"[MLCQZ]|-?\d+(?:\.\d+)?")

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shape:
    """``path``: M, L, C, Q and Z with absolute numbers. ``line``: width of the stroke; None for an area that is filled."""

    paint: str
    path: str
    line: float | None = None

    def rings(self) -> list[list[Point]]:
        """The path as corners, curves in short steps."""
        tokens = iter(_TOKENS.findall(self.path))
        rings: list[list[Point]] = []
        verb, ring = "", list[Point]()
        for token in tokens:
            if token == "Z":  # noqa: S105 - a letter of the path
                ring.append(ring[0])
                continue
            if token in "MLCQ":  # noqa: S105 - as above
                verb, first = token, next(tokens)
            else:
                first = token
            here = (float(first), float(next(tokens)))
            if verb == "M":
                ring = [here]
                rings.append(ring)
                verb = "L"
            elif verb == "L":
                ring.append(here)
            else:
                ends = [here, *((float(next(tokens)), float(next(tokens))) for _ in range(2 if verb == "C" else 1))]
                ring += _curve(ring[-1], ends)
        return rings


def _curve(start: Point, ends: list[Point]) -> Iterable[Point]:
    """Points of a Bézier curve of the second or third degree behind its start."""
    corners = [start, *ends]
    for step in range(1, _CURVE_STEPS + 1):
        at = step / _CURVE_STEPS
        level = corners
        while len(level) > 1:
            level = [(a[0] + (b[0] - a[0]) * at, a[1] + (b[1] - a[1]) * at) for a, b in pairwise(level)]
        yield level[0]


@dataclass(frozen=True, slots=True)
class Disc:
    """A filled circle."""

    paint: str
    x: float
    y: float
    radius: float


@dataclass(slots=True)
class Sheet:
    """A picture while it is drawn, from the back to the front."""

    shapes: list[Shape | Disc] = field(default_factory=list)

    def area(self, paint: str, path: str) -> None:
        self.shapes.append(Shape(paint, path))

    def stroke(self, paint: str, width: float, path: str) -> None:
        self.shapes.append(Shape(paint, path, width))

    def disc(self, paint: str, *places: tuple[float, float, float]) -> None:
        self.shapes += [Disc(paint, x, y, radius) for x, y, radius in places]

    def boxes(self, paint: str, width: float, height: float, *corners: Point) -> None:
        """Upright rectangles of one size, as one shape."""
        self.area(
            paint,
            "".join(f"M{x} {y}L{x + width} {y} {x + width} {y + height} {x} {y + height}Z" for x, y in corners),
        )

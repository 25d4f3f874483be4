"""The buildings: each stands on the line y = 284, between x = 70 and x = 420."""

from collections.abc import Callable
from typing import Final

from content.artwork.shapes import Sheet

_FLOOR: Final = 284


def clock_tower(sheet: Sheet) -> None:
    sheet.area("roof", "M92 160L392 160 406 176 78 176Z")
    sheet.area("wall", "M88 176L396 176 396 284 88 284ZM214 112L270 112 270 284 214 284Z")
    sheet.area("roof", "M206 112L242 74 278 112Z")
    sheet.disc("pane", (242, 134, 13))
    sheet.stroke("pole", 2, "M242 126L242 134 248 138")
    sheet.boxes("pane", 20, 26, *((x, y) for y in (192, 236) for x in (106, 144, 180, 284, 320, 358)))
    sheet.boxes("pane", 28, 22, (228, 160), (228, 196))
    _door(sheet, 242)


def long_block(sheet: Sheet) -> None:
    sheet.area("wall", "M76 168L408 168 408 284 76 284Z")
    sheet.area("roof", "M70 156L414 156 414 168 70 168Z")
    sheet.area("wall-2", "M300 132L372 132 372 284 300 284Z")
    sheet.area("roof", "M294 122L378 122 378 134 294 134Z")
    for y in (182, 216, 250):
        sheet.area("pane", f"M90 {y}L286 {y} 286 {y + 18} 90 {y + 18}Z")
        sheet.stroke("wall", 4, "".join(f"M{x} {y}L{x} {y + 18}" for x in (122, 154, 186, 218, 250)))
    sheet.boxes("pane", 44, 22, (314, 150), (314, 186), (314, 222))
    sheet.boxes("pane", 12, 18, *((388, y) for y in (182, 216, 250)))
    _door(sheet, 336)
    sheet.stroke("pole", 3, "M440 284L440 130")
    sheet.area("flag", "M441 132C456 126 462 140 478 134L478 156C462 162 456 148 441 154Z")


def gables(sheet: Sheet) -> None:
    for x, top in ((86, 196), (300, 196), (178, 168)):
        width = 132 if x == 178 else 108
        sheet.area("wall", f"M{x} {top}L{x + width} {top} {x + width} 284 {x} 284Z")
        sheet.area("roof", f"M{x - 10} {top}L{x + width / 2} {top - 52} {x + width + 10} {top}Z")
        sheet.disc("pane", (x + width / 2, top - 18, 9))
    sheet.boxes("pane", 22, 26, (104, 214), (152, 214), (318, 214), (366, 214), (196, 190), (232, 190), (268, 190))
    sheet.boxes("pane", 22, 24, (196, 232), (268, 232))
    _door(sheet, 243)
    sheet.stroke("pole", 3, "M66 284L66 222M420 284L420 222")
    sheet.stroke("flag", 3, "M66 226C160 262 330 262 420 226")
    sheet.area(
        "gold", "M120 246L134 246 127 260ZM200 254L214 254 207 268ZM282 254L296 254 289 268ZM356 246L370 246 363 260Z"
    )


def eaves(sheet: Sheet) -> None:
    for x, width, top in ((84, 90, 206), (312, 90, 206), (168, 150, 186)):
        sheet.area("wall", f"M{x} {top}L{x + width} {top} {x + width} 284 {x} 284Z")
        left, right, middle = x - 20, x + width + 20, x + width / 2
        sheet.area(
            "roof",
            f"M{left} {top - 6}Q{x + 8} {top - 6} {middle - width * 0.3} {top - 40}L{middle + width * 0.3} {top - 40}"
            f"Q{right - 28} {top - 6} {right} {top - 6}Q{right - 14} {top + 8} {right - 30} {top + 8}"
            f"L{left + 30} {top + 8}Q{left + 14} {top + 8} {left} {top - 6}Z",
        )
    sheet.area("wall", "M204 128L282 128 282 148 204 148Z")
    sheet.area("roof", "M182 130Q206 128 222 104L264 104Q280 128 304 130Q292 140 282 140L204 140Q194 140 182 130Z")
    sheet.boxes("pane", 18, 34, (100, 226), (140, 226), (328, 226), (368, 226), (184, 210), (284, 210))
    sheet.stroke("roof", 5, "M170 284L170 196M316 284L316 196M214 284L214 200M272 284L272 200")
    sheet.area("deep", "M222 284L222 236Q243 216 264 236L264 284Z")


def columns(sheet: Sheet) -> None:
    sheet.area("wall", "M84 176L402 176 402 284 84 284Z")
    sheet.area("roof", "M76 164L410 164 410 178 76 178Z")
    sheet.area("wall-2", "M160 150L326 150 326 284 160 284Z")
    sheet.area("roof", "M148 152L243 96 338 152Z")
    sheet.area("wall", "M180 146L243 110 306 146Z")
    sheet.disc("pane", (243, 134, 8))
    sheet.boxes("wall", 14, 112, (170, 160), (204, 160), (268, 160), (302, 160))
    sheet.boxes("pane", 18, 28, *((x, y) for y in (192, 238) for x in (98, 128, 342, 372)))
    sheet.area("deep", "M226 284L226 206L260 206L260 284Z")
    sheet.area("stone", "M150 278L336 278 342 290 144 290Z")


def town(sheet: Sheet) -> None:
    for x, width, top, paint in (
        (74, 74, 204, "wall"), (152, 62, 164, "wall-2"), (218, 92, 190, "wall"), (314, 56, 150, "wall-2"), (374, 60, 210, "wall"),
    ):  # fmt: skip
        sheet.area(paint, f"M{x} {top}L{x + width} {top} {x + width} {_FLOOR} {x} {_FLOOR}Z")
        sheet.area("roof", f"M{x - 6} {top}L{x + width * 0.5} {top - 26} {x + width + 6} {top}Z")
        rows = range(top + 16, _FLOOR - 34, 34)
        sheet.boxes("pane", 13, 18, *((x + 13 + n * 24, y) for y in rows for n in range((width - 16) // 24)))
    _door(sheet, 264)


def _door(sheet: Sheet, x: float) -> None:
    sheet.area("deep", f"M{x - 14} 284L{x - 14} 256C{x - 14} 238 {x + 14} 238 {x + 14} 256L{x + 14} 284Z")


HALLS: Final[dict[str, Callable[[Sheet], None]]] = {
    "clock tower": clock_tower,
    "long block": long_block,
    "gables": gables,
    "eaves": eaves,
    "columns": columns,
    "town": town,
}

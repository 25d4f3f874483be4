"""What grows and lies in front of the building: one tree, one ground with two people on it."""

from collections.abc import Callable
from typing import Final

from content.artwork.shapes import Sheet


def ginkgo(sheet: Sheet) -> None:
    sheet.stroke(
        "bark", 10, "M634 304C636 264 634 238 632 208M634 266C648 254 656 246 662 232M633 250C621 240 615 232 609 220"
    )
    sheet.disc("gold", (634, 176, 46), (596, 208, 32), (674, 206, 34), (640, 222, 30))
    sheet.disc("gold-2", (612, 186, 11), (660, 172, 9), (648, 214, 10), (588, 216, 7), (680, 222, 8))
    sheet.disc("gold", (560, 274, 4), (508, 292, 4), (668, 296, 4), (594, 298, 3))


def blossom(sheet: Sheet) -> None:
    sheet.stroke(
        "bark", 9, "M640 306C632 270 652 244 630 206M640 262C622 246 610 240 596 236M638 238C656 226 668 216 676 200"
    )
    sheet.disc("bloom", (628, 180, 38), (594, 214, 30), (664, 184, 36), (684, 214, 24), (638, 214, 30))
    sheet.disc("bloom-2", (610, 176, 8), (646, 166, 7), (672, 200, 9), (600, 220, 7), (634, 206, 6), (690, 216, 5))
    sheet.disc("bloom", (556, 268, 4), (582, 286, 3), (520, 284, 3), (666, 292, 4))


def willow(sheet: Sheet) -> None:
    sheet.stroke("bark", 11, "M644 308C638 268 652 232 640 176")
    sheet.disc("leaf", (640, 168, 40), (606, 186, 30), (676, 184, 32))
    sheet.stroke(
        "leaf", 7,
        "M586 188C576 226 580 246 574 276M604 196C598 232 602 252 598 284M624 200C622 232 626 246 622 268"
        "M658 200C662 234 656 250 662 274M680 196C690 230 684 250 690 284M698 190C708 222 702 240 708 266",
    )  # fmt: skip


def pine(sheet: Sheet) -> None:
    sheet.stroke("bark", 10, "M642 306L642 150")
    for y, half in ((138, 34), (176, 50), (218, 64)):
        sheet.area(
            "deep",
            f"M642 {y - 44}Q{642 + half * 0.4} {y - 4} {642 + half} {y + 32}L{642 - half} {y + 32}Q{642 - half * 0.4} {y - 4} 642 {y - 44}Z",
        )
    sheet.stroke("near", 4, "M612 168L628 164M656 206L674 210M604 246L626 242")


def camphor(sheet: Sheet) -> None:
    sheet.stroke(
        "bark", 13, "M638 308C640 276 634 252 636 226M636 268C652 256 664 250 674 238M636 258C618 248 608 242 602 232"
    )
    sheet.disc("deep", (636, 174, 52), (588, 206, 38), (686, 208, 36), (640, 220, 40))
    sheet.disc("leaf", (616, 168, 15), (660, 192, 12), (596, 206, 10), (684, 206, 10), (640, 150, 9))


TREES: Final[dict[str, Callable[[Sheet], None]]] = {
    "ginkgo": ginkgo,
    "blossom": blossom,
    "willow": willow,
    "pine": pine,
    "camphor": camphor,
}


def _water(sheet: Sheet) -> None:
    sheet.area("water", "M0 322C110 310 220 310 340 316C460 322 600 320 720 308L720 400 0 400Z")
    sheet.stroke(
        "rip", 3, "M40 352L110 352M150 372L260 372M60 388L106 388M560 350L650 350M610 374L676 374M330 384L410 384"
    )


def bridge(sheet: Sheet) -> None:
    _water(sheet)
    sheet.stroke("span", 16, "M252 326C336 250 560 250 644 326")
    sheet.stroke(
        "span",
        3,
        "M268 296C352 226 544 226 628 296M268 296L268 316M316 266L316 286M366 249L366 267M448 243L448 259M530 249L530 267M580 266L580 286M628 296L628 316",
    )
    sheet.stroke("pole", 2, "M254 335C338 262 558 262 642 335")
    _two(sheet, 0, 0)


def boat(sheet: Sheet) -> None:
    _water(sheet)
    sheet.area("roof", "M376 336L536 336C528 362 506 366 456 366C406 366 384 362 376 336Z")
    sheet.area("wall-2", "M384 336L528 336 526 342 386 342Z")
    _two(sheet, 6, 84)
    sheet.stroke("bark", 4, "M500 302L548 366")
    sheet.stroke("rip", 3, "M360 374L420 374M470 378L560 378")


def track(sheet: Sheet) -> None:
    sheet.area("near", "M0 312C220 300 500 300 720 308L720 400 0 400Z")
    sheet.area("lane", "M0 344C220 322 500 322 720 340L720 400 0 400Z")
    sheet.stroke("span", 3, "M0 360C220 336 500 336 720 356M0 380C220 354 500 354 720 376")
    _two(sheet, -10, 84)
    sheet.disc("wall", (534, 330, 8))


def path(sheet: Sheet) -> None:
    sheet.area("near", "M0 312C200 298 520 298 720 310L720 400 0 400Z")
    sheet.area(
        "sand",
        "M236 286C250 330 330 344 420 356C520 370 560 384 566 400L340 400C330 376 276 358 236 342C196 324 206 300 214 286Z",
    )
    sheet.stroke("bark", 5, "M402 352L402 332M498 352L498 332")
    sheet.stroke("roof", 8, "M392 332L508 332M394 312L506 312")
    _two(sheet, 4, 74)
    sheet.disc("gold", (60, 352, 5), (98, 368, 5), (130, 350, 4), (620, 352, 5), (660, 370, 5), (690, 350, 4))
    sheet.disc("bloom", (78, 362, 4), (118, 380, 5), (640, 366, 4), (676, 384, 5))


def field(sheet: Sheet) -> None:
    sheet.area("near", "M0 308C200 296 520 296 720 306L720 400 0 400Z")
    for n, y in enumerate((330, 350, 372)):
        sheet.stroke("gold" if n % 2 else "gold-2", 9, f"M0 {y}C180 {y - 14} 420 {y + 12} 720 {y - 8}")
    _two(sheet, 0, 66)


def _two(sheet: Sheet, right: float, down: float) -> None:
    """Two people side by side; the taller points somewhere."""
    x, y = right, down
    sheet.area(
        "cloth",
        f"M{412 + x} {258 + y}C{411 + x} {234 + y} {415 + x} {217 + y} {429 + x} {217 + y}C{443 + x} {217 + y} {447 + x} {234 + y} {446 + x} {258 + y}Z",
    )
    sheet.disc("skin", (429 + x, 204 + y, 11))
    sheet.area(
        "cloth-2",
        f"M{456 + x} {257 + y}C{455 + x} {240 + y} {459 + x} {229 + y} {469 + x} {229 + y}C{479 + x} {229 + y} {483 + x} {240 + y} {482 + x} {257 + y}Z",
    )
    sheet.disc("skin", (469 + x, 219 + y, 8.5))
    sheet.stroke("span", 4, f"M{444 + x} {238 + y}L{458 + x} {241 + y}")


GROUNDS: Final[dict[str, Callable[[Sheet], None]]] = {
    "bridge": bridge,
    "boat": boat,
    "track": track,
    "path": path,
    "field": field,
}

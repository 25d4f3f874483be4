"""Which picture a school has. Chosen by its name in addresses, from what suits its kind; never by chance."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from content.artwork.grounds import GROUNDS, TREES
from content.artwork.halls import HALLS
from content.artwork.shapes import Disc, Shape, Sheet
from tenancy.models import TenantKind

_SUITS: Final[dict[str, tuple[str, ...]]] = {
    TenantKind.PRIMARY: ("gables", "eaves", "clock tower"),
    TenantKind.MIDDLE: ("clock tower", "long block", "eaves"),
    TenantKind.COLLEGE: ("columns", "eaves", "long block"),
    TenantKind.DISTRICT: ("town",),
}
TONES: Final = 4
"""Sets of colours that the sheet knows, by number."""

_HALL: Final[dict[str, str | Promise]] = {
    "clock tower": pgettext_lazy("picture", "a clock tower"),
    "long block": pgettext_lazy("picture", "a long school building with a flag"),
    "gables": pgettext_lazy("picture", "three pointed roofs with bunting"),
    "eaves": pgettext_lazy("picture", "halls with curved eaves"),
    "columns": pgettext_lazy("picture", "a hall with columns"),
    "town": pgettext_lazy("picture", "a row of houses"),
}
_TREE: Final[dict[str, str | Promise]] = {
    "ginkgo": pgettext_lazy("picture", "a ginkgo"),
    "blossom": pgettext_lazy("picture", "a tree in blossom"),
    "willow": pgettext_lazy("picture", "a willow"),
    "pine": pgettext_lazy("picture", "a pine"),
    "camphor": pgettext_lazy("picture", "a camphor tree"),
}
_GROUND: Final[dict[str, str | Promise]] = {
    "bridge": pgettext_lazy("picture", "two people on a bridge"),
    "boat": pgettext_lazy("picture", "two people in a boat"),
    "track": pgettext_lazy("picture", "two people beside a running track"),
    "path": pgettext_lazy("picture", "two people on a bench"),
    "field": pgettext_lazy("picture", "two people between the fields"),
}


@dataclass(frozen=True)
class Scene:
    """One picture: ``seed`` decides what its name does not say, such as where the sun stands."""

    hall: str
    tree: str
    ground: str
    tone: int
    seed: int

    @property
    def words(self) -> str:
        """What is seen, for who does not see it, in the reader's language."""
        return _("{hall}, {tree}, {ground}").format(
            hall=_HALL[self.hall], tree=_TREE[self.tree], ground=_GROUND[self.ground]
        )

    @cached_property
    def shapes(self) -> tuple[Shape | Disc, ...]:
        """From the back to the front."""
        sheet = Sheet()
        _sky(sheet, self.seed)
        HALLS[self.hall](sheet)
        sheet.area(
            "near", "M0 292C60 266 120 270 190 278C300 270 410 272 490 282C580 268 650 270 720 286L720 400 0 400Z"
        )
        _shrubs(sheet, self.seed)
        TREES[self.tree](sheet)
        GROUNDS[self.ground](sheet)
        return tuple(sheet.shapes)


def scene_of(slug: str, kind: str) -> Scene:
    """The picture of the school that is called ``slug`` in addresses. Another slug may have the same one."""
    digest = sha256(f"picture:{slug}".encode()).digest()
    halls, trees, grounds = _SUITS.get(kind, tuple(HALLS)), tuple(TREES), tuple(GROUNDS)
    return Scene(
        hall=halls[digest[0] % len(halls)],
        tree=trees[digest[1] % len(trees)],
        ground=grounds[digest[2] % len(grounds)],
        tone=digest[3] % TONES,
        seed=digest[4],
    )


def _sky(sheet: Sheet, seed: int) -> None:
    sheet.area("sky", "M0 0L720 0 720 400 0 400Z")
    x, y = (566, 104) if seed % 2 else (494, 92)
    sheet.disc("halo", (x, y, 78))
    sheet.disc("sun", (x, y, 44))
    sheet.area(
        "far",
        "M0 214C70 170 128 162 196 190C256 140 346 130 418 172C482 138 550 142 606 176C650 158 688 156 720 168L720 400 0 400Z",
    )
    if seed % 3 == 0:
        sheet.area(
            "cloud", "M70 92C70 76 92 70 102 80C110 62 140 64 144 84C162 80 170 96 160 104L78 104C70 104 66 98 70 92Z"
        )
    elif seed % 3 == 1:
        sheet.stroke("pole", 3, "M96 96Q106 84 116 96Q126 84 136 96M150 76Q158 66 166 76Q174 66 182 76")
    else:
        sheet.area("roof", "M120 70L140 44 162 66 142 96Z")
        sheet.stroke("pole", 2, "M142 96C150 140 120 170 132 210M140 44L142 96M120 70L162 66")
    sheet.area("mid", "M0 262C90 222 190 228 268 250C364 216 464 224 544 252C606 232 664 232 720 248L720 400 0 400Z")


def _shrubs(sheet: Sheet, seed: int) -> None:
    sheet.stroke("bark", 7, "M56 250L56 300M26 270L26 296")
    sheet.disc("deep" if seed % 2 else "leaf", (56, 234, 38), (20, 258, 30))

"""In which of the eight ways (language × light or dark × phone or desk) a page is looked at.

``LOOK_ALL=1`` looks at every page in all eight. Without it key pages have all eight and the others two that share
nothing, chosen by the page's name: every page is seen in both languages, both schemes and both sizes, and the sheet as
a whole in all eight ways.
"""

import os
from zlib import crc32

from tests.journeys.looks import Look

Way = tuple[str, str, str]
EVERY_WAY: list[Way] = [
    (lang, scheme, size) for lang in ("zh", "en") for scheme in ("light", "dark") for size in ("phone", "desk")
]
ALL = bool(os.environ.get("LOOK_ALL"))


def opposite(way: Way) -> Way:
    """The way that shares no word with ``way``."""
    lang, scheme, size = way
    return (
        "en" if lang == "zh" else "zh",
        "dark" if scheme == "light" else "light",
        "desk" if size == "phone" else "phone",
    )


def ways_of(look: Look) -> list[Way]:
    """The same ones on every day and every machine."""
    if look.key or ALL:
        return EVERY_WAY
    way = EVERY_WAY[crc32(look.name.encode()) % len(EVERY_WAY)]
    return [way, opposite(way)]

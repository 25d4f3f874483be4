"""In which of the eight ways (language × light or dark × phone or desk) a page is looked at.

``bin/test --looks`` (``LOOK_ALL=1``) looks at every page in all eight, and at 200 % text. In a run of the whole each page
has one, chosen by its name, so that the sheet as a whole is seen in all eight ways at the cost of one look a page; where
that is on a phone, at 200 % text as well.
"""

import os
from zlib import crc32

from tests.journeys.looks import Look

Way = tuple[str, str, str]
EVERY_WAY: list[Way] = [
    (lang, scheme, size) for lang in ("zh", "en") for scheme in ("light", "dark") for size in ("phone", "desk")
]
LOOK_ALL = bool(os.environ.get("LOOK_ALL"))


def ways_of(look: Look) -> list[Way]:
    """The same ones on every day and every machine."""
    if LOOK_ALL:
        return EVERY_WAY
    return [EVERY_WAY[crc32(look.name.encode()) % len(EVERY_WAY)]]

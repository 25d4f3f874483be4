"""Acts that public pages show: whether the school's line is answered day and night, and which number stands behind it."""

from typing import Final

IN_SCHOOL: Final = frozenset({"chain.switch", "chain.line"})

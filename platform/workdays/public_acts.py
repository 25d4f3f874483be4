"""Acts that public pages show: the days on which the school's line is answered."""

from typing import Final

IN_SCHOOL: Final = frozenset({"workday.add", "workday.remove"})

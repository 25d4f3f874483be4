"""Acts that public pages show: a school's name, its line and hours, who looks first."""

from typing import Final

IN_SCHOOL: Final = frozenset({"setting.change"})
EVERYWHERE: Final = frozenset({"school.create", "school.change"})

"""Acts after which the pages of open days say something else."""

from typing import Final

IN_SCHOOL: Final = frozenset(
    {"openday.change", "openday.publish", "openday.call_off", "openday.session", "openday.pictures"}
)

"""What the frame of every page says of the school's own line: its number, its hours in words, whether nobody answers it now."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SchoolLine:
    """``phone`` as people dial it, empty where there is none; ``hours`` as they are shown; ``is_shut``: nobody answers now."""

    phone: str = ""
    hours: str = ""
    is_shut: bool = False

"""Acts that public pages show: who pays what."""

from typing import Final

IN_SCHOOL: Final = frozenset({"policy.approve", "policy.end"})

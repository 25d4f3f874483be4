"""What can be a reading: kinds of documents, brought by apps in ``readable.KINDS`` (docs/content.md §Everyone has it)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

from django.utils.safestring import SafeString

from registry import table


@dataclass(frozen=True, slots=True)
class Readable:
    """A document as its app has it now. ``version``: another one for every other wording. ``body``: safe HTML, None for
    a file that is opened elsewhere, at ``href``. ``signs``: how long it is.
    """

    title: str
    version: str
    href: str
    body: SafeString | None = None
    signs: int = 0


class DocumentKind(Protocol):
    """One kind of the open school's documents."""

    label: Any

    def choices(self) -> list[tuple[str, str]]:
        """(reference, title) of what is published."""
        ...

    def find(self, ref: str) -> Readable | None:
        """The document, None when it is not published here (any more). ``ref`` is untrusted."""
        ...


@cache
def kinds() -> Mapping[str, DocumentKind]:
    """Every app's kinds by name."""
    return table("readable", "KINDS")


def find(kind: str, ref: str) -> Readable | None:
    """The document of a kind that may be gone."""
    return kinds()[kind].find(ref) if kind in kinds() else None

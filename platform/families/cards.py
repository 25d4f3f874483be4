"""Parts that an app brings to the page of a relative without an account (``family_cards.CARDS``): tips, open days.

The page lies below the apps whose matters it shows, so each brings its own part; families know none of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.http import HttpRequest

from families.links import OpenLink
from registry import contributions


@dataclass(frozen=True, slots=True)
class Visit:
    """Who looks at which page: the request on the school's host, the open link and its secret.

    A card shows nothing of the member of the staff but how they are greeted, which the page says already.
    """

    request: HttpRequest
    opened: OpenLink
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """One part: a template and what it draws with, as ``card``. The lowest ``rank`` comes first."""

    rank: int
    template: str
    context: Mapping[str, Any]


class CardMaker(Protocol):
    """Makes the part, or None where there is nothing to show. GET changes nothing, so it only reads."""

    def __call__(self, visit: Visit, /) -> FamilyCard | None: ...


def family_cards(visit: Visit) -> list[FamilyCard]:
    """Every app's parts for this visit, in order."""
    makers: list[CardMaker] = [make for _app, brought in contributions("family_cards", "CARDS") for make in brought]
    return sorted((card for make in makers if (card := make(visit)) is not None), key=lambda card: card.rank)

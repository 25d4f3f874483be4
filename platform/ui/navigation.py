"""The navigation of a signed-in person: tabs of an area, offices of a school, sections of an office. It makes no query.

Each app brings its own rows in ``navigation.py``: ``TABS`` (area → links), ``OFFICES`` (name → office), ``SECTIONS``
(office → links). A link is shown to whoever holds its permission; ``rank`` says where it stands among those of other apps.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Final

from django.http import HttpRequest
from django.utils.functional import Promise

from accounts.actor import Actor, actor_for
from registry import contributions, table

Text = str | Promise

MANY: Final = 10
"""A number beside a tab is told up to one below this; from here on it is "9+"."""

STAFF: Final = "staff"
PARTNER: Final = "partner"
OPERATOR: Final = "operator"
"""The areas with tabs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A place to go to. ``covers`` are further beginnings of addresses that belong to it.

    ``unless``: (permission, address, label). Whoever does not hold it is led there instead of to ``url``, and reads that
    label: a link is named for what it opens.
    ``count`` says how many things wait there for the actor; it stops at ``MANY``, so that it stays cheap.
    """

    rank: int
    label: Text
    url: str
    icon: str
    permission: str
    covers: tuple[str, ...] = ()
    unless: tuple[str, str, Text] | None = None
    count: Callable[[Actor], int] | None = None

    def for_actor(self, actor: Actor) -> tuple[str, Text]:
        """Where it leads ``actor``, and what it is called then."""
        if self.unless is None or actor.may(self.unless[0]):
            return self.url, self.label
        return self.unless[1:]


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the frame as drawn. ``current`` marks the page being looked at.

    ``count`` says what waits there ("", "3", "9+"); the template asks it, one query, where it draws the number.
    """

    label: Text
    url: str
    icon: str
    current: bool = False
    count: Callable[[], str] = field(default=str, compare=False)


@cache
def _links(attribute: str) -> dict[str, tuple[Link, ...]]:
    gathered: dict[str, list[Link]] = {}
    for _app, rows in contributions("navigation", attribute):
        for place, links in rows.items():
            gathered.setdefault(place, []).extend(links)
    return {place: tuple(sorted(links, key=lambda link: link.rank)) for place, links in gathered.items()}


@cache
def offices() -> dict[str, Link]:
    """Every office of a school by name, in order."""
    rows: dict[str, Link] = table("navigation", "OFFICES")
    return dict(sorted(rows.items(), key=lambda row: row[1].rank))


def _items(links: Iterable[Link], actor: Actor, path: str) -> tuple[NavItem, ...]:
    """The links that ``actor`` may open, in order; the one with the longest address that fits ``path`` is current."""
    open_links = [link for link in links if actor.may(link.permission)]
    fits = [
        (len(start), link.url) for link in open_links for start in (link.url, *link.covers) if path.startswith(start)
    ]
    current = max(fits, default=(0, ""))[1]
    items = []
    for link in open_links:
        url, label = link.for_actor(actor)
        items.append(NavItem(label, url, link.icon, link.url == current, partial(_waiting, link, actor)))
    return tuple(items)


def _waiting(link: Link, actor: Actor) -> str:
    waits = link.count(actor) if link.count else 0
    return f"{MANY - 1}+" if waits >= MANY else str(waits or "")


def tabs(area: str, actor: Actor, path: str) -> tuple[NavItem, ...]:
    """The tabs of ``area`` for ``actor``."""
    return _items(_links("TABS").get(area, ()), actor, path)


def office_items(actor: Actor, path: str) -> tuple[NavItem, ...]:
    """The offices that ``actor`` works in."""
    return _items(offices().values(), actor, path)


def office_at(path: str) -> Text:
    """What the office is called whose page this is, whoever looks at it; empty for none.

    Empty too for the one page of an office that has no further sections: it is called what the office is.
    """
    found = [(len(link.url), name) for name, link in offices().items() if path.startswith((link.url, *link.covers))]
    if not found:
        return ""
    name = max(found)[1]
    office = offices()[name]
    is_all = path == office.url and all(link.url == path for link in _links("SECTIONS").get(name, ()))
    return "" if is_all else office.label


def office_title(name: str) -> Text:
    """What an office is called."""
    return offices()[name].label


def at_desk(request: HttpRequest, name: str, **context: Any) -> dict[str, Any]:
    """``context`` with the sections of the office ``name`` that are open to the request's actor."""
    sections = _items(_links("SECTIONS")[name], actor_for(request), request.path)
    return {"sections": sections, "sections_title": office_title(name), "office": name, **context}

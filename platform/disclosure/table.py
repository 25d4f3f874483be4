"""The table: role × object × field, put together from each app's ``disclosure.py`` (docs/privacy.md §Who sees what).

``OBJECTS``: what a page can show. ``MODELS``: every concrete field of every model → a facet, ``PLAIN`` or ``HIDDEN``.
``ROWS``: (object, reader) → what that reader sees of it. ``PAGES``: every address that answers GET → objects and readers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from disclosure.words import Facet, Field, Reader, Text
from registry import contributions
from registry import table as joined


@dataclass(frozen=True, slots=True)
class Thing:
    """An object in the words of a page about a role; without words where nobody needs telling.

    ``is_spelled``: its facets are named behind it.
    ``own``: how a person's own are called; empty for what nobody has of their own. ``of_person``: says something of one.
    ``rank``: its place among others, the smallest first.
    """

    text: Text = ""
    own: Text = ""
    is_spelled: bool = False
    of_person: bool = True
    rank: int = 50


@dataclass(frozen=True, slots=True)
class Row:
    """What one reader sees of one object. ``never``: what the sentence denies; it must not be among ``sees``.

    ``looks``: the acts of the record that such a look leaves (``audit.record_read``); empty when none is kept.
    ``remark``: one more sentence, about who and when, never about what.
    """

    sees: frozenset[Facet]
    never: tuple[Facet, ...] = ()
    looks: tuple[str, ...] = ()
    remark: Text = ""


Key = tuple[str, Reader]
Page = Mapping[str, frozenset[Reader]]
"""Object → who sees it on this page. Empty: the page says nothing of a person, whoever opens it."""


def sees(*facets: Facet, never: tuple[Facet, ...] = (), looks: tuple[str, ...] = (), remark: Text = "") -> Row:
    """A row. ValueError when it denies what it shows."""
    if denied := frozenset(facets) & frozenset(never):
        raise ValueError(f"seen and denied: {sorted(denied)}")
    return Row(frozenset(facets), never, looks, remark)


def shows(objects: str, *readers: Reader) -> dict[str, frozenset[Reader]]:
    """A page: each of the ``objects``, parted by blanks, to each of the readers. Pages are joined by ``|``."""
    return {name: frozenset(readers) for name in objects.split()}


NOTHING: Page = {}
"""A page that says nothing of a person, whoever opens it."""


def columns(plain: str, /, *, hidden: str = "", **facets: Facet) -> dict[str, Facet | Field]:
    """A model's row: ``plain`` and ``hidden`` name columns, parted by blanks; the others hold a facet."""
    named: dict[str, Facet | Field] = dict.fromkeys(plain.split(), Field.PLAIN)
    return named | dict.fromkeys(hidden.split(), Field.HIDDEN) | facets


def silent(names: str) -> dict[str, Page]:
    """Addresses, parted by blanks, that say nothing of a person."""
    return dict.fromkeys(names.split(), NOTHING)


@cache
def things() -> Mapping[str, Thing]:
    """Object → its words, in the order of the apps."""
    return joined("disclosure", "OBJECTS")


@cache
def models() -> Mapping[str, Mapping[str, Facet | Field]]:
    """``app.Model`` → field → what it holds."""
    return joined("disclosure", "MODELS")


@cache
def pages() -> Mapping[str, Page]:
    """Name of an address → what it shows to whom. ValueError for an object or a reader without a row."""
    whole: dict[str, Page] = joined("disclosure", "PAGES")
    for name, page in whole.items():
        for thing, readers in page.items():
            if missing := {reader for reader in readers if (thing, reader) not in rows()}:
                raise ValueError(f"{name} shows {thing} to {sorted(missing)}, who have no row")
    return whole


@cache
def rows() -> Mapping[Key, Row]:
    """(object, reader) → what is seen. ValueError for an object without words."""
    whole: dict[Key, Row] = {}
    for app, found in contributions("disclosure", "ROWS"):
        for key, row in found.items():
            if key in whole:
                raise ValueError(f"{app}.disclosure.ROWS repeats {key}")
            if key[0] not in things():
                raise ValueError(f"{app}.disclosure.ROWS has a row of {key[0]}, which is no object")
            whole[key] = row
    return whole


def seen(thing: str, reader: Reader) -> frozenset[Facet]:
    """What ``reader`` may see of ``thing``; nothing without a row."""
    row = rows().get((thing, reader))
    return row.sees if row else frozenset()

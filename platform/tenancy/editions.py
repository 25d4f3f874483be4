"""The edition of a school's public pages: a new one whenever something that they say was changed.

What is kept of a page (``ui.page_cache``, a rendered body) bears the edition it was made in and is shown in that one only.
The edition is read before the page is made, so a page that was made while something changed is of an edition that is over.
Lives in the cache that all processes share. Without it nothing may be kept: ``current`` is None then.
"""

import time
from typing import Final
from uuid import UUID, uuid4

from django.core.cache import cache
from django.db import transaction

_EVERYWHERE: Final = "edition:all"
_DAY: Final = 86_400
type Edition = tuple[str, str]
"""Of all schools, of this one: each the second it began, and a word drawn for it."""


def _key(tenant_id: UUID) -> str:
    return f"edition:{tenant_id}"


def is_shared() -> bool:
    """Whether what one process writes into the cache is seen by the others now."""
    return bool(getattr(cache, "is_shared", True))


def look(tenant_id: UUID, *further: str) -> tuple[Edition | None, dict[str, object]]:
    """The edition of now, and what the cache holds under ``further`` keys: one question for both."""
    keys = (_EVERYWHERE, _key(tenant_id))
    found = cache.get_many([*keys, *further])
    missing = [key for key in keys if key not in found]
    for key in missing:
        found[key] = _begun(key)
    if not is_shared():  # asked last: it may have stopped answering just now
        return None, {}
    return (str(found[keys[0]]), str(found[keys[1]])), {key: found[key] for key in further if key in found}


def current(tenant_id: UUID) -> Edition | None:
    """The edition of now; None while the processes do not share a cache."""
    return look(tenant_id)[0]


def _begun(key: str) -> str:
    edition = _new()
    cache.add(key, edition, _DAY)
    return str(cache.get(key, edition))


def _new() -> str:
    return f"{time.time()!r} {uuid4().hex}"


def seconds_old(edition: Edition) -> float:
    """Since when nothing was changed, by the clock of the machine that changed it."""
    return time.time() - max(float(part.partition(" ")[0]) for part in edition)


def begin_new(tenant_id: UUID | None) -> None:
    """Begin a new edition, of every school when ``tenant_id`` is None.

    At once, for whoever looks inside this transaction, and again when it has committed, for everybody else.
    """
    key = _EVERYWHERE if tenant_id is None else _key(tenant_id)
    cache.set(key, _new(), _DAY)
    transaction.on_commit(lambda: cache.set(key, _new(), _DAY))

"""What a process remembers of a school's published pages: in one edition of them, and for a minute at most."""

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, Final
from uuid import UUID

from django.utils.translation import get_language

from tenancy.editions import Edition

SECONDS: Final = 60.0
"""As long as a kept page (``ui.page_cache``): whatever was changed past every road is shown within a minute."""
_MOST: Final = 512
"""Pages and bodies together, some 20 KB each."""
_known: "OrderedDict[tuple[Any, ...], tuple[float, Any]]" = OrderedDict()
_lock: Final = Lock()


def remembered[Value](edition: Edition | None, of: tuple[UUID | int | str, ...], make: Callable[[], Value]) -> Value:
    """What ``make`` gives for ``of``, in this language and ``edition``; made anew for each reader where that is None.

    ``edition`` was read before anything that ``make`` reads, so what is remembered is never of an edition before.
    """
    if edition is None:
        return make()
    key = (edition, get_language(), *of)
    moment = time.monotonic()
    with _lock:
        since, value = _known.get(key, (-SECONDS, None))
        if moment - since < SECONDS:
            _known.move_to_end(key)
            found: Value = value
            return found
    made = make()
    with _lock:
        _known[key] = (moment, made)
        while len(_known) > _MOST:
            _known.popitem(last=False)
    return made

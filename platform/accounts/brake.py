"""Limits refusals per person or address and minute, on pages and in the API. Answers that succeed are not counted.

A busy counter is never held up by it, and a person who slips never comes near. One budget for a person, by page
and by call; for an address on the net where nobody is known. Counted in the cache, and while that is away per process: it
slows a flood down and guards no secret (those are counted by ``accounts.tries``).
"""

import time
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac

WINDOW_SECONDS: Final = 60
COUNTED: Final = frozenset({400, 401, 403, 404, 409, 413, 415, 422})
"""Answers to what is wrong, foreign, invented or not allowed."""


def is_spent(caller: str) -> bool:
    """Whether ``caller`` (a person's id or an address) was refused ``REFUSALS_PER_MINUTE`` times in this minute."""
    limit = settings.REFUSALS_PER_MINUTE
    return bool(limit) and cache.get(_counter(caller), 0) >= limit


def count(caller: str, status: int) -> None:
    """Count an answer with this status when it is a refusal. ``REFUSALS_PER_MINUTE`` 0 counts nothing."""
    if status not in COUNTED or not settings.REFUSALS_PER_MINUTE:
        return
    counter = _counter(caller)
    if not cache.add(counter, 1, timeout=2 * WINDOW_SECONDS):
        try:
            cache.incr(counter)
        except ValueError:  # it expired between the two calls
            cache.set(counter, 1, timeout=2 * WINDOW_SECONDS)


def seconds_left() -> int:
    """Whole seconds until the next minute begins, at least one."""
    return int(WINDOW_SECONDS - time.time() % WINDOW_SECONDS) + 1


def _counter(caller: str) -> str:
    minute = int(time.time() // WINDOW_SECONDS)
    return f"refusals:{minute}:{salted_hmac('accounts.brake', caller, algorithm='sha256').hexdigest()[:24]}"

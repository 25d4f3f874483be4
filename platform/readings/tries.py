"""How often somebody has answered the questions of a reading lately: counted in the cache for some minutes, and kept nowhere.

Counted before the answers are looked at, so that tries at one moment are each counted. A cache that is lost forgets: what it
holds up is guessing, and it guards no secret (those are counted by ``accounts.tries``).
"""

from math import ceil
from typing import Final
from uuid import UUID

from django.core.cache import cache

from kernel.clock import now
from kernel.errors import Refused
from readings.rules import MOST_TRIES, TRIES_WITHIN

_SECONDS: Final = int(TRIES_WITHIN.total_seconds())


def count(reading_id: UUID, person_id: UUID) -> None:
    """Count one try. Refused ``reading_read_again`` with the whole ``minutes`` to wait, when there were ``MOST_TRIES``."""
    moment = now().timestamp()
    key = f"readings.tries:{reading_id}:{person_id}:{int(moment // _SECONDS)}"
    tried = 1
    if not cache.add(key, 1, timeout=2 * _SECONDS):
        try:
            tried = cache.incr(key)
        except ValueError:  # it expired between the two calls
            cache.set(key, 1, timeout=2 * _SECONDS)
    if tried > MOST_TRIES:
        raise Refused("reading_read_again", minutes=ceil((_SECONDS - moment % _SECONDS) / 60))

"""Guessing is slow: what is counted is refusals, not work, so a busy counter is never held up (rules §2).

Counted per person; without one, per address. The address is only a key of a cache that forgets within two minutes.
"""

import time
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.cache import cache
from django.utils.crypto import salted_hmac
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from api.drf_settings import API_REFUSALS_PER_MINUTE

WINDOW_SECONDS = 60
GUESSES = frozenset({401, 404, 422})
"""Answers that a guess gets: a wrong token, a foreign or invented id, an unknown code."""


def refusals_per_minute() -> int:
    """How many guesses may fail in a minute; 0 switches the brake off."""
    limit: int = getattr(settings, "API_REFUSALS_PER_MINUTE", API_REFUSALS_PER_MINUTE)
    return limit


class RefusalThrottle(BaseThrottle):
    """Refuses with 429 once ``API_REFUSALS_PER_MINUTE`` (0 switches it off) guesses failed in this minute."""

    def allow_request(self, request: Request, view: Any) -> bool:
        """Whether this caller may still ask."""
        limit = refusals_per_minute()
        return not limit or cache.get(_counter(request), 0) < limit

    def wait(self) -> float:
        """Seconds until the next minute begins."""
        return WINDOW_SECONDS - time.time() % WINDOW_SECONDS


def count_guess(request: Request, status: int) -> None:
    """Count an answer when it is one that a guess gets."""
    if status not in GUESSES or not refusals_per_minute():
        return
    counter = _counter(request)
    if not cache.add(counter, 1, timeout=2 * WINDOW_SECONDS):
        try:
            cache.incr(counter)
        except ValueError:  # it expired between the two calls
            cache.set(counter, 1, timeout=2 * WINDOW_SECONDS)


def _counter(request: Request) -> str:
    actor = getattr(request, "actor", None)
    # allauth's: it knows how many proxies stand in front, whose own address would be everybody's.
    caller = str(actor.user_id) if actor is not None else get_adapter().get_client_ip(request._request)
    minute = int(time.time() // WINDOW_SECONDS)
    return f"api-refusals:{minute}:{salted_hmac('api.throttling', caller, algorithm='sha256').hexdigest()[:24]}"

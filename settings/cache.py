"""Cache backend that falls back to the process's own memory while the broker is down.

The cache holds only what can be looked up again, and the counters of the rate limits. A page must not fail because
the broker does, and a limit must not open: it holds per process until the broker is back.
"""

import logging
import time
from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger("settings.cache")

REST_SECONDS: Final = 5.0
"""How long a server that did not answer is left alone, so that an outage costs one wait and not one per look."""


def _lasting(verb: str) -> Callable[..., Any]:
    def ask(self: "LastingCache", *args: Any, **kwargs: Any) -> Any:
        return self.ask(verb, *args, **kwargs)

    ask.__doc__ = "As Django's."
    return ask


class _OneClient(RedisCacheClient):
    """Django's client makes one of the driver's for every look, which costs more than the look. This one keeps it."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        super().__init__(servers, **options)
        self._kept = super().get_client(write=True)  # there is one server

    def get_client(self, key: Any = None, *, write: bool = False) -> Redis:
        """The one that is kept; its connections come from a pool, as Django's do."""
        return self._kept


class LastingCache(RedisCache):
    """Django's Redis cache with the process's own memory behind it. ``clear`` clears both."""

    _rests_until: ClassVar[float] = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, {**params, "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1}})
        self._class = _OneClient
        self._own = LocMemCache("lasting", params)

    @property
    def is_shared(self) -> bool:
        """Whether other processes see what this one writes; not while the server is left alone."""
        return time.monotonic() >= self._rests_until

    def ask(self, verb: str, *args: Any, **kwargs: Any) -> Any:
        """The server's answer to ``verb``, or the process's own while the server does not answer."""
        if time.monotonic() >= self._rests_until:
            try:
                answer = getattr(super(), verb)(*args, **kwargs)
            except RedisError as error:
                logger.warning("the cache does not answer: %s; this process remembers for itself", type(error).__name__)
                LastingCache._rests_until = time.monotonic() + REST_SECONDS
            else:
                if self._rests_until:
                    LastingCache._rests_until = 0.0
                    self._own.clear()  # what was remembered alone may be stale by the next outage
                return answer
        return getattr(self._own, verb)(*args, **kwargs)

    add = _lasting("add")
    get = _lasting("get")
    set = _lasting("set")
    touch = _lasting("touch")
    delete = _lasting("delete")
    has_key = _lasting("has_key")
    incr = _lasting("incr")
    get_many = _lasting("get_many")
    set_many = _lasting("set_many")
    delete_many = _lasting("delete_many")
    clear = _lasting("clear")

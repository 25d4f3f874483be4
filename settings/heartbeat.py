"""The scheduler's sign of life: beat leaves it with the broker, where it goes out by itself when beat no longer comes.

A key with an end, not a time to compare: the clocks of two machines need not agree.
"""

import logging
import time
from typing import Any, Final

from celery.beat import PersistentScheduler
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger("settings.heartbeat")

KEY: Final = "xinqiao:beat"
EVERY_SECONDS: Final = 10.0
LASTS_SECONDS: Final = 60
"""Six signs of life may be lost on the way; /readyz must notice within 90 s."""


def broker() -> Redis:
    """A connection that gives up soon: it is only asked whether somebody is there. Raises RedisError when used."""
    return Redis.from_url(settings.CELERY_BROKER_URL, socket_connect_timeout=1, socket_timeout=1)


def is_beating() -> bool:
    """Whether beat came by within ``LASTS_SECONDS``. RedisError when the broker does not answer."""
    with broker() as server:
        return bool(server.exists(KEY))


class BeatingScheduler(PersistentScheduler):  # type: ignore[misc]  # celery has no types
    """Celery's own schedule, with a sign of life at each of its rounds. A broker that is down costs the sign, not the round."""

    _next_at = 0.0

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """As Celery's: seconds until the next round."""
        if time.monotonic() >= self._next_at:
            self._next_at = time.monotonic() + EVERY_SECONDS
            try:
                with broker() as server:
                    server.set(KEY, "1", ex=LASTS_SECONDS)
            except RedisError as error:
                logger.warning("no broker to leave a sign of life with: %s", type(error).__name__)
        return float(super().tick(*args, **kwargs))

    def close(self) -> None:
        """An orderly end is seen at once."""
        try:
            with broker() as server:
                server.delete(KEY)
        except RedisError:
            logger.warning("no broker to say goodbye to")
        super().close()

"""Heartbeats of scheduler and workers: keys with the broker that expire when they are not renewed.

Only the broker's own clock is asked: those of the machines need not agree.
"""

import logging
import time
from typing import Any, Final

from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.worker.consumer.tasks import Tasks
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger("operations.heartbeat")

KEY: Final = "xinqiao:beat"
WORKERS_KEY: Final = "xinqiao:workers"
"""Names of workers, each with the second of the broker's clock at which its sign goes out."""
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


def is_working() -> bool:
    """Whether any worker came by within ``LASTS_SECONDS``. RedisError when the broker does not answer."""
    with broker() as server:
        return bool(server.zcount(WORKERS_KEY, f"({_second(server)}", "+inf"))


def _second(server: Redis) -> int:
    """The broker's clock, in whole seconds."""
    return int(server.time()[0])  # the client is synchronous


class BeatingScheduler(PersistentScheduler):  # celery has no types
    """Celery's own scheduler with a heartbeat at each round. When the broker is down the heartbeat is left out, not the round."""

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
        """Removes the heartbeat at an orderly end."""
        try:
            with broker() as server:
                server.delete(KEY)
        except RedisError:
            logger.warning("no broker to say goodbye to")
        super().close()


class WorkerSign(bootsteps.StartStopStep):  # celery has no types
    """A worker's sign of life: at its start, then from the loop in which it takes its tasks.

    Not a task: one would wait behind long work, and a house whose workers are all busy is not a dead one.
    """

    requires = (Tasks,)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._timer: Any = None

    def start(self, consumer: Any) -> None:
        """Called at the start and after each lost connection to the broker."""
        self._leave(consumer.hostname)
        self._timer = consumer.timer.call_repeatedly(EVERY_SECONDS, self._leave, (consumer.hostname,))

    def stop(self, consumer: Any) -> None:
        """Stops the heartbeat."""
        if self._timer is not None:
            consumer.timer.cancel(self._timer)
            self._timer = None

    def shutdown(self, consumer: Any) -> None:
        """Removes the heartbeat at an orderly end."""
        self.stop(consumer)
        try:
            with broker() as server:
                server.zrem(WORKERS_KEY, consumer.hostname)
        except RedisError:
            logger.warning("no broker to say goodbye to")

    def _leave(self, hostname: str) -> None:
        try:
            with broker() as server:
                now = _second(server)
                server.zadd(WORKERS_KEY, {hostname: now + LASTS_SECONDS})
                server.zremrangebyscore(WORKERS_KEY, "-inf", now)
                server.expire(WORKERS_KEY, LASTS_SECONDS)
        except RedisError as error:
            logger.warning("no broker to leave a sign of life with: %s", type(error).__name__)

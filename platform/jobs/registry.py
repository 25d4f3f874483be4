"""Which function does which kind of job. Each app registers its own in its ``job_handlers`` module."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobs.models import Job
    from jobs.progress import Progress

type Handler = Callable[["Job", "Progress"], Mapping[str, Any] | None]

_handlers: dict[str, Handler] = {}


def register(kind: str) -> Callable[[Handler], Handler]:
    """``@register("settlement")`` above ``def settle(job, progress) -> result or None``.

    A handler runs with its school open and outside any transaction, opens its own, reports with ``progress`` at least
    every half minute, and **may be run again from the start** after a crash: what it did the first time it must find
    and not do twice. Its result is plain JSON of ids and counts. ValueError when the kind is taken.
    """

    def keep(handler: Handler) -> Handler:
        if _handlers.setdefault(kind, handler) is not handler:
            raise ValueError(f"job kind taken: {kind}")
        return handler

    return keep


def handler_of(kind: str) -> Handler:
    """The function for ``kind``. KeyError when there is none."""
    return _handlers[kind]

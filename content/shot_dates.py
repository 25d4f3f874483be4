"""Until when a report's pictures of people may be shown; an app that content does not know says it (``PICTURES_UNTIL``)."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Final

from django.conf import settings
from django.utils.module_loading import import_string

NEVER_SHOWN: Final = datetime.min.replace(tzinfo=UTC)
"""Said of a page that belongs to no open day: a copy of a report, to which nobody has said yes."""


def pictures_until(page_id: int) -> datetime | None:
    """The moment (UTC) from which the page shows no picture before somebody has looked through them; None for no such,
    ``NEVER_SHOWN`` for a report that is no open day's own.
    """
    hook = _hook(settings.PICTURES_UNTIL)
    return hook(page_id) if hook else None


@cache
def _hook(path: str) -> Callable[[int], datetime | None] | None:
    found: Callable[[int], datetime | None] | None = import_string(path) if path else None
    return found

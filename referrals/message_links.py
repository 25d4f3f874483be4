"""Messages whose link is made when they are sent; found by ``notifications.texts``."""

from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

from referrals.roads import WITH_LINK
from referrals.workflow.leaver_links import path_for

LINKS: Final[Mapping[str, Callable[[UUID | None], str | None]]] = {
    "leaver_link": path_for,
    **dict.fromkeys(WITH_LINK, path_for),
}

"""One page is saved by one request at a time: the editor saves by itself, and beside it whoever edits presses Save.

Wagtail asks whether an autosave is out of date and writes it afterwards; of two that overlap both find that they are not, and
what is written last stands, also when it is the older text. Here the second waits for the first, and then finds out.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

WAITS: Final = 20.0
"""Seconds for which one waits. Whoever has waited so long goes on: a save that is late is better than one that never was."""
_HELD: Final = 30
"""Seconds after which a turn is over even if its worker died."""
_ASKS: Final = 0.05
_EDITED: Final = re.compile(r"/cms/pages/([0-9]{1,18})/edit/")


class _EditRequest(HttpRequest):
    """A save that holds its page's turn."""

    edit_turn: str


class EditInTurnMiddleware:
    """Takes its turn behind the gate's look at the view: whoever may not edit the page neither waits nor makes anybody wait,
    and the form has arrived. No lock of the database: what is refused on the way is recorded outside of any transaction.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            if turn := getattr(request, "edit_turn", ""):
                cache.delete(turn)

    def process_view(self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Waits for those before; None lets the view answer."""
        edited = _EDITED.fullmatch(request.path) if request.method == "POST" else None
        if edited is not None and _take(turn := turn_of(int(edited[1]))):
            cast(_EditRequest, request).edit_turn = turn


def turn_of(page_id: int) -> str:
    """What the turn of a page is called in the cache."""
    return f"edit/{page_id}"


def _take(turn: str) -> bool:
    until = time.monotonic() + WAITS
    while not cache.add(turn, 1, _HELD):
        if time.monotonic() > until:
            return False
        time.sleep(_ASKS)
    return True

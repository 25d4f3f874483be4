"""What a page has read once it does not read again: hours, days off, prices, rules that several of its parts ask for.

Only while a page is made that changes nothing (GET, HEAD): whoever writes always asks the database. What is remembered ends
with the request, so nobody is shown what was true for somebody else, or a minute ago. Each open school has its own.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import update_wrapper
from typing import Final

from django.http import HttpRequest, HttpResponse

from tenancy.scope import current

_READS: Final = frozenset({"GET", "HEAD"})
_known: ContextVar[dict[Hashable, object] | None] = ContextVar("tenancy_page_memory", default=None)


@contextmanager
def page_memory() -> Iterator[None]:
    """Inside the block everything that is ``OnceAPage`` is read once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


class OnceAPage[**Asked, Answer]:
    """A reader whose answer stands until the page is made. Whoever is given one changes nothing in it."""

    def __init__(self, read: Callable[Asked, Answer]) -> None:
        self._read = read
        update_wrapper(self, read)

    def __call__(self, *args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        """What was read before by the same words in the same school, else what is read now."""
        known = _known.get()
        if known is None:
            return self._read(*args, **kwargs)
        key = self._key(args, kwargs)
        if key not in known:
            known[key] = self._read(*args, **kwargs)
        answer: Answer = known[key]  # type: ignore[assignment]  # what this reader put there
        return answer

    def is_known(self, *args: Asked.args, **kwargs: Asked.kwargs) -> bool:
        """Whether asking costs nothing."""
        return self._key(args, kwargs) in (_known.get() or {})

    @staticmethod
    def remembers() -> bool:
        """Whether a page is being made that changes nothing."""
        return _known.get() is not None

    def know(self, answer: Answer, *args: Asked.args, **kwargs: Asked.kwargs) -> None:
        """Note what was read together with something else; nothing outside a page."""
        if (known := _known.get()) is not None:
            known[self._key(args, kwargs)] = answer

    def _key(self, args: tuple[object, ...], kwargs: dict[str, object]) -> Hashable:
        return (self._read, current(), args, tuple(sorted(kwargs.items())))


class PageMemoryMiddleware:
    """Opens the memory of a page that changes nothing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, made with a memory of its own."""
        if request.method not in _READS:
            return self.get_response(request)
        with page_memory():
            return self.get_response(request)

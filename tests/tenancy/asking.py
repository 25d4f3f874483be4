"""Asking for very many pages: each request is undone, and nothing is kept of it but the answer."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from traceback import walk_tb
from typing import Any, Final

import pytest
from django.db import transaction
from django.template.base import Template
from django.test.utils import _TestState
from django.urls import resolve
from django.views.decorators import cache, csrf, http

from accounts.access import signed_in
from api.views import Guarded
from ui import middleware


@contextmanager
def undone() -> Iterator[None]:
    """What is written meanwhile is taken back."""
    block = transaction.atomic()
    # As Django's own test cases mark theirs: a refusal's row asks to stand outermost.
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


@contextmanager
def answers_alone() -> Iterator[None]:
    """Meanwhile no answer has a ``context``.

    Django's test client copies the context of every template that is rendered, and of each one it includes; who reads what
    the answer says needs none of it.
    """
    watched = Template._render
    Template._render = _TestState.saved_data.template_render
    try:
        yield
    finally:
        Template._render = watched


_ID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Words:
    """What must not be shown, looked for in very many answers.

    A school's rows have a thousand ids. All ids that stand in an answer are read in one go, where to look for one after the
    other took half of a crawl's time.
    """

    def __init__(self, words: Iterable[str]) -> None:
        every = [word.encode() for word in words]
        self.ids = frozenset(word for word in every if _ID.fullmatch(word))
        self.others = [word for word in every if word not in self.ids]

    def shown_in(self, answer: bytes) -> list[str]:
        """Those that stand in it."""
        found = [*self.ids.intersection(_ID.findall(answer)), *(word for word in self.others if word in answer)]
        return [word.decode() for word in found]


_DOOR: Final = signed_in.__code__.co_filename
_FRAMES: Final = {module.__file__ for module in (cache, csrf, http)}
"""Decorators that look at the method and at headers alone."""


class Door:
    """Whether the last answer was a refusal before the view: nothing that the address names had been read (``accounts.access``,
    ``api.views.Guarded.initial``).
    """

    def __init__(self) -> None:
        self.error: Exception | None = None

    def forget(self) -> None:
        """Before the next request."""
        self.error = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Meanwhile the errors that pages and calls answer with are seen."""
        usual_page, usual_call = middleware.remember, Guarded.handle_exception

        def page(error: Any) -> None:
            self.error = error
            usual_page(error)

        def call(view: Guarded, error: Exception) -> Any:
            self.error = error
            return usual_call(view, error)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(middleware, "remember", page)
            patch.setattr(Guarded, "handle_exception", call)
            yield

    @property
    def turned_away(self) -> bool:
        """The error rose at the door."""
        if self.error is None:
            return False
        codes = [frame.f_code for frame, _line in walk_tb(self.error.__traceback__)]
        return codes[-1].co_filename == _DOOR or Guarded.initial.__code__ in codes

    def stands_before(self, path: str) -> bool:
        """Whether the door is the same for each method: the whole view stands behind it."""
        view = resolve(path).func
        while view is not None and view.__code__.co_filename in _FRAMES:
            view = getattr(view, "__wrapped__", None)
        return view is not None and view.__code__.co_filename == _DOOR

"""Asking for very many pages: each request is undone, and nothing is kept of it but the answer."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from inspect import getclosurevars
from typing import Final

from django.db import transaction
from django.template.base import Template
from django.test.utils import _TestState
from django.urls import Resolver404, resolve
from django.views.decorators.http import require_http_methods

from accounts.access import role_required
from accounts.actor import Actor
from api.views import Guarded, UnknownView


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


_DOOR: Final = role_required.__code__.co_filename
_METHODS: Final = require_http_methods.__code__.co_filename


class Door:
    """What is refused to a person before anything that the address names is read, said by the view itself.

    A method that it does not take (``require_http_methods``, a call's handlers), and a permission that none of the person's
    roles grants (``accounts.access.role_required``, ``api.views.Guarded.permissions``).
    """

    def __init__(self, actor: Actor | None) -> None:
        self.actor = actor

    def is_shut(self, path: str, method: str) -> bool:
        """Whether a request by ``method`` ends here: then neither the other school's id nor an own one is looked at."""
        try:
            view = resolve(path).func
        except Resolver404:
            return False
        needed: set[str] = set()
        if call := getattr(view, "cls", None):
            if not issubclass(call, Guarded) or call is UnknownView:
                return False
            if not hasattr(call, method):
                return True
            needed |= {call.permissions[method.upper()]} if method.upper() in call.permissions else set()
        while (inner := getattr(view, "__wrapped__", None)) is not None:
            said = getclosurevars(view).nonlocals
            if view.__code__.co_filename == _METHODS and method.upper() not in said["request_method_list"]:
                return True
            if view.__code__.co_filename == _DOOR and "permission" in said:
                needed.add(said["permission"])
            view = inner
        return bool(needed) and (self.actor is None or not all(map(self.actor.may, needed)))

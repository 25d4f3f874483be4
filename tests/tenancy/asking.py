"""Asking for very many pages: each request is undone, and nothing is kept of it but the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.template.base import Template
from django.test.utils import _TestState


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

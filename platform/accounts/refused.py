"""Remembers why a writer refused, until ``ui.refused`` writes the audit row.

A form that shows a refusal calls ``remember``; so a view that catches the error cannot forget to tell it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpResponse

from kernel.errors import DomainError

_error: ContextVar[DomainError | None] = ContextVar("accounts_refused", default=None)


@contextmanager
def one_request() -> Iterator[None]:
    """What is remembered inside the block is forgotten behind it."""
    token = _error.set(None)
    try:
        yield
    finally:
        _error.reset(token)


def remember(error: DomainError) -> None:
    """A writer refused with ``error``; the last one counts."""
    _error.set(error)


def refused_as(response: HttpResponse, code: str) -> None:
    """Names why this answer refuses, for the row in the record."""
    response.__dict__["code"] = code


def already_recorded(response: HttpResponse) -> None:
    """The writer left a row in the record of its own: this answer leaves no second one."""
    response.__dict__["is_recorded"] = True


def remembered() -> DomainError | None:
    """Why a writer refused in this request; None when none did."""
    return _error.get()

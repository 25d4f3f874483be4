"""Loads the PDF engine when the first PDF is made, and not before.

The engine stands on libraries of the system (Pango, HarfBuzz). A machine without them runs everything else: the page
that would have been a file says what to do instead, and ``manage.py doctor`` names what is missing.
"""

import contextlib
import importlib
import io
import sys
from typing import Final, Protocol, cast

from kernel.errors import Unavailable

_ENGINE: Final = "papers.engine"


class _Engine(Protocol):
    """What ``papers.engine`` offers."""

    def print_pdf(self, html: str) -> bytes: ...


def print_pdf(html: str) -> bytes:
    """``html`` (trusted markup, escaped values) as PDF/UA-1. Whatever it links to is not fetched.

    Raises Unavailable ``no_pdf`` on a machine that lacks the engine's libraries.
    """
    try:
        engine = _load()
    except OSError:
        raise Unavailable("no_pdf") from None
    return engine.print_pdf(html)


def why_no_pdf() -> str:
    """Why no PDF can be made on this machine, as the system says it; empty when all is well."""
    try:
        _load()
    except OSError as error:
        return str(error).partition(".  ")[0]
    return ""


def _load() -> _Engine:
    """The engine; once loaded it stays. A machine that was mended in the meantime needs no new start. OSError without."""
    if _ENGINE in sys.modules:
        return cast(_Engine, importlib.import_module(_ENGINE))  # waits where another thread is loading it
    with contextlib.redirect_stdout(io.StringIO()):  # the engine would print a page of advice for its own developers
        return cast(_Engine, importlib.import_module(_ENGINE))

"""Append-only, hash-chained record of writes, refusals and sensitive reads: ``record``, ``record_read``, ``refuse``."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from audit.workflow import record, record_read, refuse

__all__ = ["record", "record_read", "refuse"]


def __getattr__(name: str) -> Any:
    """The verbs, found at first use: Django imports this package before models may be imported."""
    if name in __all__:
        return getattr(import_module("audit.workflow"), name)
    raise AttributeError(name)

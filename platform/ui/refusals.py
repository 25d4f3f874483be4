"""What a refusal says to a person: what happened, what it means, the next step (docs/architecture.md §Errors).

One row per stable code of ``kernel.errors``. Each app brings the rows of its own codes in ``refusals.ROWS``; what any
page may answer stands in ``edge_refusals``. Sentences are plain and blame nobody; nothing here
names a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from registry import table
from registry.refusals import NOTHING_CHANGED, Row, Text
from ui import edge_refusals


@dataclass(frozen=True, slots=True)
class Explanation:
    """Three sentences for one code, in the reader's language when turned into text."""

    title: Text
    detail: Text
    next_step: Text


ROWS: Final = edge_refusals.ROWS
"""What ui itself brings."""


@cache
def explanations() -> Mapping[str, Row]:
    """Every app's rows, by code."""
    return table("refusals", "ROWS")


_FALLBACK: Final = Row(
    _("This did not work"), NOTHING_CHANGED, _("Try again; if it happens once more, tell the school.")
)


def explain(code: str, params: Mapping[str, Any] | None = None) -> Explanation:
    """The sentences for ``code``; a general one for a code without a row. Missing parameters never show a gap."""
    row = explanations().get(code, _FALLBACK)
    detail: Text = row.detail
    if row.known and params:
        try:
            detail = str(row.known) % {key: value for key, value in params.items() if value not in (None, "")}
        except KeyError:
            detail = row.detail
    return Explanation(row.title, detail, row.next_step)

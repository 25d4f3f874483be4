"""Where a Chinese heading may break: between phrases, as a reader would. Browsers know it for Japanese alone so far.

A phrase ends behind a sign of punctuation, and behind 的 where enough stands on both sides: 她回家不想说话的|那二十分钟.
Rather too few breaks than a wrong one. Weighed and left: BudouX 0.10, which breaks words of daily use (不着|急, 二十分|钟).
"""

from functools import lru_cache
from typing import Final

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

_KEPT: Final = 4096
"""Headings a process keeps with their breaks, some 100 bytes each."""
_ENDS: Final = frozenset("，。、；：？！…")
_CLOSES: Final = frozenset("”’」』）》")
_LEAST: Final = 3
"""Signs on each side of a break behind 的: shorter ones belong together, as in 我的事."""


def phrases_of(text: str) -> list[str]:
    """The phrases of ``text`` in order; together they are the text."""
    found = [""]
    for at, sign in enumerate(text):
        found[-1] += sign
        after = text[at + 1 : at + 2]
        if not after or after in _ENDS or after in _CLOSES:
            continue
        ended = sign in _ENDS or (sign in _CLOSES and text[at - 1 : at] in _ENDS)
        if ended or (sign == "的" and len(found[-1]) >= _LEAST and _until_an_end(text, at + 1) >= _LEAST):
            found.append("")
    return [phrase for phrase in found if phrase]


def _until_an_end(text: str, at: int) -> int:
    return next((n for n, sign in enumerate(text[at:]) if sign in _ENDS), len(text) - at)


@lru_cache(_KEPT)
def phrases(text: str) -> SafeString:
    """``text`` as HTML with ``<wbr>`` between its phrases. Nothing in it is taken for a tag."""
    return mark_safe("<wbr>".join(escape(phrase) for phrase in phrases_of(text)))  # noqa: S308 - every piece is escaped

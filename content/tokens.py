"""Chinese text as search words. PostgreSQL sees a whole run of characters as one word; single characters and pairs mend it.

A text becomes the single characters and the neighbouring pairs of each Chinese run; other words stay as they are.
A query becomes the pairs only, so that 心理 does not find 理由 and 中心. Source: research, Chinese search.
Both go through one fold first: ＰＨＱ－９ and PHQ-9, ⼼理 and 心理 are the same words.
"""

import re
from typing import Final

from kernel.fold import fold_key

# Han with its extensions, the round zero and the compatibility block; kana and hangul behave the same way.
_CJK = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u3040-\u30ff\uac00-\ud7af\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_CJK}]+|[^\W{_CJK}_]+")
_IS_CJK = re.compile(rf"[{_CJK}]")


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def index_tokens(text: str) -> str:
    """What is stored: every word of ``text`` once, in order, joined by spaces."""
    words: dict[str, None] = {}
    for run in _RUNS.findall(fold_key(text)):
        found = [*run, *_pairs(run)] if _IS_CJK.match(run) else [run]
        words.update(dict.fromkeys(found))
    return " ".join(words)


def query_tokens(text: str) -> str:
    """What is asked for: the pairs of each Chinese run (a lone character as it is) and the other words."""
    words: dict[str, None] = {}
    for run in _RUNS.findall(fold_key(text)):
        found = (_pairs(run) or [run]) if _IS_CJK.match(run) else [run]
        words.update(dict.fromkeys(found))
    return " ".join(words)


_HOME: Final = 8
"""Signs of a page's path that name a school's home page and all below it: two steps of four."""


def tree_word(path: str) -> str:
    """The word that every entry of one school's pages holds, and no other entry: ``zq00010002``. No language has it."""
    return f"zq{path[:_HOME]}".lower()

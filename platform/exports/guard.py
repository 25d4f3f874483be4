"""Escapes a cell of an exported file so that no spreadsheet runs it as a formula; ``unguarded`` reverses it.

A spreadsheet takes a cell that begins with ``=``, ``+``, ``-``, ``@`` for a formula; some skip blanks or unseen signs
before it, some fold full-width signs, and a semicolon may begin a cell of its own. An apostrophe in front keeps it a text.
"""

import re
import unicodedata
from typing import Final

_STARTS: Final = frozenset("=+-@|%")
_BREAKS: Final = frozenset("\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u2028\u2029")
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Signs that count as letters and show nothing."""
_APART: Final = frozenset("';,")
"""Signs behind which a cell may begin anew, and the guard itself: it is guarded too, so that it can be taken off."""
_NUMBER: Final = re.compile(r"-?[0-9][0-9.,]*")
_PLAIN_START: Final = re.compile("[0-9A-Za-z\u4e00-\u9fff]")
"""Signs that are themselves however they are folded: with one of them most cells begin."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs"})


def cleaned(text: str) -> str:
    """``text`` in one line: a break or a tab is a blank; controls and signs that show nothing or turn the text are gone."""
    if text.isprintable():  # none of the signs below: most cells of most files
        return text
    kept = (" " if sign in _BREAKS else sign for sign in text.replace("\r\n", "\n"))
    return "".join(sign for sign in kept if unicodedata.category(sign) not in _UNSEEN)


def guarded(text: str) -> str:
    """``text`` as a cell: cleaned, with an apostrophe in front where a spreadsheet might read a formula.

    Plain numbers stay numbers. ``unguarded(guarded(text)) == cleaned(text)``, whatever the text.
    """
    plain = cleaned(text)
    return f"'{plain}" if _begins_a_formula(plain) else plain


def unguarded(cell: str) -> str:
    """A cell of a file of ours as it was before the guard; every other cell as it is.

    A formula is still one afterwards: who reads files asks for that next.
    """
    return cell[1:] if cell.startswith("'") and _begins_a_formula(cell[1:]) else cell


def _begins_a_formula(text: str) -> bool:
    """The same for ``text`` and for ``'`` + ``text``: the guard rests on that."""
    if _PLAIN_START.match(text):
        return False
    rest = text
    while rest and _is_skipped(rest[0]):
        rest = rest[1:]
    return bool(rest) and _folded(rest[0]) in _STARTS and not _NUMBER.fullmatch(rest)


def _is_skipped(sign: str) -> bool:
    return sign.isspace() or sign in _BLANK_LETTERS or _folded(sign) in _APART or unicodedata.category(sign) in _UNSEEN


def _folded(sign: str) -> str:
    """``＝`` → ``=``; of a sign that folds into several, the first."""
    return unicodedata.normalize("NFKC", sign)[:1]

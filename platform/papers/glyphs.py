"""Which characters this machine can print. What it cannot stands on the paper as 〓, and the paper says what was meant.

Asked of fontconfig, as the PDF engine does: a character is printed when any font that is installed has it.
"""

import ctypes
import re
import unicodedata
from functools import cache
from html import escape
from typing import Any, Final

from django.utils.translation import gettext as _

STAND_IN: Final = "〓"
"""What printers set for a type they lack."""
_CHARSET: Final = b"charset"
_SAID: Final = 12
"""Different characters that are named; of more the paper says how many."""
_RARE: Final = re.compile("[^\x00-\u33ff\u4e00-\u9fa5\ufe10-\uff60]")
"""Beyond what the common Chinese fonts have: asked for one by one."""


def with_stand_ins(html: str) -> str:
    """``html`` in which every character that no font has is ``〓``, with a line below that names it."""
    missing = [sign for sign in dict.fromkeys(_RARE.findall(html)) if not is_printable(sign)]
    if not missing:
        return html
    shown = html.translate(dict.fromkeys(map(ord, missing), STAND_IN))
    body, end, rest = shown.rpartition("</body>")
    note = f'<p style="font-size: 8.5pt; margin-top: 2mm">{escape(_note(missing))}</p>'
    return f"{body}{note}{end}{rest}" if end else f"{shown}{note}"


def _note(missing: list[str]) -> str:
    named = ", ".join(f"U+{ord(sign):04X}" for sign in missing[:_SAID])
    if len(missing) > _SAID:
        named += f" (+{len(missing) - _SAID})"
    return _("%(stand_in)s: a character that no font of this computer has. Meant is %(signs)s.") % {
        "stand_in": STAND_IN,
        "signs": named,
    }


@cache
def is_printable(sign: str) -> bool:
    """Whether a font has ``sign``. Joiners and selectors need no shape; without fontconfig nobody prints anyway: True."""
    if unicodedata.category(sign) in ("Cc", "Cf", "Mn", "Zs"):
        return True
    try:
        config = _fontconfig()
    except OSError:
        return True
    wanted, pattern, told = config.FcCharSetCreate(), config.FcPatternCreate(), config.FcObjectSetCreate()
    config.FcCharSetAddChar(wanted, ord(sign))
    config.FcPatternAddCharSet(pattern, _CHARSET, wanted)
    config.FcObjectSetAdd(told, b"family")
    found = config.FcFontList(None, pattern, told)
    try:
        return bool(found and found.contents.count)
    finally:
        config.FcFontSetDestroy(found)
        config.FcObjectSetDestroy(told)
        config.FcPatternDestroy(pattern)
        config.FcCharSetDestroy(wanted)


class _FontSet(ctypes.Structure):
    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.c_void_p))


@cache
def _fontconfig() -> Any:
    """The library, with the signatures of what is called. OSError when it is missing."""
    library = ctypes.CDLL("libfontconfig.so.1")
    pointer, fonts = ctypes.c_void_p, ctypes.POINTER(_FontSet)
    signatures: tuple[tuple[str, Any, list[Any]], ...] = (
        ("FcCharSetCreate", pointer, []),
        ("FcCharSetAddChar", ctypes.c_int, [pointer, ctypes.c_uint32]),
        ("FcCharSetDestroy", None, [pointer]),
        ("FcPatternCreate", pointer, []),
        ("FcPatternAddCharSet", ctypes.c_int, [pointer, ctypes.c_char_p, pointer]),
        ("FcPatternDestroy", None, [pointer]),
        ("FcObjectSetCreate", pointer, []),
        ("FcObjectSetAdd", ctypes.c_int, [pointer, ctypes.c_char_p]),
        ("FcObjectSetDestroy", None, [pointer]),
        ("FcFontList", fonts, [pointer, pointer, pointer]),
        ("FcFontSetDestroy", None, [fonts]),
    )
    for function, answer, arguments in signatures:
        getattr(library, function).restype = answer
        getattr(library, function).argtypes = arguments
    return library

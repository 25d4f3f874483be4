"""What a machine may dial (chain §2): never police, fire, ambulance or the state's lines. Those a person dials.

The six are known in every spelling that a form, a file or a call can bring: full width, other digits, Chinese figures,
blanks, dashes, country code, area code, an extension or more figures behind (an exchange connects at the last one that
it needs). In doubt a text is one of them: whatever is taken for one wrongly is no number at which anybody is reached.
"""

import re
import unicodedata
from typing import Final

from kernel.fold import fold_text

SERVICE_NUMBERS: Final = ("110", "119", "120", "122", "12345", "12356")
"""Police, fire, ambulance, traffic police, the city's line, the line for a mind in need."""

_HOME: Final = "+86"
_MOBILE: Final = re.compile(r"\+861[3-9]\d{9}")

_FIGURES: Final = str.maketrans(
    {"○": "0"} | {sign: str(value) for value, signs in enumerate(
        ("〇零", "一壹幺么", "二贰贳两", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖")
    ) for sign in signs}
)  # fmt: skip
_SERVICE: Final = f"(?:{'|'.join(SERVICE_NUMBERS)})"
_AREA: Final = r"(?:10|2\d|[3-8][1-9]\d|9[0-579]\d)"
"""Area codes without their 0. 400 and 800 are none: 120 behind them begins a firm's own number."""

_WHOLE: Final = re.compile(rf"0*(?:86)?0*{_SERVICE}\d*")
_IN_AN_AREA: Final = re.compile(rf"(?:0+|0*860*){_AREA}0*{_SERVICE}\d*")
_SHORT: Final = re.compile(rf"0*(?:{_AREA})?0*{_SERVICE}")
"""Only when nothing follows: without 0 or country code a number inside a city may begin with the same figures."""

_ALTERNATIVE: Final = re.compile(r"[/、|或\n]")
_EXTENSION: Final = re.compile(r"[转轉接分#*,;xpw]|ext", re.IGNORECASE)
_GROUP: Final = re.compile(r"\d+")


def is_service_number(text: str) -> bool:
    """Whether ``text`` would ring, or may be meant for, one of ``SERVICE_NUMBERS``. Takes any text; one without figures is none.

    A mobile (13-19), a number of a city (they begin with 2-8) and a number abroad are none. Behind 转, ext or # stands an
    extension of somebody's house, which may well be 120.
    """
    # By line before folding, which makes a new line a blank.
    return any(
        _is_service(_EXTENSION.split(_figures(part).removeprefix("tel:"), maxsplit=1)[0])
        for part in _ALTERNATIVE.split(text)
    )


def is_abroad(number: str) -> bool:
    """Whether an E.164 number lies outside the mainland: a person dials it, by hand. A 400 line, kept without +, is at home."""
    return number.startswith("+") and not number.startswith(_HOME)


def is_landline(number: str) -> bool:
    """Whether an E.164 number of the mainland takes a voice and no text: all but mobiles."""
    return number.startswith(_HOME) and not _MOBILE.fullmatch(number)


def _figures(text: str) -> str:
    """``text`` folded, every digit of any script and every Chinese figure as 0-9."""
    folded = fold_text(text).translate(_FIGURES)
    return "".join(sign if (digit := unicodedata.digit(sign, None)) is None else str(digit) for sign in folded)


def _is_service(text: str) -> bool:
    groups = _GROUP.findall(text)
    figures = "".join(groups)
    significant = figures.lstrip("0")
    if text.lstrip(" (").startswith("+") and figures == significant and not figures.startswith("86"):
        return figures in SERVICE_NUMBERS  # a country abroad; no number there has five figures
    # 00 may be the way abroad or a zero too many, so the long shapes, which swallow what follows, are for home alone.
    shapes = (
        (_SHORT,) if figures.startswith("00") and not significant.startswith("86") else (_WHOLE, _IN_AN_AREA, _SHORT)
    )
    # What stands behind a blank or a dash may be an extension: 12356-1.
    heads = ("".join(groups[:length]) for length in range(1, len(groups) + 1))
    return any(shape.fullmatch(head) for head in heads for shape in shapes)

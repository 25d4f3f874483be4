"""How the number of a line is kept: E.164 of the mainland, or a 400 line as people dial it. Pure."""

import re
from typing import Final

from kernel.fold import fold_text

KEPT: Final = re.compile(r"\+86(?:1[3-9]\d{9}|(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7})|400\d{7}")
_FILLING: Final = re.compile(r"[\s\-\u2010-\u2015\u2212()./\u00b7]+")
_HOME: Final = re.compile(r"(?:\+86|0086)?0?(?=\d)")
_MOBILE: Final = re.compile(r"\+861[3-9]\d{9}")


def line_number(text: str) -> str:
    """``0571-8765 4321`` → ``+8657187654321``, ``400-161-9995`` → ``4001619995``; ``""`` for anything a machine may not
    or cannot dial: extensions, numbers abroad, and service numbers in every spelling, none of which has this shape.
    """
    digits = _HOME.sub("", _FILLING.sub("", fold_text(text)), count=1)
    return next((kept for kept in (digits, f"+86{digits}") if KEPT.fullmatch(kept)), "")


def takes_texts(number: str) -> bool:
    """Whether a kept number takes a text message; a landline and a 400 line take a call alone."""
    return _MOBILE.fullmatch(number) is not None


def written(number: str) -> str:
    """A kept number as people read it: ``+8657187654321`` → ``0571 87654321``."""
    if number.startswith("400"):
        return f"{number[:3]}-{number[3:6]}-{number[6:]}"
    digits = number.removeprefix("+86")
    if _MOBILE.fullmatch(number):
        return f"{digits[:3]} {digits[3:7]} {digits[7:]}"
    area = 2 if digits.startswith("10") or digits.startswith("2") else 3
    return f"0{digits[:area]} {digits[area:]}"


def as_dialled(number: str) -> str:
    """An E.164 number of the mainland as people there dial it."""
    inland = number.removeprefix("+86")
    return inland if inland == number or _MOBILE.fullmatch(number) else f"0{inland}"

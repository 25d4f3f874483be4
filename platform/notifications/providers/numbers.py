"""Telephone numbers as providers in China take them. Pure.

What comes in is E.164 (``vault.phones``); only whole numbers of people and lines pass, so no service number, in whatever
spelling, is ever dialled by a machine (chain §2).
"""

import re
from typing import Final

_MOBILE: Final = re.compile(r"\+86(1[3-9][0-9]{9})", re.ASCII)
_LANDLINE: Final = re.compile(r"\+86((?:10|2[0-9])[2-8][0-9]{7}|[3-9][0-9]{2}[2-8][0-9]{6,7})", re.ASCII)


def mobile(to: str) -> str | None:
    """The eleven digits of a mainland mobile number; None for any other."""
    found = _MOBILE.fullmatch(to)
    return found[1] if found else None


def callable_number(to: str) -> str | None:
    """A mainland mobile number, or a landline with its 0 in front; None for any other: abroad is called by hand."""
    found = _LANDLINE.fullmatch(to)
    return f"0{found[1]}" if found else mobile(to)

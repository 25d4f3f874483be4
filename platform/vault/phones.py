"""Telephone numbers: one written form (E.164) to seal and to look up, and a masked one to show."""

import re
import unicodedata

from kernel.errors import Invalid

_FILLING = re.compile(r"[\s\-‐-―().·]+")
_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}")
_FOREIGN = re.compile(r"\+(?!86)[1-9]\d{6,14}")


def normalise_phone(raw: str, *, field: str = "phone") -> str:
    """``１３８ ００１３ ８０００`` or ``+86-138…`` → ``+8613800138000``; a landline loses its leading 0.

    Mainland mobile and landline numbers and foreign numbers written with ``+``. Invalid (``phone_invalid``) otherwise.
    """
    digits = _FILLING.sub("", unicodedata.normalize("NFKC", raw))
    if digits.isascii():
        national = re.sub(r"^(?:\+86|0086|86(?=1[3-9]\d{9}$))", "", digits)
        if _MOBILE.fullmatch(national):
            return f"+86{national}"
        if _LANDLINE.fullmatch(national):
            return f"+86{national[1:]}"
        if digits.startswith("+86") and _LANDLINE.fullmatch(f"0{national}"):
            return f"+86{national}"
        if _FOREIGN.fullmatch(digits):
            return digits
    raise Invalid("phone_invalid", fields=((field, "phone_invalid", "not a telephone number"),))


def mask_phone(phone: str) -> str:
    """``+8613800138000`` → ``138****8000``. Other numbers keep three digits in front and two behind; ``""`` stays."""
    national = phone.removeprefix("+86")
    if _MOBILE.fullmatch(national):
        return f"{national[:3]}****{national[-4:]}"
    return f"{national[:3]}****{national[-2:]}" if len(national) >= 7 else "*" * len(national)


def mask_name(name: str) -> str:
    """``张小明`` → ``张*明``, ``张明`` → ``张*``. Both ends of a longer name stay."""
    name = name.strip()
    if len(name) <= 1:
        return "*" * len(name)
    if len(name) == 2:
        return f"{name[0]}*"
    return f"{name[0]}{'*' * (len(name) - 2)}{name[-1]}"

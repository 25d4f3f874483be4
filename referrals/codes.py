"""The two secrets of a voucher as people meet them: 12 digits for a keypad, a token in the QR code's address (rules §2)."""

import re
import secrets
import unicodedata
from enum import StrEnum
from typing import NamedTuple

from stdnum import damm

CODE_DIGITS = 12
MAX_TEXT = 512  # a scanned address is far shorter; longer text is not ours
_CODE = re.compile(r"[0-9]{12}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22,128}")  # 22 URL-safe characters hold 128 bits
_ADDRESS = re.compile(r"(?:\S*/)?v/([A-Za-z0-9_-]{22,128})/?(?:[?#]\S*)?")
_DROPPED = {"Pd", "Zs", "Cf", "Cc"}  # dashes, spaces, invisible marks, line ends


class SecretKind(StrEnum):
    """Which of the two was shown."""

    CODE = "code"
    TOKEN = "token"  # noqa: S105 - the kind's name


class Secret(NamedTuple):
    """What a counter typed or scanned, brought into the form that is hashed and looked up."""

    kind: SecretKind
    value: str


def new_code() -> str:
    """11 random digits and their Damm check digit."""
    digits = f"{secrets.randbelow(10**11):011d}"
    return digits + damm.calc_check_digit(digits)


def is_valid(code: str) -> bool:
    """Whether ``code`` is 12 plain digits with the right check digit: every single slip and every swap is caught."""
    return _CODE.fullmatch(code) is not None and damm.is_valid(code)


def normalise(text: str) -> Secret | None:
    """The secret in what was typed, pasted or scanned; None when there is none in it.

    Reads full-width digits, spaces and any dashes in a code, a token by itself, and a token in a ``…/v/<token>/``
    address. A code's check digit is not looked at: the caller can then say "please check the digits".
    """
    if len(text) > MAX_TEXT:
        return None
    plain = unicodedata.normalize("NFKC", text).strip()
    digits = "".join(c for c in plain if unicodedata.category(c) not in _DROPPED and c != "\u2212")
    if _CODE.fullmatch(digits):
        return Secret(SecretKind.CODE, digits)
    if address := _ADDRESS.fullmatch(plain):
        return Secret(SecretKind.TOKEN, address[1])
    if _TOKEN.fullmatch(plain):
        return Secret(SecretKind.TOKEN, plain)
    return None


def grouped(code: str) -> str:
    """``123456789012`` → ``1234-5678-9012``. ValueError for anything but 12 digits."""
    if not _CODE.fullmatch(code):
        raise ValueError("a voucher code has 12 digits")
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"

"""The number by which whoever sent a report comes back: nothing else leads to it, and the school keeps a keyed hash alone."""

import re
import secrets
from typing import Final

from stdnum import damm

from kernel.fold import fold_text
from tenancy.scope import current_tenant_id
from vault.blind import blind_index

DIGITS: Final = 28
"""27 drawn ones (89 bits) and a check digit: a slip of the finger is told at once."""
_PART: Final = 4
_BETWEEN: Final = re.compile(r"[\s.,·\-–—_]+")
_CHINESE: Final = str.maketrans("〇零一幺二三四五六七八九", "001123456789")


def new_receipt() -> str:
    """A fresh one."""
    digits = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return digits + str(damm.calc_check_digit(digits))


def in_parts(receipt: str) -> str:
    """As it is shown and read aloud: seven parts of four digits."""
    return " ".join(receipt[start : start + _PART] for start in range(0, DIGITS, _PART))


def receipt_in(typed: str) -> str:
    """The receipt in what was typed, in any spelling of digits; ``""`` for what is none."""
    plain = _BETWEEN.sub("", fold_text(typed[:400])).translate(_CHINESE)
    digits = "".join(str(int(sign)) for sign in plain) if plain.isdecimal() else ""
    return digits if len(digits) == DIGITS and damm.is_valid(digits) else ""


def receipt_hash(receipt: str) -> bytes:
    """What the open school keeps of one."""
    return blind_index(current_tenant_id(), "emergency.report_receipt", receipt)

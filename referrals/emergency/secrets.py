"""The secrets by which somebody outside answers (chain §4): a link's token, a code to type, a number to compare.

They are made from the recipient's key and the installation's secret whenever they are needed, so none is stored: the row
keeps only keyed hashes to be found by. The number compares and opens nothing.
"""

import base64
import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from django.conf import settings
from stdnum import damm

from vault import cipher
from vault.blind import blind_index
from vault.keyring import GLOBAL_TENANT

CODE_DIGITS: Final = 8
_TOKEN_BYTES: Final = 20


@lru_cache(maxsize=4)
def _key(secret: bytes) -> bytes:
    return cipher.derive(secret, "emergency answers")


def _made(recipient: UUID, use: str) -> bytes:
    return hmac.digest(_key(settings.HASH_KEY), f"{use}|{recipient}".encode(), "sha256")


def token_of(recipient: UUID) -> str:
    """The secret of ``/a/<token>/``: 160 bits."""
    return base64.urlsafe_b64encode(_made(recipient, "token")[:_TOKEN_BYTES]).decode().rstrip("=")


def code_of(recipient: UUID) -> str:
    """Eight digits and a check digit, to be typed at a fixed address."""
    digits = f"{int.from_bytes(_made(recipient, 'code')[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
    return digits + damm.calc_check_digit(digits)


def card_code_of(delivery: UUID) -> str:
    """What one call reads out: eight digits and a check digit, of this call alone."""
    digits = f"{int.from_bytes(_made(delivery, 'card code')[:8]) % 10**CODE_DIGITS:0{CODE_DIGITS}d}"
    return digits + damm.calc_check_digit(digits)


def shown_number_of(recipient: UUID) -> str:
    """Four digits in the text and on the page, to be compared by eye."""
    return f"{int.from_bytes(_made(recipient, 'shown')[:8]) % 10_000:04d}"


def reference_of(delivery: UUID) -> str:
    """By which the answer to one page finds it: 128 bits, the page's key outside the house."""
    return _made(delivery, "reference")[:16].hex()


def token_hash(token: str) -> bytes:
    """What is kept of a token; of every school alike, because ``/a/`` does not know the school."""
    return blind_index(GLOBAL_TENANT, "emergency.token", token)


def code_hash(code: str) -> bytes:
    """What is kept of a typed code."""
    return blind_index(GLOBAL_TENANT, "emergency.code", code)


def member_hash(member: str) -> bytes:
    """What is kept of a member's id at WeCom, which tells no two ids apart by capitals."""
    return blind_index(GLOBAL_TENANT, "emergency.wecom_member", member.casefold())


def reference_hash(reference: str) -> bytes:
    """What is kept of a reference."""
    return blind_index(GLOBAL_TENANT, "emergency.reference", reference)

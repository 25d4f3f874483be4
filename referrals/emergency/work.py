"""A piece of work for the sender's browser: reports that bring one are not slowed down with a flood that brings none (chain §1).

A page bears a signed question; its script looks for a number so that the hash of both begins with ``BITS`` zeros, a second
or so. Without script nothing is asked for. Nothing of it leads to a reader: of an answer a hash is kept, so that it counts once.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final

from django.core import signing

BITS: Final = 16
LASTS: Final = timedelta(hours=2)
_SALT: Final = "emergency report work"
_LONGEST: Final = 200


def question() -> str:
    """What a page asks."""
    return signing.TimestampSigner(salt=_SALT).sign(secrets.token_hex(12))


def work_hash(asked: str, answer: str) -> bytes | None:
    """What is kept of an answer that was worked for; None for none, a wrong one, and one that is too old."""
    if not asked or not answer or len(asked) > _LONGEST or len(answer) > _LONGEST:
        return None
    try:
        signing.TimestampSigner(salt=_SALT).unsign(asked, max_age=LASTS)
    except signing.BadSignature:
        return None
    found = hashlib.sha256(f"{asked}:{answer}".encode()).digest()
    if int.from_bytes(found) >> (len(found) * 8 - BITS):
        return None
    return hashlib.sha256(asked.encode()).digest()

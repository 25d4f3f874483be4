"""Identifiers: time-ordered UUIDs for rows, random secrets for links, keyed hashes to look secrets up."""

import hashlib
import hmac
import os
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_order = threading.Lock()
_latest = 0


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562, method 3): UTC milliseconds with a fraction of 12 bits, then 62 random bits.

    Within a process each is greater than the one before, so rows made in the same millisecond keep their order.
    """
    global _latest
    with _order:
        _latest = stamp = max(time.time_ns() * 4096 // 1_000_000, _latest + 1)
    value = (stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62
    return uuid.UUID(int=value | int.from_bytes(os.urandom(8)) >> 2)


def uuid7s_at(moment: datetime, count: int) -> list[uuid.UUID]:
    """``count`` rising UUIDs version 7 that tell ``moment`` to a fraction of a millisecond. ValueError for a naive time.

    Rows with such keys sort by that moment, and ``first_uuid7_at`` finds those of a stretch of time by their key alone.
    """
    first = first_uuid7_at(moment).int
    return [uuid.UUID(int=first | place << 52 | int.from_bytes(os.urandom(8)) >> 12) for place in range(count)]


def first_uuid7_at(moment: datetime) -> uuid.UUID:
    """The lowest key of ``moment``: those of earlier moments are below it. ValueError for a naive time."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs an offset")
    stamp = (moment - _EPOCH) // timedelta(microseconds=1) * 4096 // 1000
    return uuid.UUID(int=(stamp >> 12) << 80 | 0x7 << 76 | (stamp & 0xFFF) << 64 | 0b10 << 62)


def new_secret(bits: int = 160) -> str:
    """A random URL-safe secret of at least ``bits`` bits (rules §2 asks for ≥ 128)."""
    return secrets.token_urlsafe((bits + 7) // 8)


def keyed_hash(key: bytes, value: str) -> bytes:
    """HMAC-SHA-256 of ``value``: finds a secret again without storing it."""
    return hmac.new(key, value.encode(), hashlib.sha256).digest()

"""Identifiers: time-ordered UUIDs for rows, random secrets for links, keyed hashes to look secrets up."""

import hashlib
import hmac
import os
import secrets
import threading
import time
import uuid

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


def new_secret(bits: int = 160) -> str:
    """A random URL-safe secret of at least ``bits`` bits (rules §2 asks for ≥ 128)."""
    return secrets.token_urlsafe((bits + 7) // 8)


def keyed_hash(key: bytes, value: str) -> bytes:
    """HMAC-SHA-256 of ``value``: finds a secret again without storing it."""
    return hmac.new(key, value.encode(), hashlib.sha256).digest()

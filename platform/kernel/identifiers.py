"""Identifiers: time-ordered UUIDs for rows, random secrets for links, keyed hashes to look secrets up."""

import hashlib
import hmac
import os
import secrets
import time
import uuid


def uuid7() -> uuid.UUID:
    """A UUID version 7 (RFC 9562): 48 bits of UTC milliseconds, 74 random bits. Rows created together lie together."""
    millis = time.time_ns() // 1_000_000
    value = (millis & ((1 << 48) - 1)) << 80 | int.from_bytes(os.urandom(10))
    value = value & ~(0xF << 76) | (0x7 << 76)
    value = value & ~(0x3 << 62) | (0x2 << 62)
    return uuid.UUID(int=value)


def new_secret(bits: int = 160) -> str:
    """A random URL-safe secret of at least ``bits`` bits (rules §2 asks for ≥ 128)."""
    return secrets.token_urlsafe((bits + 7) // 8)


def keyed_hash(key: bytes, value: str) -> bytes:
    """HMAC-SHA-256 of ``value``: finds a secret again without storing it."""
    return hmac.new(key, value.encode(), hashlib.sha256).digest()

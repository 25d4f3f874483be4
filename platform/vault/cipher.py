"""Sealing a text: AES-256-GCM with associated data. Pure: keys come in, tokens go out, no Django.

A token is ``version(1) cipher(1) key_version(4, big-endian) nonce(12) ciphertext+tag``. The cipher id stands in every
record because a customer may need SM4 (rules §5): two ciphers can then live in one column during a change.
"""

import hashlib
import hmac
import os
import struct
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

TOKEN_VERSION: Final = 1
AES_256_GCM: Final = 1
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
_HEAD = struct.Struct(">BBI")
_TAG_BYTES = 16


class Unreadable(Exception):
    """The token was altered, moved to another row, or belongs to another key. Never says which: that would help a thief."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a token lives. Bound into it, so that a ciphertext copied to another row or school does not open."""

    tenant_id: UUID
    table: str
    pk: str
    field: str

    def associated_data(self) -> bytes:
        """``tenant|table|pk|field`` (rules §5)."""
        return f"{self.tenant_id}|{self.table}|{self.pk}|{self.field}".encode()


def seal(key: bytes, key_version: int, plain: bytes, place: Place) -> bytes:
    """The token of ``plain``. ``key`` is 32 bytes; ValueError otherwise."""
    if len(key) != KEY_BYTES:
        raise ValueError("a key has 32 bytes")
    head = _HEAD.pack(TOKEN_VERSION, AES_256_GCM, key_version)
    nonce = os.urandom(NONCE_BYTES)
    # The head is authenticated too: nobody may turn a token of one cipher or key into another's.
    return head + nonce + AESGCM(key).encrypt(nonce, plain, head + place.associated_data())


def key_version_of(token: bytes) -> int:
    """Which key opens ``token``. Unreadable when the layout or cipher is unknown."""
    if len(token) < _HEAD.size + NONCE_BYTES + _TAG_BYTES:
        raise Unreadable
    version, cipher, key_version = _HEAD.unpack_from(token)
    if version != TOKEN_VERSION or cipher != AES_256_GCM:
        raise Unreadable
    return int(key_version)


def unseal(key: bytes, token: bytes, place: Place) -> bytes:
    """What was sealed at ``place``. Unreadable when key, place or a single bit differs."""
    key_version_of(token)
    head, rest = token[: _HEAD.size], token[_HEAD.size :]
    try:
        return AESGCM(key).decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + place.associated_data())
    except (InvalidTag, ValueError):
        raise Unreadable from None


def derive(secret: bytes, info: str) -> bytes:
    """A 32-byte key for one use (HKDF-SHA-256, RFC 5869): keys of two uses tell nothing of each other."""
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=info.encode()).derive(secret)


def fingerprint(secret: bytes) -> int:
    """Names a key-encryption key in a token (32 bits), so that the order of the list of keys may change."""
    return int.from_bytes(hmac.new(secret, b"xinqiao key name", hashlib.sha256).digest()[:4])

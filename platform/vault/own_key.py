"""A key of one record's own: all its words are sealed under it, and are gone for ever when it is destroyed (chain §8).

The key lies in the record's row, sealed by the school's key as any other value is; a backup of the row alone opens nothing.
"""

import os
from uuid import UUID

from vault import cipher
from vault.sealed import seal, unseal

OWN: int = 0
"""The key version in tokens under a record's own key: there is never a second one."""


def new_key(tenant_id: UUID, table: str, pk: UUID) -> bytes:
    """A fresh key, wrapped for the row ``pk`` of ``table``."""
    return seal(tenant_id, table, str(pk), "own_key", os.urandom(cipher.KEY_BYTES).hex())


def unwrap(tenant_id: UUID, table: str, pk: UUID, wrapped: bytes | memoryview | None) -> bytes | None:
    """The key itself; None when it was destroyed. cipher.Unreadable when it belongs to another row."""
    return bytes.fromhex(unseal(tenant_id, table, str(pk), "own_key", bytes(wrapped))) if wrapped else None


def seal_words(key: bytes, tenant_id: UUID, table: str, pk: UUID, field: str, words: str) -> bytes | None:
    """The token of ``words`` for one place, None for no words."""
    if not words:
        return None
    return cipher.seal(key, OWN, words.encode(), cipher.Place(tenant_id, table, str(pk), field))


def read_words(
    key: bytes | None, tenant_id: UUID, table: str, pk: UUID, field: str, token: bytes | memoryview | None
) -> str:
    """What was sealed; ``""`` when there was nothing or the key is destroyed."""
    if not token or key is None:
        return ""
    return cipher.unseal(key, bytes(token), cipher.Place(tenant_id, table, str(pk), field)).decode()

"""Blind index: a keyed hash beside a sealed value, by which it is found without opening any."""

import hmac
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from vault import cipher


def blind_index(tenant_id: UUID, purpose: str, value: str) -> bytes:
    """32 bytes that are equal for equal values of one school and purpose, and tell nothing across schools or purposes.

    The caller normalises ``value``. Global tables pass ``keyring.GLOBAL_TENANT``.
    """
    subkey = _subkey(settings.HASH_KEY, tenant_id, purpose)
    return hmac.digest(subkey, value.encode(), "sha256")


@lru_cache(maxsize=64)
def _subkey(secret: bytes, tenant_id: UUID, purpose: str) -> bytes:
    """Derived once, not for every row of a list; it lies in memory beside the secret it comes from."""
    return cipher.derive(secret, f"blind|{tenant_id}|{purpose}")

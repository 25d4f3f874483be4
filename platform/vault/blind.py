"""Finding a sealed value again without opening any: a keyed hash beside it."""

import hashlib
import hmac
from uuid import UUID

from django.conf import settings

from vault import cipher


def blind_index(tenant_id: UUID, purpose: str, value: str) -> bytes:
    """32 bytes that are equal for equal values of one school and purpose, and tell nothing across schools or purposes.

    The caller normalises ``value``. Global tables pass ``keyring.GLOBAL_TENANT``.
    """
    subkey = cipher.derive(settings.HASH_KEY, f"blind|{tenant_id}|{purpose}")
    return hmac.new(subkey, value.encode(), hashlib.sha256).digest()

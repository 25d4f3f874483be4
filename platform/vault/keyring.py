"""Chooses the key that opens a token. Outer keys come from the settings; a school's lie wrapped in ``TenantKey``."""

import os
import threading
from collections import OrderedDict
from typing import Final, cast
from uuid import UUID

from django.conf import settings

from tenancy.scope import use_tenant
from vault import cipher
from vault.models import TenantKey

GLOBAL_TENANT: Final = UUID(int=0)
_CACHED_KEYS = 2_048  # the engine goes through every school in one round; 32 bytes each


class NoKey(Exception):
    """The school has no key, or the key outside the database that wraps it is not in the settings."""


class KeyCache:
    """A few unwrapped keys of this process, by (tenant, version). A key never changes, so an entry is never stale."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._keys: OrderedDict[tuple[UUID, int], bytes] = OrderedDict()
        self._current: dict[UUID, int] = {}
        self._lock = threading.Lock()

    def get(self, tenant_id: UUID, version: int) -> bytes | None:
        with self._lock:
            key = self._keys.get((tenant_id, version))
            if key is not None:
                self._keys.move_to_end((tenant_id, version))
            return key

    def put(self, tenant_id: UUID, version: int, key: bytes) -> None:
        with self._lock:
            self._keys[tenant_id, version] = key
            while len(self._keys) > self._limit:
                self._keys.popitem(last=False)

    def current_version(self, tenant_id: UUID) -> int | None:
        with self._lock:
            return self._current.get(tenant_id)

    def set_current(self, tenant_id: UUID, version: int) -> None:
        with self._lock:
            self._current[tenant_id] = version

    def clear(self) -> None:
        with self._lock:
            self._keys.clear()
            self._current.clear()


cache = KeyCache(_CACHED_KEYS)


def outer_keys() -> dict[int, bytes]:
    """Key-encryption keys by fingerprint, the current one first (``settings.VAULT_KEYS``)."""
    return {cipher.fingerprint(key): key for key in settings.VAULT_KEYS}


def current_outer() -> tuple[int, bytes]:
    """The key-encryption key that new things are wrapped with, and its fingerprint."""
    key = settings.VAULT_KEYS[0]
    return cipher.fingerprint(key), key


def _outer(name: int) -> bytes:
    try:
        return outer_keys()[name]
    except KeyError:
        raise NoKey from None


def _wrapped_place(row: TenantKey) -> cipher.Place:
    return cipher.Place(cast(UUID, row.tenant_id), TenantKey._meta.db_table, str(row.pk), "wrapped")


def wrap(row: TenantKey, key: bytes) -> bytes:
    """``key`` wrapped for ``row`` by the current key-encryption key."""
    name, outer = current_outer()
    return cipher.seal(cipher.derive(outer, "wrap"), name, key, _wrapped_place(row))


def unwrap(row: TenantKey) -> bytes:
    """The key that ``row`` keeps. NoKey when its key-encryption key is gone from the settings."""
    token = bytes(row.wrapped)
    return cipher.unseal(cipher.derive(_outer(cipher.key_version_of(token)), "wrap"), token, _wrapped_place(row))


def new_key() -> bytes:
    """32 random bytes."""
    return os.urandom(cipher.KEY_BYTES)


def key_of(tenant_id: UUID, version: int) -> bytes:
    """The key ``version`` of a school; of the global tables: the key derived from the outer key of that name."""
    if tenant_id == GLOBAL_TENANT:
        return cipher.derive(_outer(version), "global")
    key = cache.get(tenant_id, version)
    if key is None:
        # The row to be opened was already let through by the wall; a partner's scope may not see keys, so the school is opened.
        with use_tenant(tenant_id):
            row = TenantKey.objects.filter(version=version).exclude(state=TenantKey.State.DESTROYED).first()
        if row is None:
            raise NoKey
        key = unwrap(row)
        cache.put(tenant_id, version, key)
    return key


def current_key(tenant_id: UUID) -> tuple[int, bytes]:
    """Version and key that new records of a school are sealed with. NoKey when the school has none."""
    if tenant_id == GLOBAL_TENANT:
        name, outer = current_outer()
        return name, cipher.derive(outer, "global")
    version = cache.current_version(tenant_id)
    if version is None:
        with use_tenant(tenant_id):
            row = TenantKey.objects.filter(state=TenantKey.State.CURRENT).order_by("-version").first()
        if row is None:
            raise NoKey
        version = row.version
        cache.put(tenant_id, version, unwrap(row))
        cache.set_current(tenant_id, version)
    return version, key_of(tenant_id, version)

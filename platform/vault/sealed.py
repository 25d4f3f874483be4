"""``Sealed``: an attribute that reads and writes plain text while the column keeps a token."""

from typing import Any, cast
from uuid import UUID

from django.db import models

from tenancy.models import TenantModel
from vault import cipher, keyring


def _tenant_of(instance: models.Model) -> UUID:
    """The school a row belongs to; for a row of a global table the zero UUID."""
    return cast(UUID, instance.tenant_id) if isinstance(instance, TenantModel) else keyring.GLOBAL_TENANT


def seal(tenant_id: UUID, table: str, pk: UUID | str, field: str, value: str) -> bytes:
    """The token of ``value`` for one place. ``keyring.GLOBAL_TENANT`` for a global table; any scope may be open."""
    version, key = keyring.current_key(tenant_id)
    return cipher.seal(key, version, value.encode(), cipher.Place(tenant_id, table, str(pk), field))


def unseal(tenant_id: UUID, table: str, pk: UUID | str, field: str, token: bytes) -> str:
    """What ``seal`` was given for this very place; cipher.Unreadable otherwise."""
    stored = bytes(token)  # psycopg hands out memoryviews
    key = keyring.key_of(tenant_id, cipher.key_version_of(stored))
    return cipher.unseal(key, stored, cipher.Place(tenant_id, table, str(pk), field)).decode()


class Sealed(property):
    """``phone = Sealed("phone_sealed")`` beside ``phone_sealed = BinaryField(default=b"")``.

    Reads ``""`` where nothing is kept. A ``property``, so that Django accepts the name as a keyword of the model.
    Raises cipher.Unreadable when the stored bytes were altered or come from another row.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(self.read, self.write)

    def _place(self, instance: models.Model) -> tuple[UUID, str, str, str]:
        if instance.pk is None:
            raise ValueError("a row needs its key before a value can be sealed to it")
        return _tenant_of(instance), instance._meta.db_table, str(instance.pk), self.column

    def read(self, instance: Any) -> str:
        """The plain text."""
        stored = getattr(instance, self.column)
        return unseal(*self._place(instance), stored) if stored else ""

    def write(self, instance: Any, value: str | None) -> None:
        """Seal ``value`` into the column; nothing empties it."""
        if value:
            token: bytes | None = seal(*self._place(instance), value)
        else:
            token = None if instance._meta.get_field(self.column).null else b""
        setattr(instance, self.column, token)

    def is_current(self, instance: Any) -> bool:
        """Whether the stored token was sealed with the key that new ones are sealed with."""
        stored = getattr(instance, self.column)
        return not stored or cipher.key_version_of(bytes(stored)) == keyring.current_key(_tenant_of(instance))[0]

"""``Sealed``: an attribute that reads and writes plain text while the column keeps a token."""

from typing import Any
from uuid import UUID

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from tenancy.scope import current_tenant_id
from vault import cipher, keys


def _is_tenant_model(model: type[models.Model]) -> bool:
    try:
        model._meta.get_field("tenant")
    except FieldDoesNotExist:
        return False
    return True


def _tenant_of(instance: models.Model) -> UUID:
    """The school a row belongs to; for a row of a global table the zero UUID."""
    if not _is_tenant_model(type(instance)):
        return keys.GLOBAL_TENANT
    if instance.tenant_id is None:  # type: ignore[attr-defined]
        instance.tenant_id = current_tenant_id()  # type: ignore[attr-defined]
    tenant_id: UUID = instance.tenant_id  # type: ignore[attr-defined]
    return tenant_id


class Sealed(property):
    """``phone = Sealed("phone_sealed")`` beside ``phone_sealed = BinaryField(default=b"")``.

    Reads ``""`` where nothing is kept. A ``property``, so that Django accepts the name as a keyword of the model.
    Raises cipher.Unreadable when the stored bytes were altered or come from another row.
    """

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(self.read, self.write)

    def _place(self, instance: models.Model) -> cipher.Place:
        if instance.pk is None:
            raise ValueError("a row needs its key before a value can be sealed to it")
        return cipher.Place(_tenant_of(instance), instance._meta.db_table, str(instance.pk), self.column)

    def read(self, instance: Any) -> str:
        stored = getattr(instance, self.column)
        if not stored:
            return ""
        token, place = bytes(stored), self._place(instance)
        return cipher.unseal(keys.key_of(place.tenant_id, cipher.key_version_of(token)), token, place).decode()

    def write(self, instance: Any, value: str | None) -> None:
        if not value:
            setattr(instance, self.column, None if instance._meta.get_field(self.column).null else b"")
            return
        place = self._place(instance)
        version, key = keys.current_key(place.tenant_id)
        setattr(instance, self.column, cipher.seal(key, version, value.encode(), place))

    def is_current(self, instance: Any) -> bool:
        """Whether the stored token was sealed with the key that new ones are sealed with."""
        stored = getattr(instance, self.column)
        return not stored or cipher.key_version_of(bytes(stored)) == keys.current_key(_tenant_of(instance))[0]

"""Models that are listed by name: every save and bulk write also stores a key to sort by."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from kernel.pinyin import SORT_KEY_MAX, sort_key


class SortKeyField(models.CharField):
    """What the row's ``name`` is sorted by. Filled whenever a row is written whole: ``save`` and ``bulk_create`` pass here.

    ``person``: the name begins with a family name (``kernel.pinyin``).
    """

    def __init__(self, *args: Any, person: bool = False, **kwargs: Any) -> None:
        self.person = person
        # Compared byte by byte: PostgreSQL's own orders differ from machine to machine.
        kwargs.update(max_length=SORT_KEY_MAX, blank=True, default="", editable=False, db_collation="C")
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """Adds ``person`` to Django's own arguments."""
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, {**kwargs, "person": self.person}

    def key_of(self, name: str) -> str:
        """What ``name`` is sorted by in this table."""
        return sort_key(name, person=self.person)

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """The key of the name as it is now."""
        model_instance.sort_key = self.key_of(model_instance.name)
        return str(model_instance.sort_key)


class ByNameQuerySet(models.QuerySet[Any]):
    """Writes in bulk that touch ``name`` write ``sort_key``, too."""

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        """As Django's."""
        rows, names = list(objs), set(fields)
        if "name" in names:
            names.add("sort_key")
            for row in rows:
                self._field().pre_save(row, add=False)
        return super().bulk_update(rows, sorted(names), *args, **kwargs)

    def update(self, **values: Any) -> int:
        """As Django's. The name must be a plain text."""
        if "name" in values and "sort_key" not in values:
            values["sort_key"] = self._field().key_of(values["name"])
        return super().update(**values)

    def _field(self) -> SortKeyField:
        field: Any = self.model._meta.get_field("sort_key")
        return field


class ByName(models.Model):
    """The base of a table with ``name`` and a ``SortKeyField`` of that name. Lists order by ``sort_key`` and the primary key."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds ``sort_key`` when the name is among ``update_fields``."""
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, "sort_key"}
        super().save(*args, **kwargs)

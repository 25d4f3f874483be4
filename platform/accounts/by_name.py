"""Models that are listed by name: every save and bulk write also stores a key to sort by, or one to compare by."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from kernel.fold import name_key
from kernel.pinyin import SORT_KEY_MAX, sort_key


class _OfNameField(models.Field):
    """Holds what is reckoned from the row's ``name``. Filled whenever a row is written whole: ``save`` and ``bulk_create``
    pass here.
    """

    def key_of(self, name: str) -> str:
        """What is kept for ``name``."""
        raise NotImplementedError

    def pre_save(self, model_instance: Any, add: bool) -> str:
        """The key of the name as it is now."""
        key = self.key_of(model_instance.name)
        setattr(model_instance, self.attname, key)
        return key


class SortKeyField(_OfNameField, models.CharField):
    """What the row's ``name`` is sorted by. ``person``: the name begins with a family name (``kernel.pinyin``)."""

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


class NameKeyField(_OfNameField, models.TextField):
    """What the row's ``name`` is compared by (``kernel.fold.name_key``): a unique key over it holds names once that only
    look alike.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.update(blank=True, default="", editable=False)
        super().__init__(*args, **kwargs)

    def key_of(self, name: str) -> str:
        """The name as it is compared."""
        return name_key(name)


def _fields_of_name(model: type[models.Model]) -> list[_OfNameField]:
    return [field for field in model._meta.concrete_fields if isinstance(field, _OfNameField)]


class ByNameQuerySet(models.QuerySet[Any]):
    """Writes in bulk that touch ``name`` write what is reckoned from it, too."""

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], *args: Any, **kwargs: Any) -> int:
        """As Django's."""
        rows, names = list(objs), set(fields)
        if "name" in names:
            for field in _fields_of_name(self.model):
                names.add(field.name)
                for row in rows:
                    field.pre_save(row, add=False)
        return super().bulk_update(rows, sorted(names), *args, **kwargs)

    def update(self, **values: Any) -> int:
        """As Django's. The name must be a plain text."""
        if "name" in values:
            missing = [field for field in _fields_of_name(self.model) if field.name not in values]
            values |= {field.name: field.key_of(values["name"]) for field in missing}
        return super().update(**values)


class ByName(models.Model):
    """The base of a table with ``name`` and fields reckoned from it. Lists order by ``sort_key``, where it has one, and the primary key."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds what is reckoned from the name when it is among ``update_fields``."""
        fields = kwargs.get("update_fields")
        if fields is not None and "name" in fields:
            kwargs["update_fields"] = {*fields, *(field.name for field in _fields_of_name(type(self)))}
        super().save(*args, **kwargs)

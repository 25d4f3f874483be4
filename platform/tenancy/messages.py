"""Several statements of one act in one message to the database: an act that many people do at once waits for few answers.

Each statement of a message sees what the ones before it waited for, so a lock taken first makes what is read after it true.
The text of a statement is made once from the model; the open school is bound each time, and row-level security stands
behind it as behind every other. For an act that is measured (docs/benchmarks.md); everything else uses the ORM.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Final, cast
from uuid import UUID

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.backends.utils import CursorWrapper
from django.db.models import (
    BinaryField,
    DateField,
    DateTimeField,
    Field,
    FileField,
    ForeignKey,
    Model,
    QuerySet,
    UUIDField,
)
from django.db.models.base import ModelState

from tenancy.models import TenantModel
from tenancy.pgtenant.base import Parts
from tenancy.scope import alias_for, current, current_tenant_id

type Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One statement. ``sql`` is text of the product, never of a person; what a person gave is among ``params``."""

    sql: str
    params: tuple[Any, ...] = ()


def send(*parts: Part) -> list[list[Row]]:
    """The rows that each part answers, in order. One that fails fails the message, and with it the transaction."""
    cursor: CursorWrapper
    with connections[alias_for(current())].cursor() as cursor:
        # Bound part by part: psycopg remembers how it took a short text apart, and not a long one.
        bound = [cursor.cursor.mogrify(part.sql, part.params) for part in parts]
        cursor.execute(Parts(";\n".join(bound)))
        answers: list[list[Row]] = cursor.cursor.parts
    return answers


def send_in(*asked: tuple[UUID, Part]) -> list[list[Row]]:
    """The same, each part in a school of its own: for work that is due in many schools and small in each of them.

    Each part stands behind its own school's wall, as if it had been sent alone with that school open; nothing may be open but
    a school that all of them name. ValueError otherwise. In a transaction they are written together or not at all.
    """
    opened = current()
    if opened.across or opened.partner or any(opened.tenant not in (None, school) for school, _part in asked):
        raise ValueError("a part stands in the school that is open, or none is open")
    bound = []
    for school, part in asked:
        if not isinstance(school, UUID):  # it is written into the text; only a UUID is safe to write
            raise TypeError("a school is named by its UUID")
        bound += [Part(f"SET LOCAL app.tenant='{school}'"), part]
    return send(*bound)[1::2] if bound else []


def rows_of(model: type[TenantModel], where: str, *params: Any, lock: bool = False) -> Part:
    """All columns of the open school's rows for which ``where`` (text of the product) holds; ``read`` makes them objects."""
    held = " FOR NO KEY UPDATE" if lock else ""
    return Part(f"{_selected(model)} WHERE tenant_id = %s AND {where}{held}", (current_tenant_id(), *params))


@cache
def _selected(model: type[Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    return f'SELECT {columns} FROM "{model._meta.db_table}"'  # noqa: S608 - names of the schema


def columns_of(model: type[Model], row: str, only: frozenset[str] = frozenset()) -> str:
    """All columns of ``row`` (text of the product: a row of this table in what a function of the database answers).

    ``only``: those of these attributes. What is left out is read when it is asked for, by a question of its own.
    """
    return ", ".join(f'({row})."{field.column}"' for field in _fields(model, only))


def width(model: type[Model], only: frozenset[str] = frozenset()) -> int:
    """How many columns that is."""
    return len(_fields(model, only))


def read[M: Model](model: type[M], rows: Sequence[Row], only: frozenset[str] = frozenset()) -> list[M]:
    """The objects of ``rows_of``, or of ``columns_of`` with the same ``only``."""
    alias = alias_for(current())
    names, readers = _readers(model, alias, only)
    found = []
    for row in rows:
        values = list(row)
        for place, converters in readers:
            for convert in converters:
                values[place] = convert(values[place], None, connections[alias])
        found.append(made(model, alias, names, values))
    return found


def made[M: Model](model: type[M], alias: str, names: Iterable[str], values: Iterable[Any]) -> M:
    """``from_db`` for models that add nothing to it, without asking every field in turn: a sender makes thousands a second.

    What is left out is read when it is asked for.
    """
    if not _is_plain(model):
        return model.from_db(alias, list(names), list(values))
    row = model.__new__(model)
    row._state = ModelState()
    row._state.db, row._state.adding = alias, False
    vars(row).update(zip(names, values, strict=True))
    return row


@cache
def _is_plain(model: type[Model]) -> bool:
    """Whether a row of it becomes an object in no way of its own; a file or picture has one (nobody else listens)."""
    is_own = model.__init__ is not Model.__init__ or model.from_db.__func__ is not Model.from_db.__func__  # type: ignore[attr-defined]
    return not (is_own or any(isinstance(field, FileField) for field in _fields(model)))


def know(row: Model, name: str, other: Model) -> None:
    """``row``'s ``name`` is ``other``: as when it was read through the relation."""
    cast("ForeignKey[Any, Any]", row._meta.get_field(name)).set_cached_value(row, other)


@cache
def _readers(
    model: type[Model], alias: str, only: frozenset[str] = frozenset()
) -> tuple[Collection[str], list[tuple[int, list[Any]]]]:
    fields = _fields(model, only)
    given = [(place, field.get_db_converters(connections[alias])) for place, field in enumerate(fields)]
    names: Collection[str] = [field.attname for field in fields]
    return names, [(place, converters) for place, converters in given if converters]


def from_json[M: Model](model: type[M], row: Mapping[str, Any]) -> M:
    """The object of a row that a function of the database gave as JSON, by columns; those left out are read when asked for."""
    names, values = [], []
    for attname, column, convert in _told(model):
        if column in row:
            value = row[column]
            names.append(attname)
            values.append(convert(value) if convert is not None and value is not None else value)
    return model.from_db(alias_for(current()), names, values)


@cache
def _told(model: type[Model]) -> list[tuple[str, str, Callable[[Any], Any] | None]]:
    """Attribute and column of each field, and what makes its value of JSON's text where that has none of its own."""
    found = []
    for field in _fields(model):
        kind = cast("Field[Any, Any]", field.target_field) if isinstance(field, ForeignKey) else field
        convert = next((make for known, make in _MADE_OF_TEXT if isinstance(kind, known)), None)
        found.append((field.attname, str(field.column), convert))
    return found


_MADE_OF_TEXT: Final[Sequence[tuple[type, Callable[[Any], Any]]]] = (
    (UUIDField, UUID),
    (DateTimeField, datetime.fromisoformat),
    (DateField, date.fromisoformat),
    (BinaryField, lambda text: bytes.fromhex(text[2:])),
)
"""A moment before a day: for Django the one is a kind of the other."""


def insert(rows: Sequence[TenantModel], *, ignore_conflicts: bool = False) -> Part:
    """New rows of one table, at least one."""
    model = type(rows[0])
    fields = _fields(model)
    connection = connections[alias_for(current())]
    values = [field.get_db_prep_save(field.pre_save(row, add=True), connection) for row in rows for field in fields]
    mark = f"({', '.join(['%s'] * len(fields))})"
    text = f"{_inserted(model)} {', '.join([mark] * len(rows))}"
    return Part(text + (" ON CONFLICT DO NOTHING" if ignore_conflicts else ""), tuple(values))


@cache
def _inserted(model: type[Model]) -> str:
    columns = ", ".join(f'"{field.column}"' for field in _fields(model))
    return f'INSERT INTO "{model._meta.db_table}" ({columns}) VALUES'


def update(row: TenantModel, *names: str) -> Part:
    """The named fields of a row that is locked, as they stand in the object."""
    connection = connections[alias_for(current())]
    fields = [cast("Field[Any, Any]", row._meta.get_field(name)) for name in names]
    values = [field.get_db_prep_save(field.pre_save(row, add=False), connection) for field in fields]
    changes = ", ".join(f'"{field.column}" = %s' for field in fields)
    text = f'UPDATE "{row._meta.db_table}" SET {changes} WHERE tenant_id = %s AND id = %s'  # noqa: S608 - names of the schema
    return Part(text, (*values, current_tenant_id(), row.pk))


def together(*querysets: QuerySet[Any]) -> None:
    """Ask for the rows of all ``querysets`` in one message; each holds its own afterwards, as if it had been read.

    For a page that shows many short lists, none of which needs another. What they prefetch is read later, as always.
    """
    parts: list[Part] = []
    waiting = []
    for queryset in querysets:
        asked = queryset._chain()  # type: ignore[attr-defined]
        compiler = asked.query.get_compiler(alias_for(current()))
        try:
            sql, params = compiler.as_sql()
        except EmptyResultSet:
            queryset._result_cache = []
            continue
        parts.append(Part(sql, params))
        waiting.append((queryset, asked, compiler))
    for (queryset, asked, compiler), rows in zip(waiting, send(*parts) if parts else [], strict=True):
        compiler.execute_sql = _answering([rows])  # in one chunk, as Django's own hands them out
        asked.query.get_compiler = _answering(compiler)
        queryset._result_cache = list(asked._iterable_class(asked))


def gathered[M: Model](queryset: QuerySet[M]) -> list[M]:
    """Its rows, with what it prefetches: every relation to one row in one message (``service`` and ``partner``; a second one
    for what lies a step further, ``voucher__service``), anything else as Django does.

    For pages of a list. Joined, tables that all schools share are gone through whole for a handful of rows, and prefetched
    the usual way each relation is a question of its own.
    """
    asked: Sequence[Any] = queryset._prefetch_related_lookups  # type: ignore[attr-defined]
    ahead = [one for one in asked if isinstance(one, str) and _leads_to_one(queryset.model, one)]
    left = [one for one in asked if one not in ahead]
    rows = list(queryset.prefetch_related(None).prefetch_related(*left)) if ahead else list(queryset)
    fetch(rows, *ahead)
    return rows


def fetch(rows: Sequence[Model], *names: str) -> None:
    """Read what ``names`` of ``rows`` point at, relations to one row each: those a step away in one message, those behind
    them in the next. What is known already, or is nobody's, is not asked for.
    """
    if not rows or not names:
        return
    further: dict[str, list[str]] = {}
    for name in names:
        first, _way, rest = name.partition("__")
        further.setdefault(first, []).extend([rest] if rest else [])
    relations = {name: cast("ForeignKey[Any, Any]", rows[0]._meta.get_field(name)) for name in further}
    found = {
        name: field.related_model._default_manager.filter(pk__in=keys).order_by()
        for name, field in relations.items()
        if (keys := {getattr(row, field.attname) for row in rows if not field.is_cached(row)} - {None})
    }
    if found:
        together(*found.values())
    for name, field in relations.items():
        known = {other.pk: other for other in found.get(name, ())}
        for row in rows:
            if (other := known.get(getattr(row, field.attname))) is not None:
                know(row, name, other)
        if further[name]:
            reached = [getattr(row, name) for row in rows if getattr(row, field.attname) is not None]
            fetch(list({id(other): other for other in reached}.values()), *further[name])


@cache
def _leads_to_one(model: type[Model], path: str) -> bool:
    """Whether each step of ``path`` goes from a row to the one that its key names."""
    here: Any = model
    for name in path.split("__"):
        field = next((one for one in here._meta.concrete_fields if one.name == name), None)
        if not isinstance(field, ForeignKey) or not field.target_field.primary_key:
            return False
        here = field.related_model
    return True


@dataclass(frozen=True, slots=True)
class Question[Answer]:
    """What must be read for an answer, and how it is told from what was read: for pages that ask several in one message."""

    querysets: tuple[QuerySet[Any, Any], ...]
    answer: Callable[[], Answer]

    def ask(self) -> Answer:
        """Asked alone, in one message."""
        together(*self.querysets)
        return self.answer()


def _answering(value: Any) -> Callable[..., Any]:
    return lambda *_args, **_more: value


@cache
def _fields(model: type[Model], only: frozenset[str] = frozenset()) -> "list[Field[Any, Any]]":
    """In the order of the model. KeyError where ``only`` names what it has not."""
    fields = cast("list[Field[Any, Any]]", list(model._meta.concrete_fields))
    if unknown := only - {field.attname for field in fields}:
        raise KeyError(*sorted(unknown))
    return [field for field in fields if not only or field.attname in only]

"""Walls, foreign keys and triggers as constraint classes, so the autodetector writes their migrations.

A child ``Meta`` that forgets ``*TenantModel.Meta.constraints`` silently drops the wall; the catalogue test (T2)
finds it.
"""

from collections.abc import Sequence
from typing import Any

from django.db import models
from django.db.models.constraints import BaseConstraint

from tenancy import roles

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"
PARTNER = "nullif(current_setting('app.partner', true), '')::uuid"


def _column(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.column)


class SqlConstraint(BaseConstraint):
    """Something of the table that SQL alone can say. Subclasses give ``create`` and ``drop`` statements."""

    default_name = ""

    def __init__(self, *, name: str = "", **kwargs: Any) -> None:
        super().__init__(name=name or self.default_name, **kwargs)

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        """``(create, drop)`` for the table of ``model``."""
        raise NotImplementedError

    def constraint_sql(self, model: Any, schema_editor: Any) -> str:
        """Inside CREATE TABLE nothing; the statement follows once the table stands."""
        if statement := self.create_sql(model, schema_editor):
            schema_editor.deferred_sql.append(statement)
        return ""

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        return self.statements(model)[0]

    def remove_sql(self, model: Any, schema_editor: Any) -> str:
        return self.statements(model)[1]

    def validate(self, *args: Any, **kwargs: Any) -> None:
        """The database decides; a form has nothing to add."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.deconstruct() == other.deconstruct()

    __hash__ = BaseConstraint.__hash__


class TenantWall(SqlConstraint):
    """The second wall: row-level security, forced, one policy per role (policies OR-ed on one role cost 19–115 ×)."""

    default_name = "%(app_label)s_%(class)s_wall"

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        table = model._meta.db_table
        create = (
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY;'
            f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
            f'CREATE POLICY "{table}_app" ON "{table}" TO {roles.APP}'
            f" USING (tenant_id = {TENANT}) WITH CHECK (tenant_id = {TENANT});"
            f'CREATE POLICY "{table}_system" ON "{table}" FOR SELECT TO {roles.SYSTEM} USING (true);'
        )
        drop = (
            f'DROP POLICY "{table}_app" ON "{table}"; DROP POLICY "{table}_system" ON "{table}";'
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;'
        )
        return create, drop


class SchoolsUncounted(SqlConstraint):
    """The database does not count how the rows of the table are spread over schools, and takes each for one of two hundred.

    For tables that grow by thousands of rows in a minute and are read row by row. What was counted before knows nothing of a
    school whose first rows have just come: it is taken for empty, and a plan that reads all of it looks as cheap as one that
    looks up twenty keys. Nothing else of the table is counted less.
    """

    default_name = "%(app_label)s_%(class)s_uncounted"

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        change = f'ALTER TABLE "{model._meta.db_table}" ALTER COLUMN tenant_id SET STATISTICS'
        return f"{change} 0;", f"{change} -1;"


class PartnerRead(SqlConstraint):
    """The institution named by ``field`` may read its rows in every school. It never writes by this policy."""

    default_name = "%(app_label)s_%(class)s_partner"

    def __init__(self, field: str = "partner", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.field = field

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        table, column = model._meta.db_table, _column(model, self.field)
        return (
            f'CREATE POLICY "{table}_partner" ON "{table}" FOR SELECT TO {roles.PARTNER} USING ("{column}" = {PARTNER})',
            f'DROP POLICY "{table}_partner" ON "{table}"',
        )

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field}


class TenantFK(SqlConstraint):
    """``(tenant_id, x_id)`` points at ``(tenant_id, id)``: a row can never hang on another school's parent.

    ``also``: columns that both must have alike, such as ``is_drill``; the parent has a unique key of all of them.
    The field itself is declared ``db_constraint=False``; foreign-key checks of PostgreSQL bypass row security.
    """

    def __init__(self, field: str, *, also: Sequence[str] = (), name: str = "", **kwargs: Any) -> None:
        super().__init__(name=name or f"%(app_label)s_%(class)s_{field}_fk", **kwargs)
        self.field, self.also = field, tuple(also)

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        field: Any = model._meta.get_field(self.field)
        table, target = model._meta.db_table, field.related_model._meta.db_table
        more = "".join(f', "{column}"' for column in self.also)
        return (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{self.name}" FOREIGN KEY (tenant_id, "{field.column}"{more})'
            f' REFERENCES "{target}" (tenant_id, id{more}) DEFERRABLE INITIALLY DEFERRED',
            f'ALTER TABLE "{table}" DROP CONSTRAINT "{self.name}"',
        )

    def create_sql(self, model: Any, schema_editor: Any) -> str:
        """At the end of the migration: the target's unique key may be a later operation of the same one."""
        schema_editor.deferred_sql.append(self.statements(model)[0])
        return ""

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "field": self.field, **({"also": self.also} if self.also else {})}


class AppendOnly(SqlConstraint):
    """Rows are written once. Triggers refuse UPDATE, DELETE and TRUNCATE, to the owner as well.

    ``tenancy.grants`` also withholds the three rights from the app's role.
    """

    default_name = "%(app_label)s_%(class)s_append_only"

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        table = model._meta.db_table
        return (
            f'CREATE OR REPLACE FUNCTION "{table}_refuse"() RETURNS trigger LANGUAGE plpgsql AS'
            f" $$ BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'insufficient_privilege'; END $$;"
            f'CREATE TRIGGER "{table}_append_only" BEFORE UPDATE OR DELETE ON "{table}"'
            f' FOR EACH ROW EXECUTE FUNCTION "{table}_refuse"();'
            f'CREATE TRIGGER "{table}_never_emptied" BEFORE TRUNCATE ON "{table}"'
            f' FOR EACH STATEMENT EXECUTE FUNCTION "{table}_refuse"();',
            # The second trigger is younger than some databases: the migration that adds it takes the first one off.
            f'DROP TRIGGER "{table}_append_only" ON "{table}"; DROP TRIGGER IF EXISTS "{table}_never_emptied" ON "{table}";'
            f' DROP FUNCTION "{table}_refuse"();',
        )


class Closed(SqlConstraint):
    """No role of the application may read or write the table; functions with the owner's rights are the only way to it.

    Row-level security with a policy for the owner alone; ``tenancy.grants`` also takes the rights of the three roles away.
    """

    default_name = "%(app_label)s_%(class)s_closed"

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        table = model._meta.db_table
        return (
            f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY; ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY;'
            f'CREATE POLICY "{table}_owner" ON "{table}" TO CURRENT_USER USING (true) WITH CHECK (true);',
            f'DROP POLICY "{table}_owner" ON "{table}";'
            f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY; ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY;',
        )


class Statement(SqlConstraint):
    """Any other SQL that belongs to a table: a trigger, a function, an index the ORM cannot say."""

    def __init__(self, *, name: str, create: str, drop: str, **kwargs: Any) -> None:
        super().__init__(name=name, **kwargs)
        self.create, self.drop = create, drop

    def statements(self, model: type[models.Model]) -> tuple[str, str]:
        return self.create, self.drop

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        path, args, kwargs = super().deconstruct()
        return path, args, {**kwargs, "create": self.create, "drop": self.drop}

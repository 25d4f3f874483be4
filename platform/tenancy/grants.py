"""What each database role may do with each table. Run by the owner after every migration, idempotent.

app: everything but changing what is append-only. partner: read. system: read. None of them what is closed. The row
policies narrow these.
"""

from typing import Any

from django.apps import apps
from django.db import connections

from tenancy import roles
from tenancy.constraints import AppendOnly, Closed, SqlConstraint


def grant_all(using: str = "default") -> None:
    """Grant by the models' own declarations. Needs the owner's connection."""
    append_only, closed = _tables_with(AppendOnly), _tables_with(Closed)
    with connections[using].cursor() as cursor:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {roles.APP}, {roles.PARTNER}, {roles.SYSTEM}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {roles.APP}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {roles.APP}")
        cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {roles.PARTNER}, {roles.SYSTEM}")
        present = set(connections[using].introspection.table_names(cursor))
        for table in append_only:
            if table in present:
                cursor.execute(f'REVOKE UPDATE, DELETE, TRUNCATE ON "{table}" FROM {roles.APP}')
        for table in closed:
            if table in present:
                cursor.execute(f'REVOKE ALL ON "{table}" FROM {roles.APP}, {roles.PARTNER}, {roles.SYSTEM}')


def _tables_with(kind: type[SqlConstraint]) -> list[str]:
    return [
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if any(isinstance(constraint, kind) for constraint in model._meta.constraints)
    ]


def after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Django's post_migrate, for the last app only: tables of all apps stand by then."""
    if connections[using].settings_dict["ENGINE"] == "django.db.backends.postgresql":
        grant_all(using)

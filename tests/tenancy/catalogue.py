"""Tables, roles and policies as the database's catalogue has them; the tests of the walls are generated from it."""

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connections
from django.db.models import Model

from tenancy import roles
from tenancy.constraints import Closed

ROLES = {**roles.BY_SCOPE, "owner": roles.OWNER}


def owner() -> psycopg.Connection:
    """A connection of the tables' owner to the test database, in autocommit."""
    database = settings.OWNER_DATABASE
    return psycopg.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=connections["default"].settings_dict["NAME"],
        autocommit=True,
    )


def connect_tester() -> psycopg.Connection:
    """The tester's own connection: no right of its own, but it may become any of the four roles."""
    database = connections["default"].settings_dict
    return psycopg.connect(
        host=database["HOST"] or None,
        port=database["PORT"] or None,
        user=database["USER"],
        password=database["PASSWORD"],
        dbname=database["NAME"],
        autocommit=True,
    )


def tables(connection: psycopg.Connection) -> list[str]:
    """Every table of the schema."""
    rows = connection.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY 1"
    )
    return [row[0] for row in rows]


def tenant_tables(connection: psycopg.Connection) -> list[str]:
    """Every table with a school's column."""
    rows = connection.execute(
        "SELECT c.relname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " WHERE a.attname = 'tenant_id' AND c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1"
    )
    return [row[0] for row in rows]


def readable_models() -> list[type[Model]]:
    """Every model whose table the application's roles may read: all but those that functions alone reach."""
    return [
        model
        for model in apps.get_models()
        if not any(isinstance(constraint, Closed) for constraint in model._meta.constraints)
    ]

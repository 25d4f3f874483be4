"""Test databases: migrated once per state of the migrations, copied in a blink for every worker and every run."""

import fcntl
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import django
import psycopg
import wagtail
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper
from psycopg import sql

from tenancy.hosts import forget

ROOT = Path(__file__).resolve().parents[1]


def _connect(login: dict, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=login["HOST"] or None,
        port=login["PORT"] or None,
        user=login["USER"],
        password=login["PASSWORD"],
        dbname=database,
        autocommit=True,
    )


def _owner(database: str) -> psycopg.Connection:
    return _connect(settings.OWNER_DATABASE, database)


def _template_name() -> str:
    """Another name whenever a migration, the tables' SQL or a framework changes."""
    digest = hashlib.sha256(f"{django.__version__} {wagtail.__version__} {settings.INSTALLED_APPS}".encode())
    for path in sorted(
        [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/*/migrations/*.py"), *ROOT.glob("platform/tenancy/*.py")]
    ):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return f"test_template_{digest.hexdigest()[:12]}"


@contextmanager
def one_at_a_time(template: str) -> Iterator[None]:
    """Nobody else makes this template or copies it meanwhile, in the same cluster: another checkout has its own."""
    with (Path(tempfile.gettempdir()) / f"{template}-{settings.OWNER_DATABASE['PORT']}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def make_template() -> str:
    """The migrated database's name. The first to come migrates it; the others wait for its lock."""
    template = _template_name()
    with one_at_a_time(template), _owner(settings.OWNER_DATABASE["NAME"]) as connection:
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [template]).fetchone():
            _migrate(f"{template}_new")
            connection.execute(
                sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                    sql.Identifier(f"{template}_new"), sql.Identifier(template)
                )
            )
    return template


def copy_of_template(name: str) -> None:
    """Make ``name`` anew. Copies are made one after another: PostgreSQL copies from a database that nobody else reads."""
    template = make_template()
    with one_at_a_time(template):
        drop_database(name)
        with _owner(settings.OWNER_DATABASE["NAME"]) as connection:
            connection.execute(
                # File by file: page by page through the log, as PostgreSQL does by itself, takes twice as long.
                sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY").format(
                    sql.Identifier(name), sql.Identifier(template)
                )
            )


def _migrate(name: str) -> None:
    """Migrate as the owner through the default alias: Wagtail's data migrations know no other."""
    tester = connections["default"]
    owner = DatabaseWrapper(
        {**tester.settings_dict, **settings.OWNER_DATABASE, "TEST": {**tester.settings_dict["TEST"], "NAME": name}},
        "default",
    )
    connections["default"] = owner
    try:
        owner.creation.create_test_db(verbosity=0, autoclobber=True)
        with owner.cursor() as cursor:
            cursor.execute("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO xinqiao_tester")
    finally:
        owner.close()
        connections["default"] = tester


def use_database(name: str) -> str:
    """Send every connection of this process to ``name`` from now on, also those of other threads; the name before."""
    before: str = connections["default"].settings_dict["NAME"]
    for connection in connections.all(initialized_only=True):
        connection.close()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASES["default"]["NAME"] = name
    cache.clear()
    forget()
    return before


@contextmanager
def database_of_its_own(suffix: str) -> Iterator[str]:
    """A fresh copy for those who commit: what they leave behind ends with it, whatever order the tests run in."""
    name = f"{connections['default'].settings_dict['NAME']}_{suffix}"
    copy_of_template(name)
    yield name
    drop_database(name)


def committed_rows() -> dict[str, int]:
    """How many rows every filled table holds, seen by one who passes both walls."""
    with _owner(connections["default"].settings_dict["NAME"]) as owner:
        owner.execute("ANALYZE")
        return dict(
            owner.execute(
                "SELECT relname, reltuples::int FROM pg_class "
                "WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 0"
            ).fetchall()
        )


def drop_database(name: str) -> None:
    """Gone, whoever is still connected: the tester and the owner each end their own connections.

    Without FORCE, which the owner is refused while autovacuum is at work there; a plain DROP sends that worker away.
    """
    for login in (connections["default"].settings_dict, settings.OWNER_DATABASE):
        with _connect(login, settings.OWNER_DATABASE["NAME"]) as role:
            role.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = %s AND usename = current_user",
                [name],
            )
    with _owner(settings.OWNER_DATABASE["NAME"]) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))

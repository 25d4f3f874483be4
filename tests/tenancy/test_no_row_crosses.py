"""T1: every table × read, insert, update, delete × {no school, own, other} × role; and each policy proves its worth.

Rows are planted by the tables' owner, with keys and checks set aside inside one transaction that is rolled back, so
that every table is tried, also those that no workflow of a test happens to fill. The walls themselves stand.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from django.apps import apps

from tenancy.constraints import AppendOnly, PartnerRead
from tenancy.models import TenantModel
from tests.tenancy.catalogue import ROLES, connect_tester

MODELS = {m._meta.db_table: m for m in apps.get_models() if issubclass(m, TenantModel)}
TABLES = sorted(MODELS)
KEPT = [t for t in TABLES if any(isinstance(c, AppendOnly) for c in MODELS[t]._meta.constraints)]
A, B = uuid.uuid4(), uuid.uuid4()
PARTNER, OTHER_PARTNER = uuid.uuid4(), uuid.uuid4()


@pytest.fixture(scope="module")
def planted(django_db_setup: None) -> Iterator[psycopg.Connection]:
    """Two schools with one bare row in every table. Nothing here is ever committed."""
    connection = connect_tester()
    connection.autocommit = False
    connection.execute(f"SET LOCAL ROLE {ROLES['owner']}")
    for table in TABLES:
        _bare(connection, table)
        for tenant in (A, B):
            _plant(connection, table, tenant)
        connection.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
    yield connection
    connection.rollback()
    connection.close()


def _bare(connection: psycopg.Connection, table: str) -> None:
    """No foreign keys, checks, triggers or needed columns; and the owner may plant past its own wall."""
    constraints = connection.execute(
        "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype IN ('f', 'c', 'x')", [table]
    ).fetchall()
    for (name,) in constraints:
        connection.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    columns = connection.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND attnotnull"
        " AND attname NOT IN ('id', 'tenant_id') AND NOT attisdropped",
        [table],
    ).fetchall()
    for (column,) in columns:
        connection.execute(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" DROP NOT NULL')
    connection.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
    connection.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')


def _partner_column(table: str) -> str | None:
    fields = [c.field for c in MODELS[table]._meta.constraints if isinstance(c, PartnerRead)]
    return MODELS[table]._meta.get_field(fields[0]).column if fields else None


def _plant(connection: psycopg.Connection, table: str, tenant: uuid.UUID) -> None:
    values: dict[str, uuid.UUID] = {"id": uuid.uuid4(), "tenant_id": tenant}
    if column := _partner_column(table):
        values[column] = PARTNER
    names, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    connection.execute(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', list(values.values()))


@contextmanager
def _acting(connection: psycopg.Connection, role: str, tenant: object = "", partner: object = "") -> Iterator[None]:
    """Be ``role`` in a scope, and undo everything afterwards."""
    with connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL app.tenant = '{tenant}'")
        connection.execute(f"SET LOCAL app.partner = '{partner}'")
        connection.execute(f"SET LOCAL ROLE {ROLES[role]}")
        yield


def _sees(connection: psycopg.Connection, table: str, role: str, tenant: object = "", partner: object = "") -> set:
    with _acting(connection, role, tenant, partner):
        try:
            return {row[0] for row in connection.execute(f'SELECT tenant_id FROM "{table}"')}
        except psycopg.errors.InsufficientPrivilege:
            return set()


def _changes(connection: psycopg.Connection, sql: str, role: str, tenant: object = "", partner: object = "") -> int:
    """How many rows the statement touches; a refusal touches none."""
    try:
        with _acting(connection, role, tenant, partner):
            return connection.execute(sql).rowcount
    except psycopg.errors.InsufficientPrivilege:
        return 0


def leaks(connection: psycopg.Connection, table: str) -> list[str]:
    """Everything that is not as it must be for one table; empty when its wall stands."""
    found = []

    def expect(name: str, got: object, wanted: object) -> None:
        if got != wanted:
            found.append(f"{table}: {name}: {got!r} instead of {wanted!r}")

    expect("app without a school reads", _sees(connection, table, "app"), set())
    for own, other in ((A, B), (B, A)):
        expect("app reads", _sees(connection, table, "app", own), {own})
        insert = f"INSERT INTO \"{table}\" (id, tenant_id) VALUES (gen_random_uuid(), '{other}')"
        expect("app inserts for another", _changes(connection, insert, "app", own), 0)
        move = f"UPDATE \"{table}\" SET tenant_id = '{other}'"
        expect("app gives a row away", _changes(connection, move, "app", own), 0)
        update = f"UPDATE \"{table}\" SET id = id WHERE tenant_id = '{other}'"
        expect("app updates another's", _changes(connection, update, "app", own), 0)
        delete = f"DELETE FROM \"{table}\" WHERE tenant_id = '{other}'"
        expect("app deletes another's", _changes(connection, delete, "app", own), 0)
    expect("app deletes without a school", _changes(connection, f'DELETE FROM "{table}"', "app"), 0)
    mine = {A, B} if _partner_column(table) else set()
    expect("partner reads its own", _sees(connection, table, "partner", "", PARTNER), mine)
    expect("another partner reads", _sees(connection, table, "partner", "", OTHER_PARTNER), set())
    expect("a school's scope helps a partner", _sees(connection, table, "partner", A), set())
    expect("system reads", _sees(connection, table, "system"), {A, B})
    for role in ("partner", "system"):
        for sql in (
            f"INSERT INTO \"{table}\" (id, tenant_id) VALUES (gen_random_uuid(), '{A}')",
            f'UPDATE "{table}" SET id = id',
            f'DELETE FROM "{table}"',
        ):
            expect(f"{role} writes", _changes(connection, sql, role, A, PARTNER), 0)
    return found


@pytest.mark.parametrize("table", TABLES)
def test_t1_no_row_crosses(planted, table):
    assert leaks(planted, table) == []


@pytest.mark.parametrize("table", TABLES)
def test_t1_every_policy_is_needed(planted, table):
    """Drop a policy, or let it say yes to all: the test above must turn red each time."""
    policies = planted.execute(
        "SELECT policyname, roles::text[] FROM pg_policies WHERE tablename = %s", [table]
    ).fetchall()
    for name, roles in policies:
        if roles == [ROLES["owner"]]:
            continue
        with planted.transaction(force_rollback=True):
            planted.execute(f"SET LOCAL ROLE {ROLES['owner']}")
            planted.execute(f'DROP POLICY "{name}" ON "{table}"')
            assert leaks(planted, table), f"{name} could be dropped unseen"
        if roles == [ROLES["system"]]:
            continue
        with planted.transaction(force_rollback=True):
            planted.execute(f"SET LOCAL ROLE {ROLES['owner']}")
            planted.execute(f'ALTER POLICY "{name}" ON "{table}" USING (true)')
            assert leaks(planted, table), f"{name} could be opened unseen"


@pytest.mark.parametrize("table", KEPT)
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_not_even_the_owner_changes_what_is_append_only(planted, table, change):
    """No grant stands before the owner, and here no wall: the trigger alone says no."""
    with planted.transaction(force_rollback=True):
        planted.execute(f"SET LOCAL ROLE {ROLES['owner']}")
        planted.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY, ENABLE TRIGGER "{table}_append_only"')
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"), planted.transaction():
            planted.execute(change.format(f'"{table}"'))
        assert planted.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (2,)

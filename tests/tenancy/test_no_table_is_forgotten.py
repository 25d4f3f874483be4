"""T2: a tenant column that may not be empty and a forced policy, or a reason on the list. Read from the catalogue."""

import psycopg
import pytest
from django.apps import apps

from tenancy.constraints import AppendOnly, PartnerRead, TenantFK
from tenancy.models import TenantModel
from tests.tenancy.catalogue import owner, tables, tenant_tables
from tests.tenancy.global_tables import GLOBAL, reason_for

pytestmark = pytest.mark.django_db

WALLED = [model for model in apps.get_models() if issubclass(model, TenantModel)]


def test_t2_every_table_is_behind_the_wall_or_on_the_list():
    with owner() as connection:
        walled = {model._meta.db_table for model in WALLED}
        nameless = [table for table in tables(connection) if table not in walled and reason_for(table) is None]
        assert nameless == []
        stale = [table for table in GLOBAL if table not in tables(connection)]
        assert stale == [], "the list names tables that are gone"


def test_t2_a_wall_is_not_null_enabled_and_forced_with_one_policy_per_role():
    with owner() as connection:
        for model in WALLED:
            table = model._meta.db_table
            enabled, forced = connection.execute(
                "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass", [table]
            ).fetchone()
            not_null = connection.execute(
                "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'tenant_id'", [table]
            ).fetchone()[0]
            roles = connection.execute(
                "SELECT unnest(roles)::text, count(*) FROM pg_policies WHERE tablename = %s GROUP BY 1", [table]
            ).fetchall()
            assert (enabled, forced, not_null) == (True, True, True), table
            assert {"xinqiao_app", "xinqiao_system"} <= {role for role, _ in roles}, table
            # Two policies on one role are OR-ed and cost 19–115 times (docs/tenancy.md).
            assert all(count == 1 for _role, count in roles), table


def test_t2_a_tenant_column_outside_the_models_is_found():
    with owner() as connection:
        walled = {model._meta.db_table for model in WALLED}
        strangers = [t for t in tenant_tables(connection) if t not in walled and reason_for(t) is None]
        assert strangers == []


def test_t2_no_view_looks_past_the_wall():
    with owner() as connection:
        materialised = connection.execute("SELECT matviewname FROM pg_matviews WHERE schemaname = 'public'").fetchall()
        loose = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'"
            " AND NOT coalesce(reloptions @> ARRAY['security_invoker=true'], false)"
        ).fetchall()
        assert (materialised, loose) == ([], [])


def test_the_database_roles_have_no_power_of_their_own():
    with owner() as connection:
        rows = connection.execute(
            "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole FROM pg_roles"
            " WHERE rolname IN ('xinqiao_app', 'xinqiao_partner', 'xinqiao_system')"
        ).fetchall()
        assert len(rows) == 3
        assert all(not any(powers) for _name, *powers in rows)


def test_every_reference_between_schools_tables_carries_the_school():
    with owner() as connection:
        for model in WALLED:
            kept = {c.field for c in model._meta.constraints if isinstance(c, TenantFK)}
            pointing = {
                field.name
                for field in model._meta.fields
                if field.is_relation and issubclass(field.related_model, TenantModel)
            }
            assert kept == pointing, model
            found = connection.execute(
                "SELECT count(*) FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'"
                " AND array_length(conkey, 1) >= 2",
                [model._meta.db_table],
            ).fetchone()[0]
            assert found == len(pointing), model


def test_unique_keys_start_with_the_school_or_hide_a_secret():
    """A unique key over all schools is an oracle of what others hold; only hashes of secrets may be one."""
    allowed = {("code_hash",), ("token_hash",)}
    for model in WALLED:
        for constraint in model._meta.total_unique_constraints:
            assert constraint.fields[0] == "tenant" or tuple(constraint.fields) in allowed, (model, constraint)
        for field in model._meta.fields:
            if field.unique and not field.primary_key:
                assert (field.name,) in allowed, (model, field)


def test_append_only_tables_cannot_be_changed_by_the_app():
    with owner() as connection:
        kept = [m._meta.db_table for m in WALLED if any(isinstance(c, AppendOnly) for c in m._meta.constraints)]
        assert {"audit_auditentry", "ledger_entry"} <= set(kept)
        for table in kept:
            for right in ("UPDATE", "DELETE", "TRUNCATE"):
                assert not connection.execute(
                    "SELECT has_table_privilege('xinqiao_app', %s, %s)", [table, right]
                ).fetchone()[0], (table, right)


def test_nobody_changes_or_empties_an_append_only_table_not_even_its_owner():
    """Read from the catalogue: one trigger for each of the three ways to lose a row, and it answers."""
    with owner() as connection:
        kept = [m._meta.db_table for m in WALLED if any(isinstance(c, AppendOnly) for c in m._meta.constraints)]
        assert {"audit_auditentry", "ledger_entry", "ledger_transfer"} <= set(kept)
        refusing = {
            name.removesuffix("_refuse")
            for (name,) in connection.execute("SELECT proname FROM pg_proc WHERE proname LIKE '%%\\_refuse'")
        }
        assert refusing == set(kept)
        for table in kept:
            # pg_trigger.tgtype: 8 DELETE, 16 UPDATE, 32 TRUNCATE; 2 BEFORE. "O" is on in every ordinary session.
            types = connection.execute(
                "SELECT tgtype::int FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE tgrelid = %s::regclass AND tgenabled = 'O' AND proname = %s",
                [table, f"{table}_refuse"],
            ).fetchall()
            assert all(kind & 2 for (kind,) in types), table
            assert {8, 16, 32} == {bit for (kind,) in types for bit in (8, 16, 32) if kind & bit}, table
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
                connection.execute(f'TRUNCATE "{table}" CASCADE')


def test_a_partner_reads_only_where_a_policy_says_so():
    with owner() as connection:
        open_to_partner = {
            row[0]
            for row in connection.execute(
                "SELECT tablename FROM pg_policies WHERE 'xinqiao_partner' = ANY(roles::text[]) AND cmd = 'SELECT'"
            )
        }
        writable = connection.execute(
            "SELECT count(*) FROM pg_policies WHERE 'xinqiao_partner' = ANY(roles::text[]) AND cmd <> 'SELECT'"
        ).fetchone()[0]
    declared = {m._meta.db_table for m in WALLED if any(isinstance(c, PartnerRead) for c in m._meta.constraints)}
    assert open_to_partner == declared
    assert writable == 0
    assert not {"referrals_referral", "accounts_membership", "families_child"} & open_to_partner

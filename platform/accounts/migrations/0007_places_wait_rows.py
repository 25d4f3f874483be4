"""What a school typed moves into its own rows; an account keeps only what its owner has proved (ADR 0010)."""

from typing import Any

from django.db import migrations
from django.db.models import Count

from accounts.models import place_phone_index
from kernel.pinyin import sort_key
from vault.keyring import GLOBAL_TENANT
from vault.sealed import seal, unseal

BATCH = 500
WALLED = ("accounts_membership", "accounts_department", "vault_tenantkey")
"""Tables whose wall the owner must pass to see the rows of all schools."""


def fill(apps: Any, schema_editor: Any) -> None:
    """The rows of every school, with the walls open to the owner for as long as the migration's transaction lasts."""
    for table in WALLED:
        schema_editor.execute(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
    fill_rows(apps)
    schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
    for table in WALLED:
        schema_editor.execute(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')


def fill_rows(apps: Any) -> None:
    """Sort keys, then the places of all schools. May run twice."""
    department, membership, user = (apps.get_model("accounts", name) for name in ("Department", "Membership", "User"))
    for row in department._base_manager.iterator(chunk_size=BATCH):
        department._base_manager.filter(pk=row.pk).update(sort_key=sort_key(row.name, person=False))
    places = dict(
        membership._base_manager.filter(user__isnull=False)
        .values_list("user_id")
        .annotate(places=Count("pk"))
        .values_list("user_id", "places")
    )
    changed = _own_addresses(apps)
    for row in membership._base_manager.select_related("user").iterator(chunk_size=BATCH):
        values = {"sort_key": sort_key(row.name, person=True)}
        if row.user is not None:
            only = places[row.user_id] == 1
            # Of two schools, which one typed what stands in the account is not known; what its owner typed, no school may see.
            if only and row.user.email and row.user_id not in changed and not row.email:
                values["email"] = row.user.email
            if only and row.user.phone_sealed and not row.user.phone_typed and not row.phone_hash:
                values |= _phone_of(row)
            if is_shell(row.user):
                values |= {"user_id": None, "accepted_at": None}
            elif row.accepted_at is None:
                values["accepted_at"] = max(row.user.last_login or row.created_at, row.created_at)
        membership._base_manager.filter(pk=row.pk).update(**values)
    for row in user._base_manager.filter(pk__in=places).iterator(chunk_size=BATCH):
        if is_shell(row):  # nobody's: the address is free for whoever proves it
            nothing = {"email": None, "full_name": "", "is_active": False}
            user._base_manager.filter(pk=row.pk).update(**nothing)
    user._base_manager.filter(phone_verified=False).update(phone_hash=None, phone_sealed=None)
    user._base_manager.filter(phone_verified=True, phone_hash__isnull=True).update(phone_verified=False)


def is_shell(user: Any) -> bool:
    """An account that a school's typing made and nobody ever opened."""
    opened = user.last_login is not None or not user.password.startswith("!")
    return not (opened or user.is_operator or user.is_staff or user.institution_memberships.exists())


def _own_addresses(apps: Any) -> set[Any]:
    """Accounts whose owner has changed the address: allauth kept a row of it."""
    return set(apps.get_model("account", "EmailAddress")._base_manager.values_list("user_id", flat=True))


def _phone_of(row: Any) -> dict[str, Any]:
    number = unseal(GLOBAL_TENANT, "accounts_user", row.user_id, "phone_sealed", row.user.phone_sealed)
    return {
        "phone_hash": place_phone_index(row.tenant_id, number),
        "phone_sealed": seal(row.tenant_id, "accounts_membership", row.pk, "phone_sealed", number),
    }


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_places_wait"),
        ("account", "0001_initial"),
        ("partners", "0004_places_wait"),
        ("vault", "0001_initial"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]

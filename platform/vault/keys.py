"""The writers of keys."""

from uuid import UUID

from django.db import transaction
from django.db.models import Max

from tenancy.models import Tenant
from tenancy.scope import use_tenant
from vault import cipher, keyring
from vault.models import TenantKey


def create_tenant_key(tenant_id: UUID) -> TenantKey:
    """Give a school a new current key; the one before, if any, still opens what it sealed."""
    with use_tenant(tenant_id), transaction.atomic():
        older = list(TenantKey.objects.select_for_update(no_key=True).filter(state=TenantKey.State.CURRENT))
        for row in older:
            row.state = TenantKey.State.RETIRED
            row.save(update_fields=["state"])
        latest = TenantKey.objects.aggregate(latest=Max("version"))["latest"] or 0
        row = TenantKey(tenant_id=tenant_id, version=latest + 1)
        row.wrapped = keyring.wrap(row, keyring.new_key())
        row.save(force_insert=True)
    # Other processes go on sealing with the older version until they restart: harmless, it still opens.
    transaction.on_commit(lambda: keyring.cache.set_current(tenant_id, row.version))
    return row


def rotate_kek() -> int:
    """Wrap every school's keys with the first of ``settings.VAULT_KEYS``; returns how many were wrapped anew.

    No record is touched and nothing stops. The older key stays in the list until the values of global tables are sealed anew.
    """
    name, _ = keyring.current_outer()
    rewrapped = 0
    for tenant_id in Tenant.objects.order_by("pk").values_list("pk", flat=True):
        with use_tenant(tenant_id), transaction.atomic():
            rows = TenantKey.objects.select_for_update(no_key=True).exclude(state=TenantKey.State.DESTROYED)
            for row in rows.order_by("pk"):
                if cipher.key_version_of(bytes(row.wrapped)) == name:
                    continue
                row.wrapped = keyring.wrap(row, keyring.unwrap(row))
                row.save(update_fields=["wrapped"])
                rewrapped += 1
    return rewrapped

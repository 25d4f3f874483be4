"""A school is born in one act: tenant, key, site, settings' defaults (house §Tenancy)."""

import re

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.actor import Actor, require
from audit import record
from content.schools import create_school_site
from kernel.errors import Conflict, Invalid
from tenancy.hosts import forget
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant
from vault.keys import create_tenant_key

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,30}")
_RESERVED = frozenset({"www", "api", "localhost", "platform", "static", "mail"})


def platform_tenant() -> Tenant:
    """The row that owns the acts of the platform host; made on first call."""
    tenant, made = Tenant.objects.get_or_create(
        kind=TenantKind.PLATFORM,
        defaults={
            "slug": "platform",
            "host": settings.PLATFORM_HOST,
            "name": "心桥",
            "name_en": "Xinqiao",
            "code": "XQ",
        },
    )
    if made:
        forget()
        with use_tenant(tenant.id):
            create_tenant_key(tenant.id)
    return tenant


@transaction.atomic
def create_school(
    *,
    actor: Actor,
    slug: str,
    name: str,
    kind: str,
    code: str,
    name_en: str = "",
    district: str = "",
    duty_phone: str = "",
    duty_hours: str = "",
) -> Tenant:
    """A school with its host ``<slug>.<platform host>``, its vault key and its own Wagtail site.

    Raises Invalid with one row a fault, Conflict ``school_exists``. Everything or nothing.
    """
    require(actor, "school.create")
    faults = []
    if not _SLUG.fullmatch(slug) or slug in _RESERVED:
        faults.append(("slug", "out_of_range", "a–z, 0–9, -"))
    if not name.strip() or len(name) > 80:
        faults.append(("name", "required", ""))
    if kind not in TenantKind.values or kind == TenantKind.PLATFORM:
        faults.append(("kind", "out_of_range", ""))
    if not re.fullmatch(r"[A-Z]{2,4}", code):
        faults.append(("code", "out_of_range", "A–Z"))
    if faults:
        raise Invalid("out_of_range", fields=tuple(faults))
    host = f"{slug}.{settings.PLATFORM_HOST}"
    try:
        with transaction.atomic():
            tenant = Tenant.objects.create(
                slug=slug,
                host=host,
                kind=kind,
                name=name.strip(),
                name_en=name_en,
                code=code,
                district=district,
                duty_phone=duty_phone,
                duty_hours=duty_hours,
            )
    except IntegrityError as error:
        raise Conflict("school_exists") from error
    with use_tenant(tenant.id):
        create_tenant_key(tenant.id)
        create_school_site(tenant=tenant, name=tenant.name, host=host, port=int(settings.BASE_PORT))
    record(actor=actor, action="school.create", object_type="tenancy.tenant", object_id=tenant.id, facts={"kind": kind})
    forget()
    return tenant

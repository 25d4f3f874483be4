"""Work that comes round in every school: one school after another, each in its own scope."""

from collections.abc import Callable

from tenancy.models import Tenant
from tenancy.scope import use_tenant


def in_every_school(act: Callable[[Tenant], object]) -> int:
    """Call ``act`` for each active school with its scope open; how many were visited. ``act`` must be safe to run twice."""
    visited = 0
    for tenant in Tenant.objects.filter(is_active=True).order_by("pk"):
        with use_tenant(tenant.id):
            act(tenant)
            visited += 1
    return visited

"""Says who may sign in on a host: whoever has a place there, or one that waits for their proved address or number."""

from django.http import HttpRequest

from accounts.invitations import waiting_for
from accounts.models import User
from accounts.places import actor_at
from tenancy.models import Tenant


def may_enter(request: HttpRequest, user: User) -> bool:
    """Whether ``user`` has, or awaits, a place on the request's host. False without a host's tenant.

    Who only awaits one is nobody on every page but the one where the place is taken (``ActorMiddleware``).
    """
    tenant: Tenant | None = getattr(request, "tenant", None)
    if tenant is None:
        return False
    return actor_at(tenant, user) is not None or waiting_for(tenant, user) is not None

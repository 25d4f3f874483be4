"""A message to everyone of the school who may do the next step: whoever else may approve what one has drafted."""

from uuid import UUID

from accounts.models import Membership
from accounts.permissions import grants
from kernel.clock import now
from notifications.outbox import enqueue
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


def tell_who_may(permission: str, *, template: str, key: str, link: str, apart_from: UUID | None) -> None:
    """By the days of their membership, today in the school; never to ``apart_from``, who has just done the step before.

    ``key`` becomes one for each of them. Inside the school's scope and the writer's transaction.
    """
    roles = [role for role, permissions in grants().items() if permission in permissions]
    day = Tenant.objects.get(pk=current_tenant_id()).day_of(now())
    for member in (
        Membership.objects.current(day)
        .accepted()
        .filter(roles__overlap=roles)
        .exclude(user_id=apart_from)
        .order_by("pk")
    ):
        enqueue(key=f"{key}/{member.pk}", template=template, to=member, link=link)


def tell_one(user_id: UUID | None, *, template: str, key: str, link: str) -> None:
    """The same to one colleague, while they are a member of the open school."""
    day = Tenant.objects.get(pk=current_tenant_id()).day_of(now())
    for member in Membership.objects.current(day).accepted().filter(user_id=user_id):
        enqueue(key=f"{key}/{member.pk}", template=template, to=member, link=link)

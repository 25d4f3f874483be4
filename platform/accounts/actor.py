"""Who acts: the first argument of every writer (docs/architecture.md §How a write happens)."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.http import HttpRequest

from accounts.permissions import permissions_of
from kernel.errors import Forbidden, NotFound
from tenancy.models import Tenant


class ActorKind(StrEnum):
    """Where the actor stands."""

    MEMBER = "member"
    PARTNER = "partner"
    OPERATOR = "operator"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in one school or one institution, the operator, or the machine itself.

    ``display_name`` is for screens only; it never goes into a log, an address or an error.
    """

    user_id: UUID | None
    tenant_id: UUID | None
    membership_id: UUID | None = None
    roles: frozenset[str] = frozenset()
    institution_id: UUID | None = None
    is_operator: bool = False
    display_name: str = ""
    address: str = ""
    """How a member is greeted (``Membership.address``)."""
    kind: ActorKind = ActorKind.MEMBER

    def may(self, permission: str) -> bool:
        """Whether a role of the actor grants ``permission``. Always for the system actor."""
        return self.kind is ActorKind.SYSTEM or permission in permissions_of(self.roles)

    @property
    def known_user(self) -> UUID:
        """The person's account. NotFound for the machine, which has none."""
        if self.user_id is None:
            raise NotFound
        return self.user_id


SYSTEM: Final = Actor(user_id=None, tenant_id=None, kind=ActorKind.SYSTEM)
"""Timers and drainers. ``system_in(tenant_id)`` gives it a school."""


def system_in(tenant_id: UUID) -> Actor:
    """The machine at work in one school."""
    return replace(SYSTEM, tenant_id=tenant_id)


def require(actor: Actor | None, permission: str) -> Actor:
    """``actor`` when it has ``permission``; Forbidden otherwise. NotFound for nobody: a stranger learns nothing."""
    if actor is None:
        raise NotFound
    if not actor.may(permission):
        raise Forbidden(permission=permission)
    return actor


class ActingRequest(HttpRequest):
    """How a view behind ``accounts.access`` sees its request. For annotations only; nothing is built from it."""

    tenant: Tenant
    on_platform: bool
    actor: Actor


def actor_for(request: HttpRequest) -> Actor:
    """The request's actor. NotFound when nobody who belongs here is signed in."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None:
        raise NotFound
    return actor

"""Finds the place of a signed-in person on the request's host: member of a school, of an institution, operator, or none."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final, Protocol
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.actor import Actor, ActorKind
from accounts.models import Membership, User
from accounts.roles import SECOND_FACTOR_ROLES, PlatformRole
from kernel.clock import local_day, now
from kernel.errors import Forbidden
from registry import contributions
from tenancy.models import Tenant, TenantKind
from tenancy.scope import use_tenant

FACTORS: Final = (Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value)
"""Kinds of second factor that count."""


class SecondFactorNeeded(Forbidden):
    """The person belongs here, but a role of theirs demands a second factor (rules §5) and they have none."""

    code = "second_factor_needed"


@dataclass(frozen=True, slots=True)
class InstitutionPlace:
    """What ``settings.INSTITUTION_OF`` answers for a user: the institution, and which of its two roles."""

    institution_id: UUID
    role: str = PlatformRole.PARTNER_OFFICE
    display_name: str = ""


class InstitutionOf(Protocol):
    """The hook's shape."""

    def __call__(self, user_id: UUID) -> InstitutionPlace | None: ...


@cache
def institution_hook() -> InstitutionOf | None:
    """The function named by ``settings.INSTITUTION_OF``: partners stands above accounts, so it is handed in by name."""
    path: str = getattr(settings, "INSTITUTION_OF", "")
    return import_string(path) if path else None


def actor_at(tenant: Tenant, user: User) -> Actor | None:
    """Who ``user`` is on the host of ``tenant``; None when they do not belong there. One query."""
    if not user.is_active:
        return None
    if tenant.kind == TenantKind.PLATFORM:
        return _on_platform(tenant, user)
    membership = _membership(tenant, user)
    return _member(membership) if membership else None


def _membership(tenant: Tenant, user: User) -> Membership | None:
    """The place that ``user`` has in the school today."""
    with use_tenant(tenant.id):
        membership: Membership | None = Membership.objects.filter(user_id=user.pk).first()
    if membership is None or not membership.is_current(local_day(now(), tenant.time_zone)):
        return None
    return membership


def _member(membership: Membership) -> Actor:
    return Actor(
        user_id=membership.user_id,
        tenant_id=membership.tenant_id,
        membership_id=membership.pk,
        roles=frozenset(membership.roles),
        display_name=membership.name,
        address=membership.address,
    )


def _on_platform(tenant: Tenant, user: User) -> Actor | None:
    if user.is_operator:
        return Actor(
            user_id=user.pk,
            tenant_id=tenant.id,
            roles=frozenset({str(PlatformRole.OPERATOR)}),
            is_operator=True,
            display_name=user.full_name,
            kind=ActorKind.OPERATOR,
        )
    hook = institution_hook()
    place = hook(user.pk) if hook else None
    if place is None:
        return None
    return Actor(
        user_id=user.pk,
        tenant_id=tenant.id,
        roles=frozenset({str(place.role)}),
        institution_id=place.institution_id,
        display_name=place.display_name,
        kind=ActorKind.PARTNER,
    )


def admit(tenant: Tenant, user: User, *, came_in: datetime | None, holds_factor: bool | None = None) -> Actor | None:
    """Who may act on the host of ``tenant`` as ``user``, who signed in or made a key at ``came_in``: what every way in that
    sets ``request.actor`` asks.

    None when they do not belong there, or came in before their place was reopened; SecondFactorNeeded while ``lacks_second_factor``.
    One query, or two: ``holds_factor`` is for a way in that has just asked.
    """
    actor: Actor | None
    if user.is_active and tenant.kind != TenantKind.PLATFORM:
        membership = _membership(tenant, user)
        actor = _member(membership) if membership and membership.is_open_to(came_in) else None
    else:
        actor = actor_at(tenant, user)
    if actor is not None and lacks_second_factor(actor, holds_factor):
        raise SecondFactorNeeded
    return actor


def lacks_second_factor(actor: Actor, holds_factor: bool | None = None) -> bool:
    """Whether a role of the actor demands a second factor and the person has none today, however they came in.

    Asked anew each time: who lays the factor down, or is given the role later, is bound from the next request on.
    """
    if not settings.SECOND_FACTOR_REQUIRED or not actor.roles & SECOND_FACTOR_ROLES:
        return False
    if holds_factor is None:
        holds_factor = Authenticator.objects.filter(user_id=actor.user_id, type__in=FACTORS).exists()
    return not holds_factor


@cache
def _homes() -> tuple[tuple[int, str, str], ...]:
    """``(rank, role, path)`` of every app's ``navigation.HOMES``, in order."""
    rows = [
        (rank, str(role), path)
        for _app, homes in contributions("navigation", "HOMES")
        for role, (rank, path) in homes.items()
    ]
    return tuple(sorted(rows))


def home_of(actor: Actor | None) -> str:
    """The path a person lands on after sign-in (contract §Pages): the first desk that one of their roles opens."""
    if actor is None:
        return "/"
    return next((path for _rank, role, path in _homes() if role in actor.roles), "/my/")

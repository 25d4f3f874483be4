"""Finds the place of a signed-in person on the request's host: member of a school, of an institution, operator, or none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, Protocol
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.module_loading import import_string

from accounts.actor import Actor, ActorKind
from accounts.models import Membership, User
from accounts.roles import SECOND_FACTOR_ROLES, PlatformRole
from accounts.same_person import place_of
from kernel.clock import local_day, now
from kernel.errors import Forbidden
from registry import contributions
from tenancy.messages import Part, Row, know, read, rows_of, send
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
    reopened_at: datetime | None = None


class InstitutionOf(Protocol):
    """The hook's shape: a look at one account, and the same look as part of a message."""

    def __call__(self, user_id: UUID) -> InstitutionPlace | None: ...

    def part(self, whose: str, *params: Any) -> Part:
        """``whose``: SQL of the product that gives the account's id, with its ``params``."""

    def read(self, rows: Sequence[Row]) -> InstitutionPlace | None:
        """What ``part`` answered."""


type Place = Membership | InstitutionPlace | None
"""What a person has on a host: a place in its school; on the platform's host one in an institution; or none."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a door has read together with who came: their place on the host, and whether they hold a second factor."""

    place: Place
    holds_factor: bool


@cache
def institution_hook() -> InstitutionOf | None:
    """What is named by ``settings.INSTITUTION_OF``: partners stands above accounts, so it is handed in by name."""
    path: str = getattr(settings, "INSTITUTION_OF", "")
    return import_string(path) if path else None


def place_part(tenant: Tenant, whose: str, *params: Any) -> Part:
    """Asks for the place of one account on the host of ``tenant``, whose scope is open; ``read_place`` reads the answer.

    ``whose``: SQL of the product that gives the account's id, with its ``params``.
    """
    if tenant.kind != TenantKind.PLATFORM:
        return rows_of(Membership, f"user_id = {whose} ORDER BY id LIMIT 1", *params)
    hook = institution_hook()
    return hook.part(whose, *params) if hook else Part("SELECT WHERE FALSE")


def read_place(tenant: Tenant, rows: Sequence[Row]) -> Place:
    """The place that counts today, or None."""
    if tenant.kind == TenantKind.PLATFORM:
        hook = institution_hook()
        return hook.read(rows) if hook else None
    today = local_day(now(), tenant.time_zone)
    return next((place for place in read(Membership, rows) if place.is_current(today)), None)


def _place(tenant: Tenant, user: User) -> Place:
    with use_tenant(tenant.id):
        place = read_place(tenant, send(place_part(tenant, "%s", user.pk))[0])
        know_reader(place, user)
        return place


def know_reader(place: Place, user: User) -> None:
    """Note who reads, in the open school: who reads a page, or asks by program, is compared with others there."""
    if isinstance(place, Membership):
        know(place, "user", user)
        place_of.know(place, place.pk)


def actor_at(tenant: Tenant, user: User) -> Actor | None:
    """Who ``user`` is on the host of ``tenant``; None when they do not belong there. One query."""
    return _actor(tenant, user, _place(tenant, user)) if user.is_active else None


def _actor(tenant: Tenant, user: User, place: Place) -> Actor | None:
    if tenant.kind == TenantKind.PLATFORM and user.is_operator:
        return _operator(tenant, user)
    match place:
        case Membership():
            return _member(place)
        case InstitutionPlace():
            return _of_institution(tenant, user, place)
        case None:
            return None


def _member(membership: Membership) -> Actor:
    return Actor(
        user_id=membership.user_id,
        tenant_id=membership.tenant_id,
        membership_id=membership.pk,
        roles=frozenset(membership.roles),
        display_name=membership.name,
        address=membership.address,
    )


def _operator(tenant: Tenant, user: User) -> Actor:
    return Actor(
        user_id=user.pk,
        tenant_id=tenant.id,
        roles=frozenset({str(PlatformRole.OPERATOR)}),
        is_operator=True,
        display_name=user.full_name,
        kind=ActorKind.OPERATOR,
    )


def _of_institution(tenant: Tenant, user: User, place: InstitutionPlace) -> Actor:
    return Actor(
        user_id=user.pk,
        tenant_id=tenant.id,
        roles=frozenset({str(place.role)}),
        institution_id=place.institution_id,
        display_name=place.display_name,
        kind=ActorKind.PARTNER,
    )


def admit(tenant: Tenant, user: User, *, came_in: datetime | None, known: Known | None = None) -> Actor | None:
    """Who may act on the host of ``tenant`` as ``user``, who signed in or made a key at ``came_in``: what every way in that
    sets ``request.actor`` asks.

    None when they do not belong there, or came in before their place was reopened; SecondFactorNeeded while ``lacks_second_factor``.
    One query, or two; none for a way in that has just asked and says what is ``known``.
    """
    if not user.is_active:
        return None
    place = known.place if known else _place(tenant, user)
    if place is not None and not is_open_to(place.reopened_at, came_in):
        return None
    actor = _actor(tenant, user, place)
    if actor is not None and lacks_second_factor(actor, known.holds_factor if known else None):
        raise SecondFactorNeeded
    return actor


def is_open_to(reopened_at: datetime | None, came_in: datetime | None) -> bool:
    """Whether somebody who signed in, or a key that was made, at ``came_in`` (UTC) may use a place reopened then.

    None: the moment is not known, so only a place that was never reopened is open.
    """
    return reopened_at is None or (came_in is not None and came_in >= reopened_at)


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

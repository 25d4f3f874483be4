"""The other schools of one person, for that person's own pages alone: neither school learns of the other."""

import time
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from accounts.actor import ActingRequest
from accounts.models import Membership
from kernel.clock import local_day, now
from tenancy.models import Tenant, TenantKind
from tenancy.scope import across_tenants

_SECONDS: Final = 60.0
_MOST: Final = 10_000
"""Accounts that a process remembers."""
_known: dict[UUID, tuple[float, list[Membership]]] = {}


@dataclass(frozen=True, slots=True)
class OtherSchool:
    """Its name is what stands at its own door; ``url`` is where its people have their page."""

    school: Tenant
    url: str


def other_schools(request: ActingRequest) -> list[OtherSchool]:
    """Where the same account has a place that counts today, without the school that is open; nothing is recorded.

    One query, then none for a minute: nothing but a link hangs on it, and the other school's own sign-in looks anew.
    The link carries nothing of where it stood.
    """
    account = request.actor.user_id
    if account is None:
        return []
    moment = now()
    schools = [
        place.tenant
        for place in _places_of(account)
        if place.tenant_id != request.actor.tenant_id
        and place.tenant.kind != TenantKind.PLATFORM
        and place.tenant.is_active
        and place.is_current(local_day(moment, place.tenant.time_zone))
    ]
    return [OtherSchool(school, _home(request, school)) for school in sorted(schools, key=lambda one: one.name)]


def schools_of(account: UUID) -> frozenset[UUID]:
    """Where an account has, or had, a place, as it stands now: for what each of these schools must look at by itself."""
    return frozenset(place.tenant.pk for place in _read(account))


def forget() -> None:
    """Drop what is remembered: between tests."""
    _known.clear()


def _places_of(account: UUID) -> list[Membership]:
    remembered = _known.get(account)
    if remembered and time.monotonic() - remembered[0] < _SECONDS:
        return remembered[1]
    if len(_known) >= _MOST:
        _known.clear()
    places = _read(account)
    _known[account] = (time.monotonic(), places)
    return places


def _read(account: UUID) -> list[Membership]:
    with across_tenants("the other schools of one account, for its owner's own page or to tell each of its number"):
        found = Membership.objects.filter(user_id=account).select_related("tenant")
        return list(found.only("tenant", "active_from", "left_on"))


def _home(request: ActingRequest, school: Tenant) -> str:
    """``/my/`` on its own host, by the port and scheme of this one: a person's own page asks who comes."""
    _host, colon, port = request.get_host().rpartition(":")
    return f"{request.scheme}://{school.host}{colon}{port if colon else ''}/my/"

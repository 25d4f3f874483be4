"""Places at institutions among those that wait for their owner; found by ``accounts.invitations``."""

from typing import Final

from django.db.models import QuerySet

from accounts.invitations import PlaceKind, by_address
from accounts.models import User
from kernel.clock import local_day, now
from partners.members import GONE, INSTITUTION, institution_of
from partners.models import InstitutionMember
from tenancy.models import Tenant, TenantKind


def _waiting(tenant: Tenant) -> QuerySet[InstitutionMember]:
    """Places that wait, on the platform's host only."""
    if tenant.kind != TenantKind.PLATFORM:
        return InstitutionMember.objects.none()
    rows = InstitutionMember.objects.current(local_day(now())).filter(user__isnull=True)
    return rows.exclude(institution__state__in=GONE)


def _held(place: InstitutionMember, user: User) -> bool:
    """Whether the person already acts on the platform, for an institution or as operator: two places there are one too many."""
    return user.is_operator or institution_of(user.pk) is not None


PLACES: Final = {
    INSTITUTION: PlaceKind(
        key=INSTITUTION,
        waiting=_waiting,
        held_by=_held,
        proved_by=lambda tenant, user: by_address(user),  # typed with an address, always, and with no number
        inviter=lambda tenant, place: place.institution.name,
    )
}

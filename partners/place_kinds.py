"""Places at institutions among those that wait for their owner; found by ``accounts.invitations``."""

from typing import Final

from django.db.models import Max, QuerySet

from accounts.invitations import PlaceKind, by_address
from accounts.models import User
from kernel.clock import end_of_day, local_day, now
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


def _give_up_ended(place: InstitutionMember, user: User) -> None:
    """Somebody who had a place and left it: what signed in until then opens the new one as little as in a school.

    A place ends in the middle of a day and says only which; so on that day one more sign-in is asked for.
    """
    today = local_day(now())
    ended = InstitutionMember.objects.filter(user=user, valid_until__lte=today)
    last = ended.aggregate(day=Max("valid_until"))["day"]
    if last is not None:
        place.reopened_at = min(end_of_day(last), now())
        place.save(update_fields=["reopened_at"])


PLACES: Final = {
    INSTITUTION: PlaceKind(
        key=INSTITUTION,
        waiting=_waiting,
        held_by=_held,
        give_up_ended=_give_up_ended,
        proved_by=lambda tenant, user: by_address(user),  # typed with an address, always, and with no number
        inviter=lambda tenant, place: place.institution.name,
    )
}

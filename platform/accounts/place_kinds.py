"""Places in schools among those that wait for their owner; found by ``accounts.invitations``."""

from typing import Final

from django.db.models import Q, QuerySet

from accounts.invitations import PlaceKind, by_address
from accounts.models import Membership, User, place_phone_index
from kernel.clock import end_of_day, local_day, now
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id


def _proved_by(tenant: Tenant, user: User) -> Q:
    """Rows typed with the address that the account has proved; where none was typed, with its proved number.

    A number beside an address proves nothing: one figure typed wrong would hand the place to a stranger.
    """
    number = user.proved_phone()
    by_number = Q(email="", phone_hash=place_phone_index(tenant.id, number)) if number else Q(pk__in=[])
    return by_address(user) | by_number


def _waiting(tenant: Tenant) -> QuerySet[Membership]:
    today = local_day(now(), tenant.time_zone)
    rows: QuerySet[Membership] = Membership.objects.filter(user__isnull=True)
    return rows.exclude(left_on__lt=today)


def _give_up_ended(place: Membership, user: User) -> None:
    """A leaver who is entered anew: the place that is over lets go of the account, the new one takes it.

    What signed in until the last day was over opens the new place as little as it opens one that is taken back.
    """
    zone = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).time_zone
    ended = Membership.objects.filter(user=user, left_on__lt=local_day(now(), zone))
    for last_day in ended.order_by("-left_on").values_list("left_on", flat=True)[:1]:
        place.reopened_at = end_of_day(last_day, zone)
        place.save(update_fields=["reopened_at"])
    ended.update(user=None, accepted_at=None)


PLACES: Final = {
    "member": PlaceKind(
        key="member",
        waiting=_waiting,
        held_by=lambda place, user: Membership.objects.filter(user=user).exists(),
        give_up_ended=_give_up_ended,
        proved_by=_proved_by,
        inviter=lambda tenant, place: tenant.name,
    )
}

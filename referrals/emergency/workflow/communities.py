"""The only writers of where a person lives: the community station that would help at home, and the street if they like."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.clock import now
from kernel.errors import Invalid
from kernel.fold import fold_prose
from referrals.emergency.models import HomeCommunity
from referrals.emergency.selectors import communities_on
from referrals.emergency.workflow.contacts import locked_person
from tenancy.models import Tenant
from tenancy.scope import current_tenant_id

STREET_MAX: Final = 120


@transaction.atomic
def set_community(*, actor: Actor, community_id: UUID, street: str = "") -> HomeCommunity:
    """Keep where the person lives. Invalid ``community_unknown`` for a station the school has no agreement with today."""
    require(actor, "contact.own")
    person = locked_person(actor)
    today = Tenant.objects.only("time_zone").get(pk=current_tenant_id()).today()
    if not communities_on(today).filter(pk=community_id).exists():
        raise Invalid("community_unknown", fields=(("community", "community_unknown", ""),))
    said = fold_prose(street)
    if len(said) > STREET_MAX or "\0" in street:
        raise Invalid("street_long", fields=(("street", "street_long", ""),))
    home = HomeCommunity.objects.filter(person=person).first() or HomeCommunity(person=person)
    home.community_id, home.changed_at, home.street = community_id, now(), said
    home.save()
    record(actor=actor, action="community.set", obj=home, facts={"partner": community_id, "street": bool(said)})
    return home


@transaction.atomic
def forget_community(*, actor: Actor) -> None:
    """The person takes it back; nothing of it stays. May run twice."""
    require(actor, "contact.own")
    person = locked_person(actor)
    home = HomeCommunity.objects.filter(person=person).first()
    if home is None:
        return
    key = home.pk
    home.delete()
    record(actor=actor, action="community.forget", object_type="emergency.homecommunity", object_id=key)

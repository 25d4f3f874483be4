"""Whom a person would like to see: chosen and changed without a reason, and it counts from the next appointment on (books §4)."""

from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.actor import Actor, require
from audit import record
from kernel.errors import NotFound, Refused
from partners.calendars.free import Place
from partners.calendars.resources import places_for
from partners.models import Resource
from referrals.access import access_own_referral
from referrals.models import Referral
from referrals.states import ReferralState
from tenancy.models import Tenant

CHANGEABLE: Final = (
    ReferralState.SUBMITTED,
    ReferralState.APPROVED,
    ReferralState.OFFERED,
    ReferralState.CONFIRMED,
    ReferralState.IN_SERVICE,
)
"""States in which an appointment may still be to come."""


def may_be_chosen(service_id: UUID) -> bool:
    """Whether anybody can be chosen for the service. One query."""
    return Resource.objects.filter(active=True, is_named=True, services=service_id).exists()


def choices_of(referral: Referral) -> list[Place]:
    """Those who can be chosen for the service by their name."""
    return [place for place in places_for([referral.service])[referral.service_id] if place.name]


@transaction.atomic
def choose_counsellor(*, actor: Actor, tenant: Tenant, referral_id: UUID | str, counsellor_id: UUID | None) -> Referral:
    """Somebody else, or anybody with None, from the next appointment on; those that stand stay as they are.

    The same again writes nothing. NotFound for another person's request, and for who cannot be chosen for the service;
    Refused ``nothing_left`` when no appointment is to come any more.
    """
    require(actor, "referral.own")
    seen = access_own_referral(actor, referral_id)
    referral = Referral.objects.select_for_update(no_key=True, of=("self",)).select_related("service").get(pk=seen.pk)
    if referral.state not in CHANGEABLE:
        raise Refused("nothing_left")
    if counsellor_id is not None and counsellor_id not in {place.resource_id for place in choices_of(referral)}:
        raise NotFound
    if referral.counsellor_id != counsellor_id:
        referral.counsellor_id = counsellor_id
        referral.save(update_fields=["counsellor", "changed_at"])
        record(actor=actor, action="referral.counsellor", obj=referral, facts={"anybody": counsellor_id is None})
    return referral
